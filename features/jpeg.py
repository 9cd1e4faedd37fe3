"""JPEG in half of Pillow's time, where simplejpeg is installed: the same pixels, or none.

Both are libjpeg-turbo inside. What simplejpeg is not sure of is left to Pillow, which alone decides
whether a picture is whole.
"""

import numpy as np
from PIL import Image

try:
    import simplejpeg
except ImportError:
    simplejpeg = None

#: Name and version for the recipe, or None.
NAME = None
if simplejpeg is not None:
    NAME = "simplejpeg-" + ".".join(simplejpeg.__version__.split(".")[:2])


def decode_jpeg(data: bytes, opened: Image.Image) -> Image.Image | None:
    """Decode a JPEG file's bytes; None is for everything that Pillow should look at.

    Parameters
    ----------
    data : bytes
    opened : PIL.Image.Image
        The same bytes, of which Pillow has read the header.
    """
    if simplejpeg is None or opened.format not in ("JPEG", "MPO"):
        return None
    colours = {"RGB": "RGB", "L": "GRAY"}.get(opened.mode)
    if colours is None:  # ink: Pillow knows whose programs write it inverted
        return None
    try:
        # Strict: whatever libjpeg would patch up in silence is an error.
        pixels: np.ndarray = simplejpeg.decode_jpeg(data, colours, strict=True)
    except ValueError:
        return None
    if pixels.shape[:2] != (opened.height, opened.width):
        return None
    return Image.fromarray(pixels[:, :, 0] if colours == "GRAY" else pixels)
