from copy import deepcopy

from catnocat.benchmarks.analysis import rank_over_datasets
from catnocat.benchmarks.metrics import METRICS
from catnocat.benchmarks.report.text import joint_answer


def comparison(levels, difference=0.0):
    methods = []
    for name, level in levels.items():
        independent = name == "one-vs-rest"
        found = {key: {"difference": difference, "verdict": "no difference"} for key in METRICS}
        methods.append(
            {
                "name": name,
                "kind": "independent" if independent else "joint",
                "reference": None if independent else "one-vs-rest",
                "metrics": dict.fromkeys(METRICS, level),
                "against_independent": None if independent else found,
            }
        )
    return {"methods": methods, "verdicts": verdicts("not_shown", "joint_better")}


def across(comparisons):
    ranking = rank_over_datasets(comparisons)
    return ranking | {"answer": joint_answer(comparisons, ranking)}


def verdicts(finding, label_sets):
    return {"macro_ap": {"code": finding}, "subset_accuracy": {"code": label_sets}}


def test_ranks_follow_the_direction_of_the_metric_and_few_data_sets_are_a_warning():
    sets = [comparison({"one-vs-rest": 0.5, "chain": 0.6}, 0.1)] * 3
    found = across(sets)
    assert found["ranks"]["macro_ap"]["methods"][0]["name"] == "chain"
    assert found["ranks"]["hamming_loss"]["methods"][0]["name"] == "one-vs-rest"
    (chain,) = found["signed_ranks"]["macro_ap"]
    assert chain["right"] > 0.9
    (chain,) = found["signed_ranks"]["hamming_loss"]
    assert chain["left"] > 0.9
    assert found["answer"].startswith(
        "For finding the images of a label: neither is shown on 3 of 3 data sets. For"
        " predicting exact label sets: joint methods are better than cat/no-cat on 3 of 3 data"
        " sets."
    )
    assert "With 3 data sets these ranks and probabilities mean little" in found["answer"]


def test_failed_methods_have_no_rank():
    whole = comparison({"one-vs-rest": 0.5, "chain": 0.6, "mlknn": 0.4})
    holed = deepcopy(whole)
    holed["methods"][2] = {"name": "mlknn", "kind": "joint", "failed": "no"}
    found = across([whole, holed])
    assert found["ranks"]["macro_ap"]["left_out"] == ["mlknn"]
    none = {
        "methods": [{"name": "chain", "kind": "joint", "failed": "no"}],
        "verdicts": verdicts("not_measured", "not_measured"),
    }
    found = across([none, none])
    assert found["ranks"]["macro_ap"] is None
    assert found["signed_ranks"]["macro_ap"] == []
    assert "nothing was compared on 2 of 2 data sets" in found["answer"]


def test_unreachable_critical_difference_is_not_stated():
    levels = {"one-vs-rest": 0.9} | {f"method {number}": 0.01 * number for number in range(20)}
    assert (
        "with so few data sets no two methods can differ significantly"
        in across([comparison(levels)] * 2)["answer"]
    )
    assert (
        "differ significantly if their ranks differ by"
        in across([comparison(levels)] * 9)["answer"]
    )


def test_verdicts_are_counted_by_purpose():
    codes = ("joint_better", "independent_suffices", "independent_better", "useless")
    sets = [
        comparison({"one-vs-rest": 0.5, "chain": 0.6}) | {"verdicts": verdicts(code, "not_shown")}
        for code in codes
    ]
    assert across(sets)["answer"].startswith(
        "For finding the images of a label: joint methods are better than cat/no-cat on 1 of 4 data"
        " sets; cat/no-cat is good enough on 2 of 4 data sets; no method is better than a constant"
        " prediction on 1 of 4 data sets."
    )


def test_baseline_has_no_rank():
    one = comparison({"one-vs-rest": 0.5, "chain": 0.6, "constant": 0.9})
    one["methods"][2] |= {"kind": "baseline", "against_independent": None}
    ranks = across([one] * 2)["ranks"]["macro_ap"]
    assert [method["name"] for method in ranks["methods"]] == ["chain", "one-vs-rest"]
