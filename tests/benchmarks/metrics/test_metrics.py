import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from catnocat.benchmarks.metrics import (
    METRICS,
    Scorecard,
    average_precision,
    eleven_point_precision,
    evaluate,
    interpolated_precision,
    macro_ap,
)


def draw(rng, n_images=40, n_labels=5, levels=8):
    """Draw true labels, scores with many ties, predictions, and which labels are known."""
    Y = (rng.random((n_images, n_labels)) < 0.4).astype(np.uint8)
    scores = np.round((rng.random(Y.shape) + 0.4 * Y) * levels) / levels
    known = rng.random(Y.shape) < 0.8
    return Y, scores, (scores > 0.6).astype(np.uint8), known


@st.composite
def cases(draw_from):
    rng = np.random.default_rng(draw_from(st.integers(0, 2**32 - 1)))
    sizes = draw_from(st.tuples(st.integers(1, 12), st.integers(1, 6), st.integers(1, 8)))
    return draw(rng, *sizes)


def score_by_loops(Y, scores, predictions, known):
    """Compute the documented definitions, image by image and label by label."""
    n, L = Y.shape
    rows = {key: [] for key in ("lrap", "ranking_loss", "coverage", "one_error")}
    sets = {key: [] for key in ("subset_accuracy", "sample_f1", "jaccard")}
    for i in range(n):
        seen = [j for j in range(L) if known[i, j]]
        true = {j for j in seen if Y[i, j]}
        predicted = {j for j in seen if predictions[i, j]}
        false = set(seen) - true
        if seen:
            sets["subset_accuracy"].append(true == predicted)
            sets["sample_f1"].append(
                2 * len(true & predicted) / (len(true) + len(predicted)) if true | predicted else 1
            )
            sets["jaccard"].append(
                len(true & predicted) / len(true | predicted) if true | predicted else 1
            )
        if true:
            ranks = {j: sum(scores[i, k] >= scores[i, j] for k in seen) for j in seen}
            hits = {j: sum(scores[i, k] >= scores[i, j] for k in true) for j in true}
            rows["lrap"].append(np.mean([hits[j] / ranks[j] for j in true]))
            wrong = [scores[i, k] >= scores[i, j] for j in true for k in false]
            rows["ranking_loss"].append(np.mean(wrong) if wrong else 0)
            rows["coverage"].append(max(ranks[j] for j in true) - 1)
            best = max(scores[i, j] for j in seen)
            rows["one_error"].append(any(scores[i, j] == best for j in false))
    result = {key: float(np.mean(v)) if v else None for key, v in (rows | sets).items()}
    wrong = (predictions != Y)[known]
    result["hamming_loss"] = float(wrong.mean()) if wrong.size else None
    return result


def score_labels_with_sklearn(Y, scores, predictions, known):
    values = {"macro_ap": [], "macro_auroc": [], "macro_f1": []}
    for j in range(Y.shape[1]):
        y, s, p = (part[known[:, j], j] for part in (Y, scores, predictions))
        if 0 < y.sum() < len(y):
            values["macro_ap"].append(sk.average_precision_score(y, s))
            values["macro_auroc"].append(sk.roc_auc_score(y, s))
            values["macro_f1"].append(sk.f1_score(y, p))
    count = len(values["macro_ap"])
    result = {key: float(np.mean(v)) if v else None for key, v in values.items()}
    result["labels_averaged"] = count
    y, s, p = (part[known] for part in (Y, scores, predictions))
    result["micro_ap"] = sk.average_precision_score(y, s) if y.any() else None
    result["micro_f1"] = sk.f1_score(y, p) if y.any() or p.any() else None
    return result


@settings(max_examples=60, deadline=None)
@given(cases())
def test_every_metric_follows_the_documentation(case):
    metrics = evaluate(*case)
    assert metrics == pytest.approx(score_by_loops(*case) | score_labels_with_sklearn(*case))


def test_metrics_agree_with_scikit_learn_where_the_conventions_do(rng):
    Y, scores, predictions, _ = draw(rng, 200, 7)
    Y[np.arange(200), rng.integers(0, 7, 200)] = 1  # no empty label set
    metrics = evaluate(Y, scores, predictions)
    expected = {
        "macro_ap": sk.average_precision_score(Y, scores, average="macro"),
        "micro_ap": sk.average_precision_score(Y, scores, average="micro"),
        "lrap": sk.label_ranking_average_precision_score(Y, scores),
        "macro_auroc": sk.roc_auc_score(Y, scores, average="macro"),
        "ranking_loss": sk.label_ranking_loss(Y, scores),
        "coverage": sk.coverage_error(Y, scores) - 1,
        "hamming_loss": sk.hamming_loss(Y, predictions),
        "subset_accuracy": sk.accuracy_score(Y, predictions),
        "macro_f1": sk.f1_score(Y, predictions, average="macro"),
        "micro_f1": sk.f1_score(Y, predictions, average="micro"),
        "sample_f1": sk.f1_score(Y, predictions, average="samples"),
        "jaccard": sk.jaccard_score(Y, predictions, average="samples"),
    }
    assert {key: metrics[key] for key in expected} == pytest.approx(expected)


@pytest.mark.slow  # imports torch
@pytest.mark.filterwarnings("ignore:No positive samples")
def test_metrics_agree_with_torchmetrics_also_on_an_absent_label(rng):
    import torch
    from torchmetrics.functional import classification as tm

    Y, scores, predictions, _ = draw(rng, 150, 6)
    Y[np.arange(150), rng.integers(0, 6, 150)] = 1  # no empty label set
    scores += 1e-3 * rng.random(scores.shape)  # its ranking loss orders ties by position
    scores /= scores.max()
    s, y, p = (torch.tensor(part) for part in (scores, Y.astype(int), predictions))
    metrics = evaluate(Y, scores, predictions)
    theirs = {
        "macro_auroc": tm.multilabel_auroc(s, y, 6),
        "micro_ap": tm.multilabel_average_precision(s, y, 6, average="micro"),
        "lrap": tm.multilabel_ranking_average_precision(s, y, 6),
        "ranking_loss": tm.multilabel_ranking_loss(s, y, 6),
        "coverage": tm.multilabel_coverage_error(s, y, 6) - 1,
        "hamming_loss": tm.multilabel_hamming_distance(p, y, 6, average="micro"),
        "subset_accuracy": tm.multilabel_exact_match(p, y, 6),
        "macro_f1": tm.multilabel_f1_score(p, y, 6),
        "micro_f1": tm.multilabel_f1_score(p, y, 6, average="micro"),
    }
    assert {key: metrics[key] for key in theirs} == pytest.approx(
        {key: float(value) for key, value in theirs.items()}, abs=1e-6
    )
    Y[:, 3], y[:, 3] = 0, 0
    # An absent label has been NaN there and 0: what is compared are the labels with both classes.
    ap = tm.multilabel_average_precision(s, y, 6, average="none")[torch.arange(6) != 3]
    metrics = evaluate(Y, scores, predictions)
    assert metrics["labels_averaged"] == 5
    assert metrics["macro_ap"] == pytest.approx(float(ap.mean()), abs=1e-6)


@pytest.fixture(scope="module")
def oracle(data):
    folder = data / "tabular" / "mulan_metric_oracle_flags"

    def matrix(name):
        return np.loadtxt(folder / f"flags-{name}.csv", delimiter=",", skiprows=1)

    lines = (folder / "flags-measures.csv").read_text().splitlines()[1:]
    measures = {name.strip('" '): float(value) for name, value in (x.split(",") for x in lines)}
    return matrix("expected"), matrix("scores"), matrix("bipartition"), measures


MULAN = {
    "hamming_loss": "Hamming-Loss",
    "subset_accuracy": "Subset-Accuracy",
    "sample_f1": "F-Measure",
    "jaccard": "Accuracy",
    "micro_f1": "Micro-F-Measure",
    "macro_f1": "Macro-F-Measure",
    "macro_auroc": "Macro-AUC",
    "one_error": "OneError",
}


def test_metrics_agree_with_mulan(oracle):
    Y, scores, predictions, mulan = oracle
    metrics = evaluate(Y, scores, predictions)
    for key, name in MULAN.items():
        assert metrics[key] == pytest.approx(mulan[name], abs=5.1e-5), key


def test_only_ties_keep_the_other_metrics_from_mulans(oracle):
    Y, scores, predictions, mulan = oracle
    metrics = evaluate(Y, scores, predictions)
    assert metrics["ranking_loss"] == pytest.approx(0.0887, abs=5e-5)
    assert metrics["coverage"] == pytest.approx(3.0876, abs=5e-5)
    # Mulan ranks the later of two labels that tie above the earlier one.
    untied = evaluate(Y, scores + 1e-9 * np.arange(7), predictions)
    assert metrics["macro_ap"] == pytest.approx(0.8363, abs=5e-5)
    by_row = evaluate(Y, scores - 1e-9 * np.arange(len(Y))[:, None], predictions)
    assert by_row["macro_ap"] == pytest.approx(mulan["Mean-Average-Precision"], abs=5e-5)
    assert untied["ranking_loss"] == pytest.approx(mulan["Ranking-Loss"], abs=5e-5)
    assert untied["coverage"] == pytest.approx(mulan["Coverage"], abs=5e-5)
    assert untied["lrap"] == pytest.approx(mulan["Average-Precision"], abs=5e-5)


@settings(max_examples=60, deadline=None)
@given(cases(), st.data())
def test_a_weight_equals_repetition_of_the_image(case, data):
    n_images = len(case[0])
    weights = data.draw(
        st.lists(st.integers(0, 3), min_size=n_images, max_size=n_images).filter(any)
    )
    repeated = [np.repeat(part, weights, axis=0) for part in case]
    weighed = Scorecard(*case).measure(weights)
    for key, value in Scorecard(*repeated).measure().items():
        np.testing.assert_allclose(weighed[key], value, rtol=1e-12, err_msg=key)


def test_resamples_are_measured_together_as_one_by_one(rng):
    card = Scorecard(*draw(rng))
    weights = rng.multinomial(40, np.full(40, 1 / 40), size=7)
    together, labels = card.measure(weights), card.per_label(weights)
    for i, weight in enumerate(weights):
        for key, value in card.measure(weight).items():
            assert together[key][i] == pytest.approx(float(value), nan_ok=True), key
        for key, values in card.per_label(weight).items():
            np.testing.assert_allclose(labels[key][i], values)


def test_block_size_of_resamples_does_not_matter(rng, monkeypatch):
    case, weights = draw(rng), rng.integers(0, 3, size=(9, 40))
    whole = Scorecard(*case).measure(weights)
    monkeypatch.setattr("catnocat.benchmarks.metrics.curves._MAX_CELLS", 1)
    for key, value in Scorecard(*case).measure(weights).items():
        np.testing.assert_array_equal(value, whole[key])


@settings(max_examples=30, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_neither_the_order_of_images_nor_the_scale_of_scores_matters(case, random):
    Y, scores, predictions, known = case
    order = list(range(len(Y)))
    random.shuffle(order)
    moved = [part[order] for part in (Y, np.exp(3 * scores) - 5, predictions, known)]
    assert evaluate(*moved) == pytest.approx(evaluate(*case))


@settings(max_examples=30, deadline=None)
@given(cases())
def test_unknown_cells_do_not_count(case):
    Y, scores, predictions, known = case
    other = np.where(known, Y, 1 - Y), np.where(known, scores, 9), predictions ^ ~known, known
    assert evaluate(*other) == evaluate(*case)


def test_empty_and_full_label_sets():
    Y, scores = [[0, 0], [1, 1], [1, 0]], [[0.2, 0.1], [0.7, 0.9], [0.4, 0.6]]
    metrics = evaluate(Y, scores, [[0, 0], [0, 0], [1, 0]])
    # The empty set is in no ranking metric; the full one is ranked well in any order.
    assert metrics["ranking_loss"] == 0.5
    assert metrics["lrap"] == 0.75
    assert metrics["coverage"] == 1.0
    assert metrics["one_error"] == 0.5
    # Saying nothing where there is nothing is right.
    assert metrics["sample_f1"] == metrics["jaccard"] == pytest.approx(2 / 3)


def test_a_tie_counts_against_the_ranking():
    metrics = evaluate([[1, 0, 0]], [[0.5, 0.5, 0.5]], [[0, 0, 0]])
    expected = {"ranking_loss": 1.0, "one_error": 1.0, "coverage": 2.0, "lrap": 1 / 3}
    assert {key: metrics[key] for key in expected} == pytest.approx(expected)


def test_a_label_without_both_classes_is_left_out():
    Y, scores = [[1, 0, 1], [0, 0, 1]], [[0.9, 0.5, 0.1], [0.2, 0.1, 0.8]]
    metrics = evaluate(Y, scores, Y)
    assert metrics["labels_averaged"] == 1
    assert metrics["macro_ap"] == metrics["macro_auroc"] == metrics["macro_f1"] == 1.0
    np.testing.assert_array_equal(Scorecard(Y, scores, Y).per_label()["ap"], [1, np.nan, np.nan])


def test_undefined_metrics_are_none_and_the_result_is_json():
    metrics = evaluate([[0, 0]], [[0.1, 0.2]], [[0, 0]])
    assert list(metrics) == [*METRICS, "labels_averaged"]
    assert metrics["macro_ap"] is metrics["lrap"] is metrics["micro_f1"] is None
    assert metrics["subset_accuracy"] == 1.0
    assert metrics["labels_averaged"] == 0
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics
    nothing_known = evaluate([[1, 0]], [[0.1, 0.2]], [[0, 1]], [[0, 0]])
    assert set(nothing_known.values()) == {None, 0}


def test_infinite_scores_are_scores():
    Y, scores = [[1, 0], [0, 1], [0, 1]], [[np.inf, -np.inf], [-np.inf, -np.inf], [0.0, 3.0]]
    finite = np.clip(scores, -9, 9)
    assert evaluate(Y, scores, Y) == evaluate(Y, finite, Y)
    assert average_precision([1, 0], [-np.inf, -np.inf]) == 0.5


def test_integer_scores_are_not_wrapped():
    assert macro_ap([[1], [0]], np.array([[1], [0]], dtype=np.uint8)) == 1.0


@settings(max_examples=30, deadline=None)
@given(cases())
def test_macro_ap_alone_is_the_same(case):
    Y, scores, _, known = case
    assert macro_ap(Y, scores, known) == pytest.approx(evaluate(*case)["macro_ap"])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (([[1, 0]], [[0.1]], [[1]]), "Y has shape"),
        (([[1]], [[0.1]], [[1, 0]]), "predictions has shape"),
        (([[2]], [[0.1]], [[1]]), "Y must hold 0 and 1"),
        (([[1]], [[0.1]], [[0.7]]), "predictions must hold 0 and 1"),
        (([[1]], [[np.nan]], [[1]]), "a score is NaN"),
        (([1], [0.1], [1]), "images x labels"),
        (([[1]], [[0.1]], [[1]], [[1, 1]]), "known has shape"),
    ],
)
def test_invalid_arrays_raise(arrays, message):
    with pytest.raises(ValueError, match=message):
        evaluate(*arrays)


def test_weights_of_another_length_raise():
    with pytest.raises(ValueError, match="must end in the 1 images"):
        Scorecard([[1]], [[0.1]], [[1]]).measure([1, 2])


def test_a_metric_knows_which_way_is_better(rng):
    Y, scores, predictions, _ = draw(rng, 100)
    worse, better = evaluate(Y, scores, predictions), evaluate(Y, Y.astype(float), Y)
    for key, metric in METRICS.items():
        assert metric.key == key
        assert metric.gain(better[key] - worse[key]) > 0, key


def voc_by_hand(y, scores):
    """Compute both VOC forms threshold by threshold."""
    points = []
    for threshold in sorted(set(scores), reverse=True):
        chosen = [t for t, s in zip(y, scores, strict=True) if s >= threshold]
        points.append((sum(chosen), sum(chosen) / len(chosen)))
    total = sum(y)

    def best(count):  # at a recall of count / total or more; in tenths, to stay exact
        return max(precision for found, precision in points if 10 * found >= count)

    eleven = sum(best(k * total) for k in range(11)) / 11
    area = sum(best(10 * k) for k in range(1, total + 1)) / total
    return eleven, area


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6)), min_size=1, max_size=30))
def test_the_three_average_precisions(pairs):
    y, scores = map(list, zip(*pairs, strict=True))
    if not any(y):
        assert np.isnan([f(y, scores) for f in (average_precision, eleven_point_precision)]).all()
        assert np.isnan(interpolated_precision(y, scores))
        return
    assert average_precision(y, scores) == pytest.approx(sk.average_precision_score(y, scores))
    eleven, area = voc_by_hand(y, scores)
    assert eleven_point_precision(y, scores) == pytest.approx(eleven)
    if len(set(scores)) == len(scores):
        assert interpolated_precision(y, scores) == pytest.approx(area)
    assert interpolated_precision(y, scores) >= average_precision(y, scores) - 1e-12


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=20
    )
)
def test_the_three_average_precisions_take_weights(triples):
    y, scores, weights = (np.array(part) for part in zip(*triples, strict=True))
    repeated = np.repeat(y, weights), np.repeat(scores, weights)
    for measure in (average_precision, eleven_point_precision, interpolated_precision):
        assert measure(y, scores, weights) == pytest.approx(measure(*repeated), nan_ok=True)
