import numpy as np
import pytest

from catnocat.classifiers.neighbors import neighbor_table as neighbors
from catnocat.classifiers.neighbors.neighbor_table import NeighborTable


def plain(stored, rows, k, own=False):
    """Measure every pair, choose by distance and then by row number."""
    gaps = rows.astype(np.float64)[:, None] - stored
    distances = (gaps**2).sum(axis=2)
    if own:
        np.fill_diagonal(distances, np.inf)
    return np.sort(np.argsort(distances, axis=1, kind="stable")[:, :k], axis=1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shift", [0, 1000, 1e6])
def test_finds_the_nearest_exactly(rng, dtype, shift):
    X = (rng.normal(size=(300, 7)) + shift).astype(dtype)
    new = (rng.normal(size=(50, 7)) + shift).astype(dtype)
    table = NeighborTable(X)
    np.testing.assert_array_equal(table.among_themselves(9), plain(X, X, 9, own=True))
    np.testing.assert_array_equal(table.of(new, 9), plain(X, new, 9))


def test_of_equal_distances_the_first_rows_count(rng):
    X = rng.integers(0, 2, size=(400, 4)).astype(float)  # 16 places, each some 25 times
    table = NeighborTable(X)
    np.testing.assert_array_equal(table.among_themselves(6), plain(X, X, 6, own=True))
    np.testing.assert_array_equal(table.of(X[:40] + 0.5, 6), plain(X, X[:40] + 0.5, 6))


def test_a_row_is_left_out_of_its_own_neighbours_but_not_its_duplicate():
    X = np.array([[0.0], [5.0], [0.0], [1.0]])
    assert NeighborTable(X).among_themselves(2).tolist() == [[2, 3], [0, 3], [0, 3], [0, 2]]


def test_fewer_rows_than_neighbours_asked_for():
    table = NeighborTable(np.arange(3.0)[:, None])
    assert table.among_themselves(10).shape == (3, 2)
    assert table.of(np.array([[0.2]]), 10).tolist() == [[0, 1, 2]]


def test_small_blocks_change_nothing(rng, monkeypatch):
    X = rng.normal(size=(200, 5))
    whole = NeighborTable(X).among_themselves(4)
    monkeypatch.setattr(neighbors, "BLOCK_CELLS", 500)
    np.testing.assert_array_equal(NeighborTable(X).among_themselves(4), whole)
