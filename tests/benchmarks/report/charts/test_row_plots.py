from math import isfinite

import pytest

from catnocat.benchmarks.metrics import METRICS
from catnocat.benchmarks.report.charts.row_plots import (
    axis_over,
    differences,
    per_label,
    select_methods,
)


@pytest.mark.parametrize("values", [[0.0], [0.0, 0.0], [-1e-7, 1e-7], [-3.0, 250.0], [0.1, 0.35]])
def test_an_axis_holds_its_values_and_names_its_ticks_apart(values):
    axis = axis_over(values)
    positions = [float(axis.position(value).rstrip("%")) for value in values]
    assert all(0 <= place <= 100 and isfinite(place) for place in positions)
    names = [axis.name(tick) for tick in axis.ticks]
    assert len(set(names)) == len(names)


def test_the_greatest_gain_comes_first_whichever_way_is_better(results):
    chain = results["methods"][1]
    other = {**chain, "name": "other", "against_independent": {
        key: found | {"difference": -0.1} for key, found in chain["against_independent"].items()
    }}  # fmt: skip
    for key, first in (("macro_ap", "other"), ("hamming_loss", "chain")):
        plot = differences([chain, other], METRICS[key])
        assert plot["groups"]["one-vs-rest"][0]["entry"]["name"] == first


def test_each_reference_has_a_group_of_its_own(results):
    chain = results["methods"][1]
    iblr = chain | {"name": "iblr", "reference": "mlknn"}
    groups = differences([chain, iblr], METRICS["macro_ap"])["groups"]
    assert {name: [row["entry"]["name"] for row in rows] for name, rows in groups.items()} == {
        "one-vs-rest": ["chain"],
        "mlknn": ["iblr"],
    }


def test_without_a_difference_there_is_no_plot(results):
    one_vs_rest, chain, *_ = results["methods"]
    assert differences([one_vs_rest], METRICS["macro_ap"]) is None
    chain["against_independent"]["macro_ap"]["difference"] = None
    assert differences([chain], METRICS["macro_ap"]) is None


def test_labels_without_a_figure_are_named_apart(results):
    plot = per_label(results, results["methods"][:2])
    assert [row["label"] for row in plot["rows"]] == ["cat", "dog", "<script>"]
    assert plot["without"] == ["squirrel"]
    assert per_label(results, []) is None


def test_the_reference_comes_first(results):
    chain = results["methods"][1]
    methods = select_methods(results, [chain, results["methods"][0]])
    assert [entry["name"] for entry in methods] == [
        "one-vs-rest",
        "chain",
    ]


def test_one_method_far_out_leaves_room_to_tell_the_others_apart(results):
    chain = results["methods"][1]

    def differing(name, difference):
        found = {"difference": difference, "low": difference - 0.01, "high": difference + 0.01}
        return chain | {"name": name, "against_independent": {"macro_ap": found}}

    near = [differing(f"near {number}", number / 100) for number in range(-2, 3)]
    plot = differences([*near, differing("far", -0.6)], METRICS["macro_ap"])
    assert plot["cut_off"] == ["far"]
    assert plot["axis"].beyond(-0.6) == "left"
    assert plot["axis"].low > -0.1
    assert differences(near, METRICS["macro_ap"])["cut_off"] == []
