"""Looking at the small images of candidate pairs, as few as will do."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ....features import UnreadableImage, read_thumbnail
from .neighbors import NeighborPairs
from .registration import Keypoints, agreement, find_keypoints

AGREEMENT = 0.6
"""Least share of blocks that agree.

Of coco18's photographs, pairs of different scenes stay below 0.5.
"""

SIDE = 128

_MIN_PAIRS = 150
_SHARE = 0.1
_CONFIRMED = 0.03
_MAX_PAIRS = 20_000
_PAIRS_PER_IMAGE = 2
_NULL_PAIRS = 60
_KEPT = 1500
_MIN_CONFIRMED = 10

Same = Callable[[int, int], bool]


def confirmed_pairs(
    paths: Sequence[str],
    pairs: NeighborPairs,
    same: Same,
    same_labels: Same,
    threads: int,
) -> tuple[list[tuple[int, int, float]], int, int]:
    """Return the candidate pairs whose small images agree once they are registered.

    The most suspicious candidates are looked at first: as many as a tenth of the images, then on as
    long as at least 3 in 100 are confirmed. Pairs that are linked already are left out.

    Parameters
    ----------
    paths : sequence of str
    pairs : NeighborPairs
    same, same_labels : callable
        Return whether two rows are linked already, and whether they carry the same labels.
    threads : int

    Returns
    -------
    list of (int, int, float)
        Rows and the share of blocks that agree.
    int
        How many pairs were looked at.
    int
        How many pairs share only their background: versions of an image have its labels. Where most
        of the pairs that agree carry different labels, none of them counts.
    """
    confirmed: list[tuple[int, int, float]] = []
    compared = 0
    block = max(_MIN_PAIRS, int(_SHARE * len(paths)))
    threshold = None
    with ThreadPoolExecutor(threads) as pool:
        images = _SmallImages(paths, pool)
        candidates = zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
        left = list(candidates)[: min(_MAX_PAIRS, _PAIRS_PER_IMAGE * len(paths))]
        while left:
            chosen, left = left[:block], left[block:]
            chosen = [pair for pair in chosen if not same(*pair)]
            if not chosen:
                continue
            images.read(row for pair in chosen for row in pair)
            if threshold is None:
                threshold = _threshold(images, chosen)
            compared += sum(map(images.are_readable, chosen))
            found = 0
            for (a, b), score in zip(chosen, pool.map(images.agreement, chosen), strict=True):
                if score >= threshold:
                    found += 1
                    confirmed.append((a, b, round(score, 4)))
            agreeing = sum(same_labels(a, b) for a, b, _ in confirmed)
            if len(confirmed) >= _MIN_CONFIRMED and agreeing < len(confirmed) / 2:
                return [], compared, len(confirmed)
            if found < _CONFIRMED * len(chosen):
                break
            block = max(_MIN_PAIRS, int(_SHARE / 2 * len(paths)))
    return confirmed, compared, 0


def _threshold(images: "_SmallImages", pairs: Sequence[tuple[int, int]]) -> float:
    """Return the agreement that counts in this data set: more than unrelated images show.

    Forms, products before one background and shots of one fixed camera share much of their
    layout, and pairs that are put together by chance show how much.
    """
    shift = len(pairs) // 2
    mixed = [(a, pairs[(place + shift) % len(pairs)][1]) for place, (a, _) in enumerate(pairs)][
        :: max(1, len(pairs) // _NULL_PAIRS)
    ]
    apart = [(a, b) for a, b in mixed if a != b and (a, b) not in pairs and (b, a) not in pairs]
    if len(apart) < 10:
        return AGREEMENT
    usual = float(np.quantile([images.agreement(pair) for pair in apart], 0.9))
    return max(AGREEMENT, (1 + usual) / 2)


class _SmallImages:
    """Corners of images, read once as long as they are near in time."""

    def __init__(self, paths: Sequence[str], pool: ThreadPoolExecutor) -> None:
        self._paths = paths
        self._pool = pool
        self._known: dict[int, Keypoints | None] = {}

    def read(self, rows: Iterable[int]) -> None:
        wanted = dict.fromkeys(rows)
        if len(self._known) > _KEPT:
            self._known = {row: self._known[row] for row in wanted if row in self._known}
        missing = [row for row in wanted if row not in self._known]
        self._known |= zip(missing, self._pool.map(self._keypoints, missing), strict=True)

    def are_readable(self, pair: tuple[int, int]) -> bool:
        return all(self._known[row] is not None for row in pair)

    def agreement(self, pair: tuple[int, int]) -> float:
        a, b = (self._known[row] for row in pair)
        return 0.0 if a is None or b is None else agreement(a, b)

    def _keypoints(self, row: int) -> Keypoints | None:
        try:
            return find_keypoints(read_thumbnail(self._paths[row], SIDE))
        except UnreadableImage:
            return None
