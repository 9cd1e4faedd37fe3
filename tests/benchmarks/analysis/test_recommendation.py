"""The rule by which a method is recommended, step by step."""

import pytest

from catnocat.benchmarks.analysis.best_methods import PURPOSES
from catnocat.benchmarks.analysis.recommendation import recommend

AP, SETS = PURPOSES


def entry(name, kind="independent", ap=0.6, right=0.3, seconds=1.0, wall_seconds=1.0):
    return {
        "name": name,
        "kind": kind,
        "metrics": {AP: ap, SETS: right},
        "choose_cpu_seconds": 0.0,
        "fit_cpu_seconds": seconds,
        "fit_seconds": wall_seconds,
        "chosen": [{}],
        "predict_cpu_ms_per_image": 0.0,
    }


def recommended(*entries, error=0.0, joint_for=(), ms_per_image=None, useless=()):
    """Recommend; joint methods come into question for the purposes named."""
    best = {}
    for key in PURPOSES:
        asked = [e for e in entries if e["kind"] == "independent" or key in joint_for]
        top = max((e["metrics"][key] for e in asked), default=None)
        best[key] = {
            "behind": {e["name"]: {"by": top - e["metrics"][key], "error": error} for e in asked}
        }
    results = {
        "methods": list(entries),
        "best": best,
        "verdicts": {key: {"code": "useless"} for key in useless},
        "protocol": {"images_trained_on": 900, "images_judged": 100},
        "cost": {"features": ms_per_image and {"cpu_ms_per_image": ms_per_image}},
    }
    return recommend(results)


def taken(*entries, **more):
    found = recommended(*entries, **more)
    return tuple(found[key]["take"] for key in PURPOSES)


def test_the_best_is_taken_where_nothing_else_comes_near():
    assert taken(entry("a", ap=0.6, right=0.3), entry("b", ap=0.5, right=0.2)) == ("a", "a")


def test_each_purpose_has_its_own_where_none_is_as_good_for_both():
    sets = entry("powerset", "joint", ap=0.5, right=0.4)
    assert taken(entry("a"), sets, joint_for=[SETS]) == ("a", "powerset")


def test_one_that_is_as_good_for_both_goes_before_the_best_of_each():
    both = entry("both", ap=0.595, right=0.395)
    some = (entry("a", ap=0.6, right=0.3), entry("b", ap=0.5, right=0.4), both)
    assert taken(*some) == ("both", "both")


@pytest.mark.parametrize(
    ("ap", "error", "name"),
    [(0.595, 0.0, "quick"), (0.585, 0.0, "slow"), (0.585, 0.017, "quick"), (0.55, 0.1, "slow")],
)
def test_within_a_standard_error_of_the_best_a_quicker_one_is_as_good_to_an_end(ap, error, name):
    quick, slow = entry("quick", ap=ap, right=0.3), entry("slow", seconds=50.0)
    assert taken(quick, slow, error=error) == (name, name)


def test_what_is_quick_enough_is_chosen_by_its_figure_and_not_by_an_eyelash_of_time():
    some = (entry("a", ap=0.597, seconds=0.9), entry("b", seconds=1.1), entry("c", seconds=1.0))
    assert taken(*some)[0] == "b"


def test_the_vectors_count_as_time_so_that_a_fit_of_seconds_is_no_reason_beside_them():
    some = (entry("quick", ap=0.595, seconds=0.1), entry("better", seconds=4.0))
    assert taken(*some)[0] == "quick"
    found = recommended(*some, ms_per_image=20.0)
    assert found[AP]["take"] == "better"
    assert found[AP]["seconds"] == {"quick": 20.1, "better": 24.0}


def test_wall_time_does_not_matter():
    """A fit on a busy machine takes longer, but not more processor time."""
    delayed = entry("delayed", ap=0.6, wall_seconds=48.0)
    assert taken(delayed, entry("a", ap=0.597)) == ("delayed", "delayed")


def test_independent_ones_go_before_joint_ones_that_are_no_better():
    some = (entry("apart", ap=0.595, right=0.295, seconds=90.0), entry("joint", "joint"))
    assert taken(*some, joint_for=PURPOSES) == ("apart", "apart")


def test_joint_ones_alone_are_taken_too():
    assert taken(entry("chain", "joint"), joint_for=PURPOSES) == ("chain", "chain")


def test_nothing_is_taken_where_nothing_could_be_judged():
    assert recommended() == {}


def test_nothing_is_recommended_for_a_purpose_at_which_no_method_is_usable():
    some = (entry("a", ap=0.6, right=0.3), entry("b", ap=0.5, right=0.4))
    found = recommended(*some, useless=[SETS])
    assert {key: choice["take"] for key, choice in found.items()} == {AP: "a"}
    found = recommended(*some, useless=[AP])
    assert {key: choice["take"] for key, choice in found.items()} == {SETS: "b"}
    assert recommended(*some, useless=PURPOSES) == {}
