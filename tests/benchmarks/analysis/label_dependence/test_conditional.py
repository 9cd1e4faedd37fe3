import json

import numpy as np
import pytest

from catnocat.benchmarks.analysis.label_dependence import label_dependence


@pytest.mark.slow
def test_only_the_dependent_pairs_are_found(make_world):
    for seed in range(5):
        Y, probabilities, labels = make_world(1000, 6, strength=1.5, seed=seed)
        found = label_dependence(Y, labels, probabilities)["given_features"]
        first = sorted(pair["labels"] for pair in found["pairs"][: found["dependent"]])
        assert first == [[f"label{j}", f"label{j + 1}"] for j in (0, 2, 4)]
        assert found["gain"]["low"] > 0
        assert all(pair["correlation"] > 0 for pair in found["pairs"][:3])


@pytest.mark.slow
def test_dependence_explained_by_features_is_not_reported(make_world):
    marginal = pairs = gains = 0
    for seed in range(20):
        Y, probabilities, labels = make_world(600, 4, strength=0.0, seed=seed)
        found = label_dependence(Y, labels, probabilities)
        marginal += found["marginal"]["dependent"] > 0
        pairs += found["given_features"]["dependent"] > 0
        gains += found["given_features"]["gain"]["low"] > 0
    assert marginal >= 15
    assert pairs <= 3  # one expected at most
    assert gains <= 1


def test_gain_of_mutual_exclusion_is_one_bit():
    rng = np.random.default_rng(0)
    cat = rng.random(4000) < 0.5
    Y = np.column_stack([cat, ~cat, rng.random(4000) < 0.5])
    found = label_dependence(Y, ["cat", "dog", "fox"], np.full(Y.shape, 0.5))["given_features"]
    gain = {entry["label"]: entry["gain"] for entry in found["labels"]}
    # The dog determines the cat: one bit, minus the effect of the penalty.
    assert gain["cat"] == pytest.approx(np.log(2), abs=0.02)
    assert gain["fox"] == pytest.approx(0, abs=0.002)
    assert found["gain"]["value"] == pytest.approx(2 / 3 * np.log(2), abs=0.02)
    assert found["share"] == pytest.approx(2 / 3, abs=0.02)


@pytest.mark.slow
def test_result_is_small_and_json(make_world):
    Y, probabilities, labels = make_world(120, 90, strength=1.0)
    Y[:, 7] = 0
    Y[3:, 8] = 0
    found = label_dependence(Y, labels, probabilities)
    assert len(json.dumps(found, allow_nan=False)) < 150_000
    for part in (found["marginal"], found["given_features"]):
        assert len(part["pairs"]) == 30
        assert np.shape(part["matrix"]["values"]) == (80, 80)
    assert {"label7", "label8"} <= set(found["given_features"]["too_rare"])


def test_unknown_cells_are_ignored(make_world, rng):
    Y, probabilities, labels = make_world(400, 4, strength=2.0)
    known = rng.random(Y.shape) < 0.8
    groups = rng.integers(100, size=400).astype(str)
    more = {"known": known, "groups": groups, "seed": 3}
    found = label_dependence(Y, labels, probabilities, **more)
    other = label_dependence(np.where(known, Y, 1 - Y), labels, probabilities, **more)
    assert found == other
    assert found["given_features"]["gain"]["low"] > 0


def test_too_few_images_are_not_measured(make_world):
    Y, probabilities, labels = make_world(12, 3, strength=0.0)
    found = label_dependence(Y, labels, probabilities)
    assert found["given_features"] is None


def test_inputs_are_not_modified(make_world):
    Y, probabilities, labels = make_world(100, 3, strength=1.0)
    before = Y.copy(), probabilities.copy()
    label_dependence(Y, labels, probabilities, known=np.ones_like(Y, dtype=bool))
    assert np.array_equal(Y, before[0])
    assert np.array_equal(probabilities, before[1])


def test_different_shapes_are_refused(make_world):
    Y, probabilities, labels = make_world(50, 3, strength=0.0)
    with pytest.raises(ValueError, match="images x 2"):
        label_dependence(Y, labels[:2])
    with pytest.raises(ValueError, match="must be of Y's shape"):
        label_dependence(Y, labels, probabilities[:40])
