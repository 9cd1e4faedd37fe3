"""A small picture as an address that needs no file."""

import base64
from io import BytesIO


def thumbnail(path: str, side: int, quality: int = 72) -> str:
    """Make a small JPEG that lies in the page itself.

    Parameters
    ----------
    path : str
    side : int
        Pixels of the longer side, at most.
    quality : int
        Of the JPEG.

    Returns
    -------
    str
        Empty where the picture cannot be read: it may have gone since.

    Examples
    --------
    >>> thumbnail("gone.jpg", 160)
    ''
    """
    from ...features import UnreadableImage, read_image  # late: they import NumPy and Pillow

    try:
        image = read_image(path)
    except UnreadableImage:
        return ""
    image.thumbnail((side, side))
    content = BytesIO()
    image.save(content, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode()
