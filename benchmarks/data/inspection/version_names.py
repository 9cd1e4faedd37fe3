"""Find versions of one image by their file names.

Export tools and augmentation libraries keep the original's name: Roboflow writes
``NAME_jpg.rf.HASH.jpg``, Augmentor ``FOLDER_original_NAME.jpg_UUID.jpg``, scripts ``NAME_aug1.jpg``
or ``NAME_flipped.jpg``. Frames of a film are numbered.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from ..tables import split_parts

_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")
_ROBOFLOW = re.compile(r"^(?P<name>.+)\.rf\.[0-9A-Za-z_-]{8,}$")
_AUGMENTOR = re.compile(r"^.*_original_(?P<name>.+)_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_MARKED = re.compile(
    r"^(?P<name>.*[^_\-. ])[_\-. ]+(?:aug|augmented|augmentation)[_\-. ]?\d*$", re.I
)
_NUMBERED_FIRST = re.compile(r"^(?:aug|augmented)[_\-. ]?\d+[_\-. ]+(?P<name>.+)$", re.I)
_CHANGED = re.compile(
    r"^(?P<name>.*[^_\-. ])[_\-. ]+(?:copy|[hv]?flip(?:ped)?|mirror(?:ed)?|rot(?:ate[d]?)?[_\-]?\d*"
    r"|crop(?:ped)?|blur(?:red)?|bright(?:er|ness)?|dark(?:er)?|noise|noisy|gray|grey|resized"
    r"|contrast|hue|jpeg|jpg)[_\-. ]?\d*$",
    re.I,
)
_FRAME = re.compile(r"^(?P<name>.*?)(?P<number>\d{1,9})$")
_PARTS = frozenset(split_parts(())) | {"images", "train", "test", "val", "valid", "validation"}


def version_groups(images: Sequence[str]) -> list[list[int]]:
    """Return groups of rows whose names are those of versions of one image.

    Names such as ``tree_crop.jpg`` count only where ``tree.jpg`` is there as well, or another
    version of it. The folder is part of the name, but for folders of a split.

    Examples
    --------
    >>> version_groups(["train/a_jpg.rf.0123456789ab.jpg", "test/a_jpg.rf.ba9876543210.jpg"])
    [[0, 1]]
    >>> version_groups(["tree.png", "tree_flipped.png", "house_crop.png", "tree (1).png"])
    [[0, 1]]
    """
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, image in enumerate(images):
        folder, stem = _folder_and_stem(image)
        rows[folder, _original(stem)].append(row)
    return [group for group in rows.values() if len(group) > 1 and _differ(images, group)]


def frame_sequences(images: Sequence[str], least: int = 8) -> list[list[int]]:
    """Return runs of rows whose names count up by the same step, as frames of a film do.

    A run is no proof: photographs of a camera are numbered too. Callers compare the images.

    Parameters
    ----------
    images : sequence of str
    least : int
        Fewest images that share the rest of their name.

    Examples
    --------
    >>> frame_sequences([f"street_{number:04}.jpg" for number in range(0, 100, 10)])
    [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]
    """
    numbered: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for row, image in enumerate(images):
        folder, stem = _folder_and_stem(image)
        if match := _FRAME.match(stem):
            numbered[folder, match["name"]].append((int(match["number"]), row))
    return [
        [row for _, row in sorted(entries)]
        for entries in numbered.values()
        if len(entries) >= least
    ]


def _folder_and_stem(image: str) -> tuple[str, str]:
    *folders, name = image.replace("\\", "/").split("/")
    kept = [folder for folder in folders if folder.lower() not in _PARTS]
    return "/".join(kept), _SUFFIX.sub("", name)


def _original(stem: str) -> str:
    for pattern in (_ROBOFLOW, _AUGMENTOR):
        if match := pattern.match(stem):
            return _SUFFIX.sub("", match["name"])
    while match := (_MARKED.match(stem) or _NUMBERED_FIRST.match(stem) or _CHANGED.match(stem)):
        stem = match["name"]
    return stem


def _differ(images: Sequence[str], group: list[int]) -> bool:
    """Return whether names differ by more than their suffix or the folder of their split."""
    return len({_folder_and_stem(images[row])[1] for row in group}) > 1
