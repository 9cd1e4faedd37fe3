"""What can go wrong on the way from a picture to its vector, told to the person who asked."""

from os import PathLike


class FeatureError(ValueError):
    """Features cannot be had; the message is one line that says what is wrong and what to do.

    The command line prints it to stderr and exits with 2.
    """


class UnreadableImage(FeatureError):  # noqa: N818  it is what the picture is
    """One picture cannot be read.

    Parameters
    ----------
    path : str or path
        The picture, as the person named it.
    reason : str
        A short reason in plain words, without the path.
    lasting : bool, default=True
        Whether the same bytes will fail again. A missing file or a lack of memory may pass.

    Examples
    --------
    >>> from catnocat.features import UnreadableImage
    >>> print(UnreadableImage("cat.jpg", "the file is empty"))
    cat.jpg: the file is empty
    """

    def __init__(self, path: str | PathLike[str], reason: str, lasting: bool = True) -> None:
        super().__init__(path, reason, lasting)  # the arguments, so that it can be pickled
        self.path = path
        self.reason = reason
        self.lasting = lasting

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def one_line(error: BaseException, limit: int = 200) -> str:
    """Give the first line of an error's message, or its kind when it has none."""
    lines = str(error).strip().splitlines()
    return lines[0].strip()[:limit] if lines else type(error).__name__
