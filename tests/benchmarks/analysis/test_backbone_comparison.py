import numpy as np
import pytest

from catnocat.benchmarks.analysis.backbone_comparison import (
    NetworkResult,
    compare_backbones,
    decompose,
    pareto_points,
)
from catnocat.benchmarks.analysis.method_comparison import build_method_entries, resample_results
from catnocat.benchmarks.evaluation import MethodResult
from catnocat.benchmarks.evaluation.methods import select_methods
from catnocat.benchmarks.metrics import Scorecard
from catnocat.benchmarks.report.text import backbone_sentences
from catnocat.benchmarks.significance import resample_metrics

LEVELS = {"network": ["a", "b"], "views": ["whole", "grid2"], "classifier": ["logistic", "chain"]}


def make_network(make_table, network, noise, *, views="whole", ms=10.0, code="not_shown", seed=0):
    """Return results of two methods whose scores are the truth with noise."""
    table = make_table(300, n_labels=4)
    results = []
    for method, level in zip(select_methods(["logistic", "chain"]), noise, strict=True):
        # The same draw for all networks and methods: only its size differs.
        scores = table.Y + level * np.random.default_rng(seed).normal(size=table.Y.shape)
        answers = dict.fromkeys(("hamming", "f1", "set"), (scores > 0.5).astype(np.uint8))
        results.append(
            MethodResult(method, np.arange(300), scores, answers, predict_seconds=0.3 * level)
        )
    scored = resample_results(results, table, relative_test_size=0.5, n_resamples=400)
    entries = build_method_entries(results, scored)
    verdict = {"code": code}
    return NetworkResult(
        network,
        views,
        {
            "methods": entries,
            "best": {key: {"comparison": None} for key in ("macro_ap", "subset_accuracy")},
            "verdicts": {"macro_ap": verdict, "subset_accuracy": verdict},
            "extraction": {"dimension": 1280},
            "cost": {"features": None if ms is None else {"ms_per_image": ms}},
        },
        scored.resampled,
    )


def test_shares_without_noise_equal_a_computation_by_hand():
    # Effects: network -0.1 or +0.1, views -0.05 or +0.05, classifier -0.02 or +0.02, and an
    # interaction of network and classifier of 0.01. Each has 8 squares.
    sign = np.array([-1.0, 1.0])
    network, views, classifier = np.meshgrid(sign, sign, sign, indexing="ij")
    values = 0.6 + 0.1 * network + 0.05 * views + 0.02 * classifier
    values = values + 0.01 * network * classifier
    found = decompose(values, np.stack([values, values]), LEVELS)
    total = 0.1**2 + 0.05**2 + 0.02**2 + 0.01**2
    assert found["shares"] == pytest.approx(
        {
            "network": 0.1**2 / total,
            "views": 0.05**2 / total,
            "classifier": 0.02**2 / total,
            "network_by_classifier": 0.01**2 / total,
            "other_interactions": 0.0,
            "chance": 0.0,
        }
    )
    assert found["standard_deviation"] == pytest.approx(np.sqrt(total))
    effect = found["effects"]["network"]
    assert effect["means"] == pytest.approx({"a": 0.5, "b": 0.7})
    assert (effect["lowest"], effect["highest"]) == ("a", "b")
    assert effect["difference"] == pytest.approx(0.2)
    assert (effect["low"], effect["high"]) == pytest.approx((0.2, 0.2))


def test_chance_is_what_the_resamples_give_each_effect():
    values = np.array([[[0.50]], [[0.60]]])
    # In each resample the two networks move apart or together by 0.02: by hand the sum of squares
    # of the deviations is 2 * 0.01**2, that of the figures 2 * 0.05**2.
    apart = np.array([[[-0.01]], [[0.01]]])
    resampled = values + np.stack([apart, -apart])
    levels = {"network": ["a", "b"], "views": ["whole"], "classifier": ["logistic"]}
    found = decompose(values, resampled, levels, variance_factor=1.5)
    assert found["shares"]["chance"] == pytest.approx(1.5 * 0.01**2 / 0.05**2)
    assert sum(found["shares"].values()) == pytest.approx(1)
    assert set(found["effects"]) == {"network"}
    # An offset of all cells in a resample, such as a difficult draw of images, is no noise here.
    shifted = resampled + np.array([0.3, -0.3])[:, None, None, None]
    assert decompose(values, shifted, levels, 1.5)["shares"] == pytest.approx(found["shares"])


def test_pure_chance_has_no_share_of_the_network():
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(100):
        values = 0.6 + 0.01 * rng.normal(size=(3, 2, 4))
        resampled = values + 0.01 * rng.normal(size=(200, 3, 2, 4))
        levels = {"network": "abc", "views": "xy", "classifier": "1234"}
        shares.append(decompose(values, resampled, levels)["shares"])
    # Expected sums of squares: equal in the figures and in the deviations.
    assert np.mean([share["chance"] for share in shares]) > 0.7
    assert np.mean([share["network"] for share in shares]) < 0.1


def test_figures_that_do_not_vary_have_no_decomposition():
    values = np.full((2, 1, 1), 0.5)
    levels = {"network": "ab", "views": "x", "classifier": "1"}
    assert decompose(values, np.stack([values]), levels) is None
    assert decompose(np.full((2, 1, 1), np.nan), np.stack([values]), levels) is None


def test_differences_between_networks_are_paired(make_table):
    networks = [
        make_network(make_table, "a", (0.8, 0.8)),
        make_network(make_table, "b", (0.7, 0.7)),
    ]
    found = compare_backbones(networks)
    cells = {(cell["network"], cell["method"]): cell["macro_ap"] for cell in found["cells"]}
    assert cells["a", "logistic"]["against_reference"] is None
    against = cells["b", "logistic"]["against_reference"]
    table = make_table(300, n_labels=4)
    noise = np.random.default_rng(0).normal(size=table.Y.shape)
    cards = {
        name: Scorecard(table.Y, table.Y + level * noise, table.Y)
        for name, level in (("a", 0.8), ("b", 0.7))
    }
    by_hand = resample_metrics(cards, relative_test_size=0.5, n_resamples=400).against({"b": "a"})[
        "b"
    ]
    for key in ("difference", "low", "high"):
        assert against[key] == pytest.approx(by_hand["macro_ap"][key])
    assert against["verdict"] == "better"
    # Paired: much narrower than the interval of either figure.
    own = cells["b", "logistic"]["high"] - cells["b", "logistic"]["low"]
    assert against["high"] - against["low"] < own / 2
    assert found["methods"] == ["logistic", "chain"]
    shares = found["decomposition"]["macro_ap"]["shares"]
    assert shares["network"] > 0.9
    assert set(found["decomposition"]["macro_ap"]["effects"]) == {"network", "classifier"}


def test_verdict_depends_on_the_network_if_the_gain_differs_significantly(make_table):
    gains = make_network(make_table, "b", (0.9, 0.5), code="joint_better")
    same = make_network(make_table, "a", (0.9, 0.9))
    found = compare_backbones([same, gains])["dependence"]["macro_ap"]
    assert found["code"] == "depends"
    (contrast,) = found["contrasts"]
    assert (contrast["network"], contrast["method"]) == ("b", "chain")
    assert contrast["counterpart"] == "logistic"
    values = {
        (number, name): network.entries[name]["metrics"]["macro_ap"]
        for number, network in enumerate((same, gains))
        for name in ("logistic", "chain")
    }
    expected = values[1, "chain"] - values[1, "logistic"]
    expected -= values[0, "chain"] - values[0, "logistic"]
    assert contrast["difference"] == pytest.approx(expected)
    sentences = backbone_sentences(compare_backbones([same, gains]))
    assert any("This depends on the network" in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [(("not_shown", "not_shown"), "same"), (("not_shown", "joint_better"), "not_shown")],
)
def test_equal_gains_do_not_depend_on_the_network(make_table, codes, expected):
    networks = [
        make_network(make_table, name, (0.8, 0.7), code=code)
        for name, code in zip("ab", codes, strict=True)
    ]
    found = compare_backbones(networks)
    assert found["dependence"]["macro_ap"]["code"] == expected
    assert backbone_sentences(found)


def test_pareto_front_holds_points_that_no_cheaper_one_reaches(make_table):
    networks = [
        make_network(make_table, "cheap", (0.9, 1.2), ms=5),
        make_network(make_table, "dear", (0.7, 1.2), ms=20),
        make_network(make_table, "untimed", (0.1, 0.1), ms=None),
    ]
    points = pareto_points(networks)
    costs = [point["ms_per_image"] for point in points]
    assert costs == sorted(costs)
    assert {point["network"] for point in points} == {"cheap", "dear"}
    front = [(point["network"], point["method"]) for point in points if point["on_front"]]
    assert front == [("cheap", "logistic"), ("dear", "logistic")]
    # 0.3 * 0.9 s for 300 images in addition to the features.
    assert points[0]["ms_per_image"] == pytest.approx(5 + 0.9)


def test_views_are_a_factor_of_their_own(make_table):
    networks = [
        make_network(make_table, name, (level, level), views=views)
        for name, views, level in (
            ("a", "whole", 0.9),
            ("a", "grid2", 0.7),
            ("b", "whole", 0.9),
            ("b", "grid2", 0.7),
        )
    ]
    found = compare_backbones(networks)
    assert [network["name"] for network in found["networks"]][:2] == ["a whole", "a grid2"]
    shares = found["decomposition"]["macro_ap"]["shares"]
    assert shares["views"] > 0.9
    assert compare_backbones(networks[:3])["decomposition"]["macro_ap"] is None  # not crossed
