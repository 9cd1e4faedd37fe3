"""Versions of one image in a table: from bytes, names, feature vectors and small images."""

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from joblib import cpu_count
from numpy.typing import NDArray

from ..scenes import has_shared_elements
from ..tables import LabelTable
from .confirmation import confirmed_pairs
from .neighbors import NEIGHBORS, NeighborPairs, neighbor_pairs, whitened
from .version_names import frame_sequences, version_groups


def content_digests(X: NDArray[Any]) -> list[str]:
    """Return a digest of each row of features, for data sets without images."""
    return [hashlib.sha256(row.tobytes()).hexdigest() for row in np.ascontiguousarray(X)]


def identical_groups(digests: Sequence[str | None]) -> list[list[int]]:
    """Return the rows of each content that occurs more than once.

    Examples
    --------
    >>> identical_groups(["a", "b", "a", None, None])
    [[0, 2]]
    """
    rows: dict[str, list[int]] = defaultdict(list)
    for row, digest in enumerate(digests):
        if digest is not None:
            rows[digest].append(row)
    return [group for group in rows.values() if len(group) > 1]


def has_discrete_features(X: NDArray[Any]) -> bool:
    """Return whether rows can be equal by chance, because every feature has few values.

    Continuous features have about as many values as there are distinct rows: equal rows are
    copies. Features such as one-hot codes have far fewer, and equal rows mean nothing.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)

    Examples
    --------
    >>> has_discrete_features(np.array([[0, 1], [1, 0], [1, 1], [0, 0], [0, 1]] * 3))
    True
    >>> has_discrete_features(np.repeat(np.random.default_rng(0).normal(size=(4, 3)), 5, axis=0))
    False
    """
    rows = np.unique(X, axis=0)
    return all(2 * len(np.unique(column)) <= len(rows) for column in rows.T)


SIGNALS = ("bytes", "names", "frames", "images", "vectors")
"""Signals that link two images; a link names the first signal that found it."""

VECTOR_RATIO = 0.3
"""Greatest ratio of distances (see `NeighborPairs.ratio`) that links rows without images.

Among the 3,174 mutual neighbours of coco18's 4,000 photographs no pair reaches it.
"""

_FALSE_PAIRS = 0.05
_MIN_DIMENSION = 2
_SUPPORT = 0.99
_FRAME_SUPPORT = 0.5


@dataclass(frozen=True)
class Link:
    """Two rows that are versions of one image.

    Attributes
    ----------
    first, second : int
        first < second.
    signal : str
        One of `SIGNALS`.
    score : float or None
        Of "images" the share of blocks that agree, of "vectors" 1 minus the ratio of distances.
    """

    first: int
    second: int
    signal: str
    score: float | None = None


@dataclass(frozen=True)
class Versions:
    """The links of a table and the groups they make.

    Attributes
    ----------
    n_images : int
    links : tuple of Link
        In the order of `SIGNALS`; the most certain of a signal first.
    compared : int
        Number of pairs of images that were compared.
    background : int
        Number of pairs that share only their background, and do not count.
    """

    n_images: int
    links: tuple[Link, ...]
    compared: int = 0
    background: int = 0
    roots: NDArray[np.intp] = field(init=False)

    def __post_init__(self) -> None:
        union = _UnionFind(self.n_images)
        for link in self.links:
            union.join(link.first, link.second)
        object.__setattr__(self, "roots", union.roots())

    @property
    def groups(self) -> list[list[int]]:
        """Rows of each image with more than one version."""
        rows: dict[int, list[int]] = defaultdict(list)
        for row, root in enumerate(self.roots.tolist()):
            rows[root].append(row)
        return [group for group in rows.values() if len(group) > 1]


def find_versions(
    table: LabelTable,
    X: NDArray[Any],
    digests: Sequence[str | None] | None = None,
    *,
    n_jobs: int = -1,
) -> Versions:
    """Find the images of a table that are versions of one image.

    Parameters
    ----------
    table : LabelTable
    X : array of shape (n_images, ...)
        The feature vectors of the table's images, row by row, from any network.
    digests : sequence of str, optional
        The sha256 of each image; of its vector if not given.
    n_jobs : int
        Threads that read images; -1 for all cores.

    Returns
    -------
    Versions

    Notes
    -----
    Same bytes and names that export tools give are links. Mutual nearest neighbours in the whitened
    feature space are candidates. Where the table has images, small ones of the candidates are
    registered, and only images that agree block by block are linked; where it has none, only pairs
    much closer to each other than to their other neighbours. See `docs/leakage.md`.
    """
    groups = identical_groups(content_digests(X) if digests is None else digests)
    if digests is None and groups and has_discrete_features(X):
        return Versions(table.n_images, ())
    links = [Link(group[0], row, "bytes") for group in groups for row in group[1:]]
    if table.n_images < 2 or not np.isfinite(X).all():
        return Versions(table.n_images, tuple(links))
    if has_shared_elements(table.folder):
        return Versions(table.n_images, tuple(links))
    unit = whitened(X)
    has_images = table.X is None and any(table.paths)
    if has_images:
        links += _named(table.images, unit)
        links += _frames(table.images, unit)
    pairs = neighbor_pairs(unit)
    if not has_images:
        links += _by_vectors(pairs, table.n_images)
        return Versions(table.n_images, tuple(_new(links, table.n_images)))
    links = list(_new(links, table.n_images))
    union = _UnionFind(table.n_images)
    for link in links:
        union.join(link.first, link.second)
    threads = int(cpu_count()) if n_jobs < 1 else n_jobs

    label_sets = np.unique(table.Y, axis=0, return_inverse=True)[1].ravel().tolist()
    confirmed, compared, background = confirmed_pairs(
        table.paths, pairs, union.same, label_sets, threads
    )
    links += [Link(a, b, "images", score) for a, b, score in confirmed]
    if not compared:  # the images no longer exist
        links = list(_new([*links, *_by_vectors(pairs, table.n_images)], table.n_images))
    return Versions(table.n_images, tuple(_new(links, table.n_images)), compared, background)


def _named(images: Sequence[str], unit: NDArray[np.float32]) -> Iterator[Link]:
    """Link versions by their names, if the vectors of most such pairs are unusually similar."""
    pairs = [(group[0], row) for group in version_groups(images) for row in group[1:]]
    if pairs and _support(unit, pairs) > _usual(unit):
        yield from (Link(min(a, b), max(a, b), "names") for a, b in pairs)


def _frames(images: Sequence[str], unit: NDArray[np.float32]) -> Iterator[Link]:
    """Link consecutive frames of runs whose consecutive images are mostly similar."""
    usual = None
    for run in frame_sequences(images):
        pairs = list(itertools.pairwise(run))
        if usual is None:
            usual = max(_usual(unit), _FRAME_SUPPORT)
        alike = np.einsum("ij,ij->i", unit[run[:-1]], unit[run[1:]])
        if np.median(alike) > usual:
            yield from (
                Link(min(a, b), max(a, b), "frames")
                for (a, b), value in zip(pairs, alike.tolist(), strict=True)
                if value > usual
            )


def _support(unit: NDArray[np.float32], pairs: Sequence[tuple[int, int]]) -> float:
    a, b = np.array(pairs).T
    return float(np.median(np.einsum("ij,ij->i", unit[a], unit[b])))


def _usual(unit: NDArray[np.float32]) -> float:
    """Return the similarity that one in a hundred random pairs of images exceeds."""
    a, b = np.random.default_rng(0).integers(0, len(unit), (2, 5000))
    apart = a != b
    if not apart.any():
        return 0.0
    return float(np.quantile(np.einsum("ij,ij->i", unit[a[apart]], unit[b[apart]]), _SUPPORT))


def _by_vectors(pairs: NeighborPairs, n_images: int) -> Iterator[Link]:
    if pairs.dimension < _MIN_DIMENSION:  # rows can be close by chance
        return
    # Expected number of such near neighbours by chance: n * 10 * ratio ** dimension.
    by_chance = (_FALSE_PAIRS / (NEIGHBORS * max(n_images, 1))) ** (1 / pairs.dimension)
    for place in np.argsort(pairs.ratio, kind="stable").tolist():
        if pairs.ratio[place] >= min(VECTOR_RATIO, by_chance):
            return
        first, second = int(pairs.first[place]), int(pairs.second[place])
        yield Link(first, second, "vectors", round(1 - float(pairs.ratio[place]), 4))


def _new(links: Iterable[Link], n_images: int) -> Iterator[Link]:
    """Yield the links between rows that those before do not link already."""
    union = _UnionFind(n_images)
    for link in links:
        if not union.same(link.first, link.second):
            union.join(link.first, link.second)
            yield link


class _UnionFind:
    """Sets of rows that are joined pair by pair."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def find(self, row: int) -> int:
        while self._parent[row] != row:
            self._parent[row] = self._parent[self._parent[row]]
            row = self._parent[row]
        return row

    def same(self, a: int, b: int) -> bool:
        return self.find(a) == self.find(b)

    def join(self, a: int, b: int) -> None:
        a, b = self.find(a), self.find(b)
        self._parent[max(a, b)] = min(a, b)

    def roots(self) -> NDArray[np.intp]:
        return np.array([self.find(row) for row in range(len(self._parent))], dtype=np.intp)
