import json

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score

from catnocat.benchmarks.metrics import METRICS, Scorecard
from catnocat.benchmarks.significance import (
    Resamples,
    compare_with_references,
    difference_interval,
    holm,
    metric_interval,
)

PREVALENCE = np.array([0.08, 0.1, 0.3, 0.5])


def noisy_scores(Y, noise, seed):
    scores = Y + noise * np.random.default_rng(seed).normal(size=Y.shape)
    return np.round(scores, 1)  # with ties


@pytest.fixture(name="Y")
def draw_truth(rng):
    return (rng.random((150, 4)) < PREVALENCE).astype(int)


@pytest.fixture
def scores(Y):
    noises = {"apart": 0.7, "alike": 0.7, "joint": 0.35, "worst": 2.0}
    return {name: noisy_scores(Y, noise, seed) for seed, (name, noise) in enumerate(noises.items())}


@pytest.fixture
def cards(Y, scores):
    return {name: Scorecard(Y, score, score > 0.5) for name, score in scores.items()}


def macro_ap_by_loops(Y, scores):
    values = [
        average_precision_score(Y[:, j], scores[:, j])
        for j in range(Y.shape[1])
        if 0 < Y[:, j].sum() < len(Y)
    ]
    return np.mean(values)


def corrected_ap_by_loops(y, scores, units):
    precisions = []
    for unit, score in zip(units[y == 1], scores[y == 1], strict=True):
        others = (y == 1) & (units != unit)
        hits = np.sum(others & (scores >= score)) * np.sum(y == 1) / np.sum(others)
        wrong = np.sum((y == 0) & (scores >= score))
        precisions.append(hits / (hits + wrong) if hits + wrong else np.nan)
    order = np.argsort(-scores[y == 1], kind="stable")
    ranked = np.array(precisions)[order]
    first = ranked[: np.isnan(ranked).sum() + 2]
    return np.where(np.isnan(ranked), np.nanmean(first), ranked).mean()


@pytest.mark.parametrize("grouped", [False, True])
def test_the_interval_of_macro_ap_is_that_of_a_plain_loop(Y, scores, cards, grouped):
    units = np.repeat(np.arange(50), 3) if grouped else np.arange(150)
    comparisons = compare_with_references(
        cards, {"joint": "apart"}, units=units, n_resamples=300, seed=5
    )
    resampled = []
    for weights in np.concatenate(list(Resamples(units, 300, seed=5))).astype(int):
        rows = np.repeat(np.arange(150), weights)
        resampled.append(
            [macro_ap_by_loops(Y[rows], scores[name][rows]) for name in ("joint", "apart")]
        )
    joint, apart = np.transpose(resampled)
    value = macro_ap_by_loops(Y, scores["joint"])
    columns = zip(Y.T, scores["joint"].T, strict=True)
    centre = np.mean([corrected_ap_by_loops(y, s, units) for y, s in columns])
    positives = [min(len(set(units[y == 1])), len(set(units[y == 0]))) for y in Y.T]
    df = len(positives) / np.sum(1 / np.array(positives)) - 1
    low, high = metric_interval(value, value + np.sqrt(1 + 1 / df) * (joint - value), centre=centre)
    assert low < centre < value < high
    interval = comparisons["joint"]["intervals"]["macro_ap"]
    assert interval == pytest.approx({"low": low, "high": high}, abs=1e-5)
    entry = comparisons["joint"]["against_reference"]["macro_ap"]
    assert entry["difference"] == pytest.approx(value - macro_ap_by_loops(Y, scores["apart"]))
    n_units = len(np.unique(units))
    away = np.quantile(joint - apart, [0.025, 0.975]) - np.mean(joint - apart)
    ratio = stats.t.ppf(0.975, n_units - 1) / stats.norm.ppf(0.975)
    expected = entry["difference"] + ratio * np.sqrt(n_units / (n_units - 1)) * away
    assert [entry["low"], entry["high"]] == pytest.approx(expected)


def test_verdicts_respect_the_direction_of_the_metric(cards):
    references = {"joint": "apart", "worst": "apart", "apart": None}
    comparisons = compare_with_references(cards, references, n_resamples=400)
    for key, metric in METRICS.items():
        good, bad = (comparisons[name]["against_reference"][key] for name in ("joint", "worst"))
        assert good["verdict"] == "better"
        assert metric.gain(good["difference"]) > 0
        assert bad["verdict"] in ("worse", "no difference")
    assert comparisons["worst"]["against_reference"]["hamming_loss"]["verdict"] == "worse"
    assert comparisons["apart"]["against_reference"] is None
    assert comparisons["alike"]["reference"] is None


def test_a_verdict_never_contradicts_its_interval(cards):
    comparisons = compare_with_references(cards, dict.fromkeys(cards, "apart"), n_resamples=300)
    verdicts = set()
    for entry in comparisons.values():
        for row in (entry["against_reference"] or {}).values():
            verdicts.add(row["verdict"])
            if row["verdict"] != "no difference":
                assert row["low"] > 0 or row["high"] < 0
                assert row["p"] < 0.05
    assert verdicts == {"better", "worse", "no difference"}


def test_p_values_of_all_methods_and_metrics_are_adjusted_together(cards):
    references = dict.fromkeys(("joint", "alike", "worst"), "apart")
    comparisons = compare_with_references(cards, references, n_resamples=300)
    resamples = np.concatenate(list(Resamples(np.arange(150), 300, seed=0)))
    apart, p = cards["apart"], []
    terms = apart.image_terms()
    for name in references:
        once, often = cards[name].measure(), cards[name].measure(resamples)
        for key in METRICS:
            value = float(once[key] - apart.measure()[key])
            differences, extra = often[key] - apart.measure(resamples)[key], 0.0
            if key in terms:
                size = np.abs(cards[name].image_terms()[key][0] - terms[key][0])
                mean = size[size > 0].mean() if size.any() else 0.5
                extra = mean * np.sqrt(2) * 2 / (terms[key][1] + cards[name].image_terms()[key][1])
            p.append(difference_interval(value, differences, 150, extra=extra)[2])
    reported = [
        comparisons[name]["against_reference"][key]["p"] for name in references for key in METRICS
    ]
    assert reported == pytest.approx(holm(p))


def test_equal_predictions_have_no_difference(cards):
    cards["again"] = cards["apart"]
    comparisons = compare_with_references(cards, {"again": "apart"}, n_resamples=100)
    for row in comparisons["again"]["against_reference"].values():
        assert (row["difference"], row["p"], row["verdict"]) == (0, 1, "no difference")
        assert -row["low"] == row["high"] < 0.02


def test_intervals_do_not_depend_on_other_methods(cards):
    alone = {name: cards[name] for name in ("apart", "joint")}
    few = compare_with_references(alone, {"joint": "apart"}, n_resamples=200)
    many = compare_with_references(cards, {"joint": "apart", "worst": "apart"}, n_resamples=200)
    assert few["joint"]["intervals"] == many["joint"]["intervals"]
    row, same = (
        comparisons["joint"]["against_reference"]["macro_ap"] for comparisons in (few, many)
    )
    assert [row[key] for key in ("low", "high")] == [same[key] for key in ("low", "high")]


def test_repeated_rows_of_an_image_do_not_narrow_the_interval(Y, scores):
    once = {name: Scorecard(Y, score, score > 0.5) for name, score in scores.items()}
    thrice = {
        name: Scorecard(*(np.tile(part, (3, 1)) for part in (Y, score, score > 0.5)))
        for name, score in scores.items()
    }
    units = np.tile(np.arange(len(Y)), 3)
    few, many = (
        compare_with_references(cards, {"joint": "apart"}, n_resamples=200, **more)
        for cards, more in ((once, {}), (thrice, {"units": units}))
    )
    for key in ("hamming_loss", "macro_f1", "lrap"):
        assert few["joint"]["against_reference"][key] == pytest.approx(
            many["joint"]["against_reference"][key]
        )


def test_the_training_images_widen_the_interval(cards):
    plain, wide = (
        compare_with_references(
            cards, {"joint": "apart"}, n_resamples=200, relative_test_size=share
        )
        for share in (0.0, 3.0)
    )
    row, wider = (
        comparisons["joint"]["against_reference"]["jaccard"] for comparisons in (plain, wide)
    )
    ratio = (wider["high"] - wider["low"]) / (row["high"] - row["low"])
    assert ratio == pytest.approx(2, rel=0.02)
    own, wider = (comparisons["joint"]["intervals"]["macro_auroc"] for comparisons in (plain, wide))
    assert 1.2 < (wider["high"] - wider["low"]) / (own["high"] - own["low"]) < 1.3


def test_undefined_metrics_are_none():
    Y, scores = np.zeros((20, 2)), np.random.default_rng(0).random((20, 2))
    cards = {name: Scorecard(Y, scores, Y) for name in "ab"}
    comparisons = compare_with_references(cards, {"b": "a"}, n_resamples=50)
    row = comparisons["b"]["against_reference"]["macro_ap"]
    nothing = dict.fromkeys(("difference", "low", "high", "p", "verdict"))
    assert row == nothing | {"reason": "too few positives"}
    interval = comparisons["a"]["intervals"]["macro_ap"]
    assert interval == {"low": None, "high": None, "reason": "too few positives"}
    assert comparisons["b"]["against_reference"]["hamming_loss"]["verdict"] == "no difference"
    json.dumps(comparisons, allow_nan=False)


def test_number_of_processes_does_not_change_the_result(cards):
    alone, together = (
        compare_with_references(cards, {"joint": "apart"}, n_resamples=150, n_jobs=jobs)
        for jobs in (1, 2)
    )
    assert alone == together


def test_invalid_arguments_raise(cards, Y):
    with pytest.raises(ValueError, match="joint is to be compared with linear, which has no card"):
        compare_with_references(cards, {"joint": "linear"})
    with pytest.raises(ValueError, match="the methods predict"):
        compare_with_references(cards | {"less": Scorecard(Y[:9], Y[:9], Y[:9])}, {})
    with pytest.raises(ValueError, match="the units have 3"):
        compare_with_references(cards, {}, units=[1, 2, 3])
    assert compare_with_references({}, {}) == {}
