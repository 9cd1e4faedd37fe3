"""Steps of the rule of recommendation."""

import pytest

from catnocat.benchmarks.analysis.best_methods import PURPOSES
from catnocat.benchmarks.analysis.recommendation import recommend

AP, SETS = PURPOSES


def entry(name, kind="independent", ap=0.6, right=0.3, seconds=1.0):
    return {
        "name": name,
        "kind": kind,
        "metrics": {AP: ap, SETS: right},
        "choose_cpu_seconds": 0.0,
        "fit_cpu_seconds": seconds,
        "chosen": [{}],
        "predict_cpu_ms_per_image": 0.0,
    }


def recommended(*entries, error=0.0, joint_for=(), cpu_ms_per_image=0.0, useless=()):
    """Recommend a method; joint methods are eligible for the given purposes."""
    best = {}
    for key in PURPOSES:
        eligible = [e for e in entries if e["kind"] == "independent" or key in joint_for]
        top = max((e["metrics"][key] for e in eligible), default=None)
        best[key] = {
            "shortfall": {
                e["name"]: {"value": top - e["metrics"][key], "standard_error": error}
                for e in eligible
            }
        }
    usable = [key for key in PURPOSES if key not in useless]
    return recommend(
        entries, best, usable, n_train=900, n_test=100, cpu_ms_per_image=cpu_ms_per_image
    )


def taken(*entries, **more):
    result = recommended(*entries, **more)
    return tuple(result[key]["method"] for key in PURPOSES)


def test_best_method_is_recommended():
    assert taken(entry("a", ap=0.6, right=0.3), entry("b", ap=0.5, right=0.2)) == ("a", "a")


def test_each_purpose_may_have_its_own_method():
    sets = entry("powerset", "joint", ap=0.5, right=0.4)
    assert taken(entry("a"), sets, joint_for=[SETS]) == ("a", "powerset")


def test_method_as_good_for_both_purposes_takes_precedence():
    both = entry("both", ap=0.595, right=0.395)
    entries = (entry("a", ap=0.6, right=0.3), entry("b", ap=0.5, right=0.4), both)
    assert taken(*entries) == ("both", "both")


@pytest.mark.parametrize(
    ("ap", "error", "name"),
    [(0.595, 0.0, "quick"), (0.585, 0.0, "slow"), (0.585, 0.017, "quick"), (0.55, 0.1, "slow")],
)
def test_faster_method_within_a_standard_error_is_recommended(ap, error, name):
    quick, slow = entry("quick", ap=ap, right=0.3), entry("slow", seconds=50.0)
    assert taken(quick, slow, error=error) == (name, name)


def test_among_fast_methods_the_figure_decides():
    entries = (entry("a", ap=0.597, seconds=0.9), entry("b", seconds=1.1), entry("c", seconds=1.0))
    assert taken(*entries)[0] == "b"


def test_time_of_the_features_counts():
    entries = (entry("quick", ap=0.595, seconds=0.1), entry("better", seconds=4.0))
    assert taken(*entries)[0] == "quick"
    result = recommended(*entries, cpu_ms_per_image=20.0)
    assert result[AP]["method"] == "better"
    assert result[AP]["seconds"] == {"quick": 20.1, "better": 24.0}


def test_independent_methods_take_precedence():
    entries = (entry("apart", ap=0.595, right=0.295, seconds=90.0), entry("joint", "joint"))
    assert taken(*entries, joint_for=PURPOSES) == ("apart", "apart")


def test_joint_methods_alone():
    assert taken(entry("chain", "joint"), joint_for=PURPOSES) == ("chain", "chain")


def test_without_methods_nothing_is_recommended():
    assert recommended() == {}


def test_useless_purposes_have_no_recommendation():
    entries = (entry("a", ap=0.6, right=0.3), entry("b", ap=0.5, right=0.4))
    result = recommended(*entries, useless=[SETS])
    assert {key: entry["method"] for key, entry in result.items()} == {AP: "a"}
    result = recommended(*entries, useless=[AP])
    assert {key: entry["method"] for key, entry in result.items()} == {SETS: "b"}
    assert recommended(*entries, useless=PURPOSES) == {}
