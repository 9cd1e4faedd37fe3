"""Turning the image column into paths."""

import os
from pathlib import Path

from ..errors import InputError
from .records import Records, shown


def read_images(records: Records, column: str) -> tuple[list[str], list[str]]:
    """Give the image names and their absolute paths.

    A missing picture is no error here, since whoever reads the pictures lists it; a table none of
    whose pictures exists is one.

    Raises
    ------
    InputError
        If a cell names no file, two rows name the same one, or none of the files exists.
    """
    images = list(records.columns[column])
    folder = Path(records.source).absolute().parent
    _check_names(records, images)
    paths = _below(folder, images)
    if not any(map(os.path.exists, paths)):
        first = paths[0]
        images = [image.replace("\\", "/") for image in images]  # as written on Windows
        paths = _below(folder, images)
        if not any(map(os.path.exists, paths)):
            raise InputError(
                f"{records.source}: none of the {len(paths)} pictures exists, first tried "
                f"{first!r}; paths are relative to the table's folder"
            )
    _check_twice(records, paths)
    return images, paths


def _below(folder: Path, images: list[str]) -> list[str]:
    # os.path, not pathlib: a million paths in a second instead of in ten.
    return [os.path.join(folder, image) for image in images]  # noqa: PTH118


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


def _check_twice(records: Records, paths: list[str]) -> None:
    # Only odd spellings are worth the time to be put straight.
    keys = [os.path.normpath(path) if "./" in path or "//" in path else path for path in paths]
    if len(set(keys)) == len(keys):
        return
    first: dict[str, int] = {}
    for i, key in enumerate(keys):
        if key in first:
            other = records.rows[first[key]]
            image = shown(records.columns["image"][i])
            records.refuse(i, f"image {image} stands already in row {other}; keep one of the rows")
        first[key] = i
