"""Build a LabelTable from the content of any format, with common checks."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...utils import InputError
from ..tables import LabelTable, check_label_length, find_as_written, shown, split_parts


def build_table(
    root: Path,
    images: Sequence[str],
    labels: Sequence[str],
    Y: ArrayLike,
    *,
    name: str = "",
    parts: Sequence[str] | None = None,
    known: NDArray[np.bool_] | None = None,
    **more: Any,
) -> LabelTable:
    """Build the table of images below one folder.

    Parameters
    ----------
    root : Path
        Folder that image names are relative to; also the source of the table.
    images : sequence of str
    labels : sequence of str
    Y : array of shape (n_images, n_labels)
    name : str
        By default that of the folder.
    parts : sequence of str, optional
        The part of each image, by one of the usual names.
    known : array of bool, shape (n_images, n_labels), optional
        By default all are known.
    **more
        Further fields of the table.

    Raises
    ------
    InputError
        If there are no images, no labels, or none of the images exists.
    """
    if not images:
        raise InputError(f"{root}: no image is listed there; is it the right folder?")
    nul = next((image for image in images if "\0" in image), None)
    if nul is not None:
        raise InputError(f"{root}: image {shown(nul)} holds a NUL character; is a file damaged?")
    check_labels(str(root), labels)
    folder = root.absolute()
    found = find_as_written(folder, images)
    if not found.exist:
        raise InputError(
            f"{root}: none of the {len(found.paths)} images exists, first tried "
            f"{os.path.join(folder, images[0])!r}"  # noqa: PTH118
        )
    values = np.asarray(Y, dtype=np.uint8)
    fields = {"source": str(root)} | more
    if found.notes:
        fields["notes"] = (*more.get("notes", ()), *(f"{root}: {note}" for note in found.notes))
    return LabelTable(
        name=name or folder.name,
        paths=tuple(found.paths),
        images=tuple(found.images),
        labels=tuple(labels),
        Y=values,
        known=np.ones(values.shape, dtype=np.bool_) if known is None else known,
        split=None if parts is None else split_of(parts),
        **fields,
    )


def check_labels(source: str, labels: Sequence[str]) -> None:
    """Refuse label names that a table cannot contain.

    Raises
    ------
    InputError
        If there is no label, or a name is empty, repeated or contains ``|``.
    """
    if not labels:
        raise InputError(f"{source}: no label is listed there")
    for label in labels:
        check_label_length(source, label)
        half = any("\ud800" <= character <= "\udfff" for character in label)
        if not label or label != label.strip() or "|" in label or half:
            raise InputError(
                f"{source}: {shown(label)} cannot be a label; "
                "it needs a text in Unicode without '|' and end spaces"
            )
    if len(set(labels)) != len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise InputError(f"{source}: two labels are called {shown(twice)}; rename one of them")


def split_of(parts: Sequence[str]) -> NDArray[np.str_] | None:
    """Return the split of the parts; None if there is no training or no test image.

    Examples
    --------
    >>> split_of(["train", "val"]).tolist(), split_of(["train", "trainval"])
    (['train', 'test'], None)
    """
    sides = split_parts(parts)
    split = np.array([sides[part] for part in parts])
    return split if len(set(split.tolist())) == 2 else None
