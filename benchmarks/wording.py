"""How figures are written in sentences and tables."""


def signed(value: float, digits: int = 3) -> str:
    """Write a difference with its sign, and without one where nothing is left of it.

    Examples
    --------
    >>> signed(0.0312), signed(-0.25, 2), signed(-0.0001)
    ('+0.031', '-0.25', '0.000')
    """
    text = f"{value:+.{digits}f}"
    return text if text.strip("+-0.") else text[1:]


def counted(many: int, thing: str) -> str:
    """Write how many there are of something.

    Examples
    --------
    >>> counted(1, "label"), counted(1200, "picture")
    ('1 label', '1,200 pictures')
    """
    return f"{many:,} {thing}{'' if many == 1 else 's'}"
