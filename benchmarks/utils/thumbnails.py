"""Thumbnails embedded into HTML pages."""

import base64
from io import BytesIO


def thumbnail_data_uri(path: str, side: int, quality: int = 72) -> str:
    """Return a small JPEG of an image as a data URI.

    Parameters
    ----------
    path : str
    side : int
        Maximum of width and height, in pixels.
    quality : int
        JPEG quality.

    Returns
    -------
    str
        Empty if the image cannot be read, for example because it was deleted meanwhile.

    Examples
    --------
    >>> thumbnail_data_uri("gone.jpg", 160)
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
