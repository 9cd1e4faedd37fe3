"""From a place in the upright picture to the same place as the file stores it."""

from os import PathLike

from PIL import ExifTags, Image

# x and y of the stored picture, of x and y in an upright one of width w and height h.
_STORED = {
    1: lambda x, y, w, h: (x, y),
    2: lambda x, y, w, h: (w - x, y),
    3: lambda x, y, w, h: (w - x, h - y),
    4: lambda x, y, w, h: (x, h - y),
    5: lambda x, y, w, h: (y, x),
    6: lambda x, y, w, h: (y, w - x),
    7: lambda x, y, w, h: (h - y, w - x),
    8: lambda x, y, w, h: (h - y, x),
}


def orientation_of(path: str | PathLike[str]) -> int:
    """Give the EXIF orientation of a file, 1 where it says none."""
    try:
        with Image.open(path) as image:
            return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken notes about a picture; who reads the picture says what else is
        return 1


def stored_place(
    peak: tuple[float, float], size: tuple[int, int], orientation: int
) -> tuple[float, float]:
    """Give a place as a program sees it that does not turn the picture.

    Parameters
    ----------
    peak : tuple of float
        x and y in the upright picture.
    size : tuple of int
        Width and height of the upright picture.
    orientation : int
        As EXIF has it, 1 to 8.

    Examples
    --------
    >>> stored_place((10.0, 20.0), (300, 400), 6)  # taken with the telephone upright
    (20.0, 290.0)
    """
    return _STORED.get(orientation, _STORED[1])(*peak, *size)
