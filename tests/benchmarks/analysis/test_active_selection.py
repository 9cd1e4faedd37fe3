import numpy as np
import pytest

from catnocat.benchmarks.analysis.active_selection import (
    select_images,
    smoothed_prevalence,
    weighted_uncertainty,
)


def test_uncertainty_is_the_weighted_mean_of_the_variances():
    P = np.array([[0.5, 0.9], [0.1, 0.5]])
    assert weighted_uncertainty(P) == pytest.approx([(1 + 0.36) / 2, (0.36 + 1) / 2])
    # Weights 1 / sqrt(0.25) = 2 and 1 / sqrt(0.01) = 10.
    weighted = weighted_uncertainty(P, [0.25, 0.01])
    assert weighted == pytest.approx([(2 * 1 + 10 * 0.36) / 12, (2 * 0.36 + 10 * 1) / 12])


def test_equal_uncertainty_gives_greedy_k_centre():
    angles = np.deg2rad([0, 5, 90, 180, 200])
    X = np.column_stack([np.cos(angles), np.sin(angles)])
    selected = select_images(np.full((5, 1), 0.5), X, 3)
    assert [entry.row for entry in selected] == [0, 3, 2]
    assert [entry.distance for entry in selected] == pytest.approx([2, 2, np.sqrt(2)], abs=1e-3)


def test_images_near_labelled_ones_come_last():
    X = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    selected = select_images(np.full((3, 1), 0.5), X, 3, X_labelled=[[2.0, 0.0], [-1.0, 0.1]])
    assert [entry.row for entry in selected] == [1, 2, 0]
    assert selected[-1].distance == pytest.approx(0, abs=1e-3)


def test_a_certain_image_is_not_preferred_for_its_distance():
    X = np.array([[1.0, 0.0], [0.9, 0.1], [-1.0, 0.0]])
    selected = select_images([[0.5], [0.4], [1.0]], X, 2, X_labelled=[[0.0, 1.0]])
    assert [entry.row for entry in selected] == [0, 1]


@pytest.mark.parametrize(("n_images", "length"), [(1, 1), (4, 4), (9, 4)])
def test_no_image_is_selected_twice(n_images, length, rng):
    X = np.repeat(rng.normal(size=(2, 3)), 2, axis=0)  # pairs of equal images
    selected = select_images(rng.random((4, 2)), X, n_images)
    assert len({entry.row for entry in selected}) == len(selected) == length


def test_prevalence_is_never_zero_or_one():
    assert smoothed_prevalence([0, 8], 8) == pytest.approx([0.1, 0.9])
