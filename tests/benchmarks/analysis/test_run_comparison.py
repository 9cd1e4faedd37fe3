from types import SimpleNamespace

import numpy as np
import pytest

from catnocat.benchmarks.analysis.run_comparison import compare_runs
from catnocat.benchmarks.metrics import evaluate
from catnocat.benchmarks.utils import InputError

LABELS = ("cat", "dog")


def make_run(images, Y, scores, known=None, labels=LABELS, method="logistic"):
    """Return predictions of one method that predicts what scores above 0.5."""
    Y, P = np.asarray(Y, dtype=bool), np.asarray(scores, dtype=float)
    predicted = P > 0.5
    return SimpleNamespace(
        images=tuple(images),
        labels=labels,
        Y=Y,
        known=np.ones(Y.shape, bool) if known is None else np.asarray(known, dtype=bool),
        scores={method: P},
        predictions_by_aim={method: dict.fromkeys(("hamming", "f1", "set"), predicted)},
    )


@pytest.fixture
def pair():
    """Return two runs on images a to d; B fixes a/cat and b/dog and breaks c/cat."""
    images = ["a", "b", "c", "d"]
    Y = [[1, 0], [0, 1], [1, 1], [0, 0]]
    A = [[0.2, 0.1], [0.1, 0.4], [0.9, 0.8], [0.3, 0.2]]
    B = [[0.9, 0.1], [0.1, 0.7], [0.4, 0.8], [0.3, 0.2]]
    return make_run(images, Y, A), make_run(images, Y, B)


def test_fixed_and_broken_predictions_are_counted(pair):
    (method,) = compare_runs(*pair).methods
    assert (method.fixed, method.broken) == (2, 1)
    assert (method.images_fixed, method.images_broken) == (2, 1)
    changes = {change.image: (change.fixed, change.broken) for change in method.images}
    assert changes == {"a": (("cat",), ()), "b": (("dog",), ()), "c": ((), ("cat",))}
    labels = {change.label: (change.fixed, change.broken) for change in method.labels}
    assert labels == {"cat": (1, 1), "dog": (1, 0)}


def test_metrics_are_those_of_evaluate(pair, rng):
    images = [f"{row}.jpg" for row in range(60)]
    Y = rng.random((60, 2)) < 0.4
    known = rng.random((60, 2)) < 0.9
    runs = [
        make_run(images, Y & known, np.clip(Y * 0.3 + rng.random((60, 2)), 0, 1), known)
        for _ in range(2)
    ]
    (method,) = compare_runs(*runs).methods
    for side, run in zip(("a", "b"), runs, strict=True):
        P = run.scores["logistic"]
        expected = evaluate(run.Y, P, P > 0.5, known)
        for entry in method.differences:
            assert getattr(entry, side) == pytest.approx(expected[entry.metric]), entry.metric
    for entry in method.differences:
        assert entry.difference == pytest.approx(entry.b - entry.a)
        assert entry.low <= entry.difference <= entry.high


def test_runs_are_paired_by_image_and_label_name(pair):
    a, b = pair
    order = [2, 0, 3, 1]
    shuffled = make_run(
        [b.images[row] for row in order],
        b.Y[order][:, ::-1],
        b.scores["logistic"][order][:, ::-1],
        labels=LABELS[::-1],
    )
    (straight,), (mixed,) = compare_runs(a, b).methods, compare_runs(a, shuffled).methods
    assert (mixed.fixed, mixed.broken) == (straight.fixed, straight.broken)
    assert {change.image: set(change.fixed) for change in mixed.images} == {
        change.image: set(change.fixed) for change in straight.images
    }


def test_equal_runs_do_not_differ(pair):
    (method,) = compare_runs(pair[0], pair[0]).methods
    for entry in method.differences:
        assert (entry.difference, entry.low, entry.high, entry.p) == (0, 0, 0, 1)
    assert method.fixed == method.broken == 0
    assert method.images == []


def test_a_clear_difference_has_an_interval_without_zero(rng):
    images = [f"{row}.jpg" for row in range(300)]
    Y = rng.random((300, 2)) < 0.4
    noise = rng.normal(size=(300, 2))
    runs = [make_run(images, Y, 1 / (1 + np.exp(-(2 * Y - 1 + s * noise)))) for s in (3, 1)]
    (method,) = compare_runs(*runs).methods
    by_metric = {entry.metric: entry for entry in method.differences}
    assert by_metric["macro_ap"].low > 0
    assert by_metric["hamming_loss"].high < 0
    assert by_metric["macro_ap"].p < 0.05


def test_repetitions_of_an_image_are_averaged(pair):
    a, b = pair
    twice = make_run(
        a.images * 2,
        np.vstack([a.Y, a.Y]),
        np.vstack([a.scores["logistic"] + 0.05, a.scores["logistic"] - 0.05]),
    )
    (method,) = compare_runs(twice, b).methods
    assert (method.fixed, method.broken) == (2, 1)
    assert compare_runs(twice, b).n_images == 4


def test_changed_truths_are_scored_as_in_b(pair):
    a, b = pair
    corrected = make_run(b.images, [[0, 0], *b.Y[1:].tolist()], b.scores["logistic"])
    comparison = compare_runs(a, corrected)
    assert comparison.changed_truths == 1
    (method,) = comparison.methods
    # a/cat: predicted by B only, which is now wrong.
    assert (method.fixed, method.broken) == (1, 2)


def test_what_only_one_run_has_is_left_out(pair):
    a, b = pair
    smaller = make_run(b.images[1:], b.Y[1:], b.scores["logistic"][1:])
    comparison = compare_runs(a, smaller)
    assert (comparison.n_images, comparison.only_a, comparison.only_b) == (3, 1, 0)
    one_label = make_run(b.images, b.Y[:, :1], b.scores["logistic"][:, :1], labels=("cat",))
    comparison = compare_runs(a, one_label)
    assert (comparison.n_labels, comparison.labels_only_a) == (1, ("dog",))
    assert comparison.methods[0].fixed == 1


def test_methods_of_different_names_are_compared_on_request(pair):
    a, b = pair
    other = make_run(b.images, b.Y, b.scores["logistic"], method="powerset")
    (method,) = compare_runs(a, other, methods=("logistic", "powerset")).methods
    assert (method.method_a, method.method_b, method.fixed) == ("logistic", "powerset", 2)
    with pytest.raises(InputError, match="no method in common"):
        compare_runs(a, other)
    with pytest.raises(InputError, match="run B has no method 'ridge'; it has powerset"):
        compare_runs(a, other, methods=("logistic", "ridge"))


def test_runs_of_other_data_are_refused(pair):
    a, b = pair
    with pytest.raises(InputError, match="no test image in common"):
        compare_runs(a, make_run("wxyz", b.Y, b.scores["logistic"]))
    with pytest.raises(InputError, match="no label in common"):
        compare_runs(a, make_run(b.images, b.Y, b.scores["logistic"], labels=("x", "y")))
