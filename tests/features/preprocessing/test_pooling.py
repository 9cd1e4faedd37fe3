import numpy as np
import pytest
import torch

from catnocat.features.engines.network import pool
from catnocat.features.preprocessing.pooling import POOLINGS


def pooled(features, name):
    """Return the pooled features (n, regions, channels)."""
    actual = pool(torch.from_numpy(features), POOLINGS[name]).numpy()
    return actual.reshape(len(features), POOLINGS[name].regions, -1)


@pytest.fixture(params=[1, 2, 3, 7, 10, 14])
def features(request, rng):
    return rng.normal(size=(2, 5, request.param, request.param)).astype(np.float32)


def test_average_and_maximum(features):
    assert np.allclose(pooled(features, "avg")[:, 0], features.mean((2, 3)), atol=1e-6)
    assert np.array_equal(pooled(features, "max")[:, 0], features.max((2, 3)))


def test_average_equals_that_of_torch_exactly(features):
    maps = torch.from_numpy(features).contiguous(memory_format=torch.channels_last)
    assert torch.equal(pool(maps, POOLINGS["avg"]), maps.mean((2, 3)))


def test_generalised_mean_with_exponent_3(features):
    expected = (np.maximum(features, 1e-6).astype(float) ** 3).mean((2, 3)) ** (1 / 3)
    assert np.allclose(pooled(features, "gem")[:, 0], expected, rtol=1e-5)


def test_generalised_mean_lies_between_average_and_maximum(features):
    positive = np.abs(features)
    gem = pooled(positive, "gem")
    assert (gem >= pooled(positive, "avg") - 1e-5).all()
    assert (gem <= pooled(positive, "max") + 1e-5).all()


@pytest.mark.parametrize("name", ["spatial2", "spatial3"])
def test_spatial_pyramid_is_the_averages_of_its_bins(features, name):
    side = features.shape[2]
    expected = [
        features[
            :,
            :,
            int(np.floor(row * side / level)) : int(np.ceil((row + 1) * side / level)),
            int(np.floor(column * side / level)) : int(np.ceil((column + 1) * side / level)),
        ].mean((2, 3))
        for level in range(1, int(name[-1]) + 1)
        for row in range(level)
        for column in range(level)
    ]
    assert np.allclose(pooled(features, name), np.stack(expected, axis=1), atol=1e-6)


def test_bins_equal_those_of_adaptive_pooling(features):
    bins = torch.nn.functional.adaptive_avg_pool2d(torch.from_numpy(features), 4)
    expected = bins.flatten(2).transpose(1, 2).numpy()
    assert np.allclose(pooled(features, "cells4"), expected, atol=1e-6)


def test_cells_of_a_map_of_the_same_size_are_its_cells(rng):
    features = rng.normal(size=(2, 5, 7, 7)).astype(np.float32)
    assert np.array_equal(pooled(features, "cells7"), features.reshape(2, 5, 49).transpose(0, 2, 1))


def test_windows_of_a_7_by_7_map():
    starts = {7: [0], 4: [0, 3], 3: [0, 2, 4]}
    assert POOLINGS["regions"].parts(7) == [
        (top, top + length, left, left + length)
        for length, places in starts.items()
        for top in places
        for left in places
    ]


def test_windows_are_maxima_of_length_one(features):
    parts = POOLINGS["regions"].parts(features.shape[2])
    assert len(parts) == 14
    expected = np.stack([features[:, :, t:b, x:y].max((2, 3)) for t, b, x, y in parts], axis=1)
    expected /= np.linalg.norm(expected, axis=2, keepdims=True)
    assert np.allclose(pooled(features, "regions"), expected, atol=1e-6)


def test_zero_map_gives_zeros_not_nan():
    assert (pooled(np.zeros((1, 5, 7, 7), np.float32), "regions") == 0).all()


@pytest.mark.parametrize("name", POOLINGS)
@pytest.mark.parametrize("side", [1, 2, 5, 7, 16])
def test_regions_cover_the_map(name, side):
    parts = np.array(POOLINGS[name].parts(side))
    assert len(parts) == POOLINGS[name].regions
    assert parts[:, [0, 2]].min() == 0
    assert parts[:, [1, 3]].max() == side
    assert (parts[:, [1, 3]] > parts[:, [0, 2]]).all()


@pytest.mark.parametrize("name", POOLINGS)
def test_mirrored_regions_are_in_the_same_place(name):
    side = 840  # no rounding
    parts = POOLINGS[name].parts(side)
    mirrored = [(top, bottom, side - right, side - left) for top, bottom, left, right in parts]
    assert [parts[number] for number in POOLINGS[name].mirrored()] == mirrored
