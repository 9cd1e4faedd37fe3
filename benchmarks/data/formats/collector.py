"""Collect the images of an export one by one, and build a LabelTable."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...utils import InputError
from ..tables import LabelTable, check_label_length, check_label_matrix, shown
from .build import build_table
from .source import Source, part_of


@dataclass
class _Image:
    """The entry of one image in an export."""

    where: str
    name: str
    labels: dict[str, int]
    part: str
    group: str
    unknown: set[str] = field(default_factory=set)


class LabelCollector:
    """Collector of the images and labels of an export.

    Parameters
    ----------
    source : Source
        The export; images are searched below its root.
    labels : sequence of str
        The labels that the export declares, in their order. Without any, the labels are those that
        occur, sorted by name.
    merge : bool
        Whether an image may be listed several times; its labels are then merged. Otherwise the
        second entry is refused.
    counted : bool
        Whether repeated labels of an image are counted as objects.
    """

    def __init__(
        self,
        source: Source,
        labels: Sequence[str] = (),
        *,
        merge: bool = False,
        counted: bool = False,
    ):
        self.source = source
        self.declared = list(dict.fromkeys(label.strip() for label in labels))
        self.merge = merge
        self.counted = counted
        self._images: dict[str, _Image] = {}
        self._missing: list[_Image] = []

    def __len__(self) -> int:
        return len(self._images)

    def add(
        self,
        where: str,
        reference: object,
        labels: Iterable[object],
        *,
        part: str = "",
        near: str = "",
        group: str = "",
        unknown: Iterable[str] = (),
    ) -> None:
        """Add one image.

        Parameters
        ----------
        where : str
            The file and the place in it, for messages.
        reference : object
            The image as the export names it.
        labels : iterable of str
            Its labels; a label may occur once per object.
        part : str
            The part of the data set, in the export's own word.
        near : str
            The sub-folder in which the image is expected.
        group : str
            The group (film, patient, place) of the image.
        unknown : iterable of str
            Labels that are neither present nor absent.

        Raises
        ------
        InputError
            If the reference is no text, a label is no text, or the image was added before.
        """
        if not isinstance(reference, str) or not reference.strip():
            raise InputError(f"{where}: no image; found {shown(reference)} instead of its name")
        found = self.source.images.find(reference, near=near)
        name = found or reference
        image = _Image(where, name, _counts(where, labels), part_of(part), group, set(unknown))
        earlier = self._images.get(name)
        if earlier is None:
            self._images[name] = image
            if found is None:
                self._missing.append(image)
            return
        if not self.merge:
            raise InputError(
                f"{where}: image {shown(reference)} is listed before, in {earlier.where}; "
                "keep one of the entries"
            )
        for label, count in image.labels.items():
            earlier.labels[label] = max(count, earlier.labels.get(label, 0))
        earlier.unknown |= image.unknown

    def table(self, name: str = "") -> LabelTable:
        """Return the table of all images added.

        Raises
        ------
        InputError
            If there is no image, no label, or none of the images exists.
        """
        images = list(self._images.values())
        path, root = self.source.path, self.source.root
        if not images:
            raise InputError(f"{path}: no labelled image in it; was the export empty?")
        if len(self._missing) == len(images):
            first = shown(images[0].name)
            raise InputError(
                f"{path}: none of its {len(images)} images is below {root} (the first is {first}); "
                "put the images next to the export"
            )
        labels = self._labels(images)
        check_label_matrix(
            path, len(images), len(labels), sum(len(image.labels) for image in images)
        )
        column = {label: j for j, label in enumerate(labels)}
        counts = np.zeros((len(images), len(labels)), dtype=np.int64 if self.counted else np.uint8)
        known = np.ones(counts.shape, dtype=np.bool_)
        for i, image in enumerate(images):
            for label, count in image.labels.items():
                counts[i, column[label]] = count if self.counted else 1
            known[i, [column[label] for label in image.unknown]] = False
        present = (counts > 0) & known
        if not present.any():
            raise InputError(
                f"{path}: no label on any of its {len(images)} images; were they annotated?"
            )
        parts = [image.part for image in images]
        groups = [image.group for image in images]
        more = {} if not self.counted else {"counts": np.where(known, counts, 0)}
        return build_table(
            root,
            [image.name for image in images],
            labels,
            present,
            name=name or root.absolute().name,
            parts=parts if all(parts) else None,
            known=known,
            source=str(path),
            group=np.array(groups) if all(groups) else None,
            **more,
        )

    def _labels(self, images: Sequence[_Image]) -> list[str]:
        found = set().union(*(image.labels.keys() | image.unknown for image in images))
        extra = sorted(found.difference(self.declared))
        if not self.declared and not extra:
            raise InputError(
                f"{self.source.path}: no label on any of its {len(images)} images; were they "
                "annotated?"
            )
        return [*self.declared, *extra]


def _counts(where: str, labels: Iterable[object]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for label in labels:
        if not isinstance(label, str):
            raise InputError(f"{where}: label {shown(label)} is not a text")
        plain = label.strip()
        check_label_length(where, plain)
        if not plain:
            raise InputError(f"{where}: an empty label; remove it or give it a name")
        counts[plain] = counts.get(plain, 0) + 1
    return counts
