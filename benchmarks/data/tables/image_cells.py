"""Turning the image column into paths."""

import os
from pathlib import Path

from .find_images import find_images
from .reading_options import TableOptions
from .records import Records, shown


def read_images(
    records: Records, column: str, options: TableOptions | None = None
) -> tuple[list[str], list[str]]:
    """Return the image names and their absolute paths.

    A missing image is no error here, since it is listed when the images are read; a table none of
    whose images exists is one.

    Raises
    ------
    InputError
        If a cell names no file, two rows name the same one, or none of the files exists.
    """
    options = options or TableOptions()
    images = list(records.columns[column])
    _check_names(records, images)
    root = options.image_root
    folder = Path(records.source).absolute().parent if root is None else Path(root)
    found = find_images(records.source, folder, images, options.image_suffix)
    for note in found.notes:
        records.note(note)
    _check_twice(records, column, found.paths)
    return found.images, found.paths


def _check_names(records: Records, images: list[object]) -> None:
    for i, image in enumerate(images):
        if not isinstance(image, str):
            if image is None:
                records.refuse(i, "no image; write the path of the picture")
            records.refuse(i, f"image {shown(image)} is not a text; write the path of the picture")
        if not image or image.isspace():
            records.refuse(i, "no image; write the path of the picture")
        if "://" in image:
            records.refuse(
                i, f"image {shown(image)} is an address; download the picture and write its path"
            )
        if "\0" in image:
            records.refuse(i, f"image {shown(image)} holds a NUL character; write its path")


def _check_twice(records: Records, column: str, paths: list[str]) -> None:
    # Only odd spellings are worth the time to be put straight.
    keys = [os.path.normpath(path) if "./" in path or "//" in path else path for path in paths]
    if len(set(keys)) == len(keys):
        return
    first: dict[str, int] = {}
    for i, key in enumerate(keys):
        if key in first:
            other = records.rows[first[key]]
            image = shown(records.columns[column][i])
            records.refuse(i, f"image {image} stands already in row {other}; keep one of the rows")
        first[key] = i
