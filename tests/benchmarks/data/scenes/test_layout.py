import numpy as np
import pytest

from catnocat.benchmarks.data.scenes.layout import (
    LEAST_VISIBLE,
    Ground,
    grid_places,
    scatter_place,
)


def random_masks(rng, number):
    return [rng.random((rng.integers(5, 20), rng.integers(5, 20))) < 0.8 for _ in range(number)]


def test_visible_shares_are_those_of_pixels_painted_over(rng):
    ground, layers = Ground(32), []
    for mask in random_masks(rng, 8):
        x, y = rng.integers(0, 12, size=2).tolist()
        ground.put(mask, x, y)
        layer = np.zeros((32, 32), dtype=bool)
        layer[y : y + mask.shape[0], x : x + mask.shape[1]] = mask
        layers.append(layer)
    above = [np.any([np.zeros_like(layers[0]), *layers[i + 1 :]], axis=0) for i in range(8)]
    expected = [(a & ~b).sum() / a.sum() for a, b in zip(layers, above, strict=True)]
    assert ground.shares() == pytest.approx(expected)
    assert ground.shares()[-1] == 1


def test_asking_is_not_putting(rng):
    ground, (below, above) = Ground(32), random_masks(rng, 2)
    ground.put(below, 3, 3)
    asked = ground.least_share(above, 5, 5)
    assert ground.shares() == [1.0]
    ground.put(above, 5, 5)
    assert min(ground.shares()) == asked


def test_scattered_animals_stay_well_visible_and_on_the_canvas(rng):
    overlapping = 0
    for _ in range(50):
        ground = Ground(100)
        for _ in range(5):
            mask = np.ones(rng.integers(25, 45, size=2), dtype=bool)
            x, y = scatter_place(rng, ground, mask)
            assert 0 <= x <= 100 - mask.shape[1]
            assert 0 <= y <= 100 - mask.shape[0]
            ground.put(mask, x, y)
        assert min(ground.shares()) >= LEAST_VISIBLE
        overlapping += min(ground.shares()) < 1
    assert overlapping > 25


def test_a_crowd_without_room_is_still_placed(rng):
    ground = Ground(20)
    for _ in range(6):
        mask = np.ones((18, 18), dtype=bool)
        ground.put(mask, *scatter_place(rng, ground, mask))
    assert len(ground.shares()) == 6


def test_every_cell_of_the_grid_is_equally_likely(rng):
    places = [place for _ in range(600) for place in grid_places(rng, 3, 3, 90)]
    counts = np.unique(places, axis=0, return_counts=True)[1]
    assert len(counts) == 9
    assert counts.min() > 150
