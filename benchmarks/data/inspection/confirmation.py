"""Confirm candidate pairs by registering small images, as few as possible."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ....features import UnreadableImage, read_image, read_thumbnail
from .neighbors import NeighborPairs
from .registration import Keypoints, agreement, best_registration, colour_agreement, find_keypoints

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
_MIN_LABEL_SET = 20
_SATURATED = 0.85
_SATURATED_ALIKE = 0.97
_COLOURS = 0.65
"""Least agreement of colours; 99 % of the versions of coco18's photographs reach it."""
_MIN_CONFIRMED = 10

Same = Callable[[int, int], bool]


def confirmed_pairs(
    paths: Sequence[str],
    pairs: NeighborPairs,
    same: Same,
    label_sets: Sequence[int],
    threads: int,
) -> tuple[list[tuple[int, int, float]], int, int]:
    """Return the candidate pairs whose small images agree once they are registered.

    Candidates are compared in the given order: first a tenth as many as images, then more while 3 %
    of them are confirmed. Pairs that are linked already are left out.

    Parameters
    ----------
    paths : sequence of str
    pairs : NeighborPairs
    same : callable
        Returns whether two rows are linked already.
    label_sets : sequence of int
        The number of the label set of each row.
    threads : int

    Returns
    -------
    list of (int, int, float)
        Rows and the share of blocks that agree.
    int
        Number of pairs compared.
    int
        Number of pairs that share only their background. Versions of an image have its labels; if
        most of the confirmed pairs have different labels, none of them counts.
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
                threshold = _threshold(images, chosen, label_sets)
            compared += sum(map(images.are_readable, chosen))
            found = 0
            for (a, b), score in zip(chosen, pool.map(images.agreement, chosen), strict=True):
                if score >= threshold and images.share_colours((a, b)):
                    found += 1
                    confirmed.append((a, b, round(score, 4)))
            agreeing = sum(label_sets[a] == label_sets[b] for a, b, _ in confirmed)
            if len(confirmed) >= _MIN_CONFIRMED and agreeing < len(confirmed) / 2:
                return [], compared, len(confirmed)
            if found < _CONFIRMED * len(chosen):
                break
            block = max(_MIN_PAIRS, int(_SHARE / 2 * len(paths)))
    return confirmed, compared, 0


def _threshold(
    images: "_SmallImages", pairs: Sequence[tuple[int, int]], label_sets: Sequence[int]
) -> float:
    """Return the agreement that links images of this data set: more than that of unrelated images.

    Pages of one form, products before one background and frames of a fixed camera share much of
    their layout. Random pairs, and random pairs with the same labels, show how much. If these agree
    almost completely, the result is infinity: small images cannot distinguish versions from others.
    """
    random = _usual_agreement(images, pairs, _shuffled(pairs))
    alike = _usual_agreement(images, pairs, _with_same_labels(label_sets))
    if random >= _SATURATED or alike >= _SATURATED_ALIKE:
        return np.inf
    return max(AGREEMENT, (1 + max(random, alike)) / 2)


def _usual_agreement(
    images: "_SmallImages",
    candidates: Sequence[tuple[int, int]],
    pairs: Sequence[tuple[int, int]],
) -> float:
    """Return the agreement that a tenth of some pairs reach; 0 if there are too few pairs."""
    known = {frozenset(pair) for pair in candidates}
    apart = [pair for pair in pairs if pair[0] != pair[1] and frozenset(pair) not in known]
    apart = apart[:: max(1, len(apart) // _NULL_PAIRS)]
    if len(apart) < 10:
        return 0.0
    images.read(row for pair in apart for row in pair)
    return float(np.quantile([images.agreement(pair) for pair in apart], 0.9))


def _shuffled(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    shift = len(pairs) // 2
    return [(a, pairs[(place + shift) % len(pairs)][1]) for place, (a, _) in enumerate(pairs)]


def _with_same_labels(label_sets: Sequence[int]) -> list[tuple[int, int]]:
    """Return random pairs with the same labels, of label sets with many images.

    The images of a small label set may all be versions of one image.
    """
    numbers, counts = np.unique(label_sets, return_counts=True)
    rng = np.random.default_rng(0)
    pairs: list[tuple[int, int]] = []
    for number in numbers[counts >= _MIN_LABEL_SET]:
        rows = rng.permutation(np.flatnonzero(np.asarray(label_sets) == number))[: 2 * _NULL_PAIRS]
        half = len(rows) // 2
        pairs += zip(rows[:half].tolist(), rows[half : 2 * half].tolist(), strict=True)
    return pairs


class _SmallImages:
    """Cache of the corners of images."""

    def __init__(self, paths: Sequence[str], pool: ThreadPoolExecutor) -> None:
        self._paths = paths
        self._pool = pool
        self._known: dict[int, Keypoints | None] = {}

    def read(self, rows: Iterable[int]) -> None:
        requested = dict.fromkeys(rows)
        if len(self._known) > _KEPT:
            self._known = {row: self._known[row] for row in requested if row in self._known}
        missing = [row for row in requested if row not in self._known]
        self._known |= zip(missing, self._pool.map(self._keypoints, missing), strict=True)

    def are_readable(self, pair: tuple[int, int]) -> bool:
        return all(self._known[row] is not None for row in pair)

    def agreement(self, pair: tuple[int, int]) -> float:
        a, b = (self._known[row] for row in pair)
        return 0.0 if a is None or b is None else agreement(a, b)

    def share_colours(self, pair: tuple[int, int]) -> bool:
        a, b = (self._known[row] for row in pair)
        transform = None if a is None or b is None else best_registration(a, b)[1]
        if a is None or b is None or transform is None:
            return False
        try:
            first, second = (
                np.asarray(read_image(self._paths[row]).resize(keypoints.image.shape[::-1]))
                for row, keypoints in zip(pair, (a, b), strict=True)
            )
        except UnreadableImage:
            return False
        return colour_agreement(first, second, transform) >= _COLOURS

    def _keypoints(self, row: int) -> Keypoints | None:
        try:
            return find_keypoints(read_thumbnail(self._paths[row], SIDE))
        except UnreadableImage:
            return None
