"""The common representation of all data sets."""

import os
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

_OPTIONAL: dict[str, DTypeLike] = {
    "rows": np.int64,
    "split": np.str_,
    "group": np.str_,
    "counts": np.int64,
    "X": np.float32,
    "image_ids": np.int64,
}


@dataclass(frozen=True, eq=False)
class LabelTable:
    """Images and their labels.

    The rows of all arrays, and the entries of `paths` and `images`, follow the source's order.

    Parameters
    ----------
    name : str
        Name of the data set in reports.
    source : str
        The file or folder that was read, as the user named it.
    paths : tuple of str, length n_images
        Absolute paths of the images; images may be missing or unreadable.
    images : tuple of str, length n_images
        The names as the table gives them.
    labels : tuple of str, length n_labels
        The label names, all different.
    Y : array of shape (n_images, n_labels)
        1 if the image has the label, else 0; kept as uint8.
    known : array of bool, shape (n_images, n_labels)
        False if it is unknown whether the image has the label, for example where PASCAL VOC marks
        an object as difficult. `Y` is 0 there.
    rows : array of int, shape (n_images,), optional
        The row of each image in `source`, as an editor counts it; None if the source has no rows,
        like a folder of images.
    split : array of {"train", "test"}, shape (n_images,), optional
        The part of each image, if the data set has an official split.
    group : array of str, shape (n_images,), optional
        Images of one group (a film, a patient) must not be divided between train and test.
    counts : array of int, shape (n_images, n_labels), optional
        Number of objects of each label in each image, if the data set has objects. Difficult
        objects count too, so that an unknown label may have a count.
    X : array of float32, shape (n_images, n_features), optional
        Ready features of a data set without images; `paths` are then empty texts.
    image_ids : array of int, shape (n_images,), optional
        The id of each image in its source, if it has ids, like COCO.
    label_ids : array of int, shape (n_labels,), optional
        The id of each label in its source, if it has ids, like COCO.
    notes : tuple of str
        One line for each deviation from a plain reading that the user should know.
    joiner_known : bool, default=True
        False if the labels of each image were one text and no image has two labels, so that a name
        may be several labels, joined by an unknown character.
    bit_depth : int, optional
        Declared bit depth of images with more than 8 bits; None if it is derived from each file.

    Raises
    ------
    ValueError
        If the arguments are inconsistent.

    Examples
    --------
    >>> table = LabelTable(
    ...     name="pets", source="labels.csv", rows=[2, 3],
    ...     paths=["/p/a.jpg", "/p/b.jpg"], images=["a.jpg", "b.jpg"],
    ...     labels=["cat", "dog"], Y=[[1, 1], [0, 0]], known=[[True, True], [True, True]],
    ... )
    >>> table
    LabelTable('pets': 2 images, 2 labels)
    >>> table.cardinality
    1.0
    >>> table.take([1]).images
    ('b.jpg',)
    """

    name: str
    source: str
    paths: tuple[str, ...]
    images: tuple[str, ...]
    labels: tuple[str, ...]
    Y: NDArray[np.uint8]
    known: NDArray[np.bool_]
    rows: NDArray[np.int64] | None = None
    split: NDArray[np.str_] | None = None
    group: NDArray[np.str_] | None = None
    counts: NDArray[np.int64] | None = None
    X: NDArray[np.float32] | None = None
    image_ids: NDArray[np.int64] | None = None
    label_ids: NDArray[np.int64] | None = None
    notes: tuple[str, ...] = ()
    joiner_known: bool = True
    bit_depth: int | None = None

    def __post_init__(self) -> None:
        for name in ("paths", "images", "labels", "notes"):
            self._set(name, tuple(getattr(self, name)))
        self._set("source", os.fspath(self.source))
        values = np.asarray(self.Y)
        self._set("Y", values.astype(np.uint8, copy=False))
        self._set("known", np.asarray(self.known, dtype=np.bool_))
        for name, dtype in _OPTIONAL.items():
            if getattr(self, name) is not None:
                self._set(name, np.asarray(getattr(self, name), dtype=dtype))
        if self.label_ids is not None:
            self._set("label_ids", np.asarray(self.label_ids, dtype=np.int64))
        self._check(values)

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _check(self, values: NDArray[Any]) -> None:
        n, shape = len(self.images), (len(self.images), len(self.labels))
        for name in ("paths", *_OPTIONAL):
            part = getattr(self, name)
            if part is not None and len(part) != n:
                raise ValueError(f"{name} has {len(part)} entries for {n} images")
        for name in ("Y", "known", "counts"):
            part = getattr(self, name)
            if part is not None and part.shape != shape:
                raise ValueError(f"{name} has shape {part.shape}, not (images, labels) = {shape}")
        if len(set(self.labels)) != len(self.labels) or "" in self.labels:
            raise ValueError("every label needs a name of its own")
        if not np.array_equal(self.Y, values) or self.Y.max(initial=0) > 1:
            raise ValueError("Y must hold 0 and 1 only")
        if np.any(self.known < self.Y):
            raise ValueError("Y must be 0 where a label is unknown")
        if self.counts is not None and np.any((self.counts > 0) != self.Y, where=self.known):
            raise ValueError("counts must be above 0 where, and only where, the label is present")
        if self.label_ids is not None and self.label_ids.shape != shape[1:]:
            raise ValueError(f"label_ids has shape {self.label_ids.shape}, not {shape[1:]}")
        if self.X is not None and self.X.ndim != 2:
            raise ValueError(f"X has shape {self.X.shape}, not (images, features)")
        if self.split is not None and not np.isin(self.split, ("train", "test")).all():
            raise ValueError("split must hold 'train' and 'test' only")

    def __repr__(self) -> str:
        """Return a description in one line."""
        return f"LabelTable({self.name!r}: {self.n_images} images, {self.n_labels} labels)"

    @property
    def n_images(self) -> int:
        """Number of images."""
        return len(self.images)

    @property
    def n_labels(self) -> int:
        """Number of labels."""
        return len(self.labels)

    @property
    def cardinality(self) -> float:
        """Mean number of labels per image."""
        return float(self.Y.sum() / max(self.n_images, 1))

    @property
    def prevalence(self) -> NDArray[np.float64]:
        """Share of the images with each label among those where it is known, shape (n_labels,)."""
        answered = self.known.sum(axis=0)
        return np.asarray(self.Y.sum(axis=0) / np.maximum(answered, 1), dtype=np.float64)

    def take(self, rows: ArrayLike) -> "LabelTable":
        """Return a table of some of the images, in the given order.

        Parameters
        ----------
        rows : array of int, or of bool with shape (n_images,)
            Positions in this table, or a mask.

        Returns
        -------
        LabelTable
            With all labels, also those without a remaining image.
        """
        # arange resolves masks and negative positions like NumPy.
        chosen = np.arange(self.n_images)[_positions(rows)]
        parts: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in ("paths", "images"):
                parts[field.name] = [value[i] for i in chosen.tolist()]
            elif isinstance(value, np.ndarray) and field.name != "label_ids":
                parts[field.name] = value[chosen]
        return replace(self, **parts)

    def take_labels(self, columns: ArrayLike) -> "LabelTable":
        """Return a table with some of the labels, in the given order, and all images.

        Parameters
        ----------
        columns : array of int, or of bool with shape (n_labels,)

        Returns
        -------
        LabelTable
        """
        chosen = np.arange(self.n_labels)[_positions(columns)]
        return replace(
            self,
            labels=tuple(self.labels[j] for j in chosen.tolist()),
            Y=self.Y[:, chosen],
            known=self.known[:, chosen],
            counts=None if self.counts is None else self.counts[:, chosen],
            label_ids=None if self.label_ids is None else self.label_ids[chosen],
        )

    def where(self, position: SupportsIndex) -> str:
        """Return the file and the row of an image, for messages.

        Examples
        --------
        >>> table = LabelTable("t", "labels.csv", ["/a.jpg"], ["a.jpg"], ["cat"], [[1]], [[1]], [2])
        >>> f"{table.where(0)}: {table.images[0]}: no such file"
        'labels.csv row 2: a.jpg: no such file'
        """
        return self.source if self.rows is None else f"{self.source} row {self.rows[position]}"

    @property
    def folder(self) -> Path:
        """Folder that image names are relative to."""
        source = Path(self.source).absolute()
        return source if source.is_dir() else source.parent


def _positions(rows: ArrayLike) -> NDArray[Any]:
    positions = np.asarray(rows)
    return positions if positions.size else positions.astype(np.intp)
