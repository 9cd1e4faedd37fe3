import pytest

from catnocat.benchmarks.experiments.speed.ceilings import AIMS, aims_reached, compare


def way(kind, per_second, engine=None, precision=None):
    known = {"engine": engine, "precision": precision} if engine else {}
    return {"way": kind, "per_second": per_second, **known}


@pytest.fixture
def ways():
    return compare(
        {
            "obvious loop": way("obvious", 25),
            "decoding": way("decoding", 600),
            "network float32": way("network_only", 300, "openvino", "float32"),
            "network bfloat16": way("network_only", 600, "openvino", "bfloat16"),
            "ours float32": way("ours", 180, "openvino", "float32"),
            "ours bfloat16": way("ours", 270, "openvino", "bfloat16"),
            "ours, torch": way("ours", 90, "torch", "float32"),
            "network, torch": {
                "way": "network_only",
                "engine": "torch",
                "precision": "float32",
                "unavailable": "no torch",
            },
        }
    )


def test_the_ceiling_is_what_both_allow_together_in_the_same_engine_and_precision(ways):
    assert ways["ours float32"]["ceiling_per_second"] == pytest.approx(200)
    assert ways["ours float32"]["of_ceiling"] == pytest.approx(0.9)
    assert ways["ours bfloat16"]["ceiling_per_second"] == pytest.approx(300)


def test_without_both_there_is_no_ceiling(ways):
    assert "of_ceiling" not in ways["ours, torch"]
    assert ways["ours, torch"]["times_obvious"] == pytest.approx(3.6)
    assert "of_ceiling" not in ways["decoding"]


def test_aims_are_held_against_the_faster_engine(ways):
    aims = aims_reached(ways, {"unavailable": "full disk"})
    assert [aim["aim"] for aim in aims] == [name for name, *_ in AIMS]
    assert aims[0]["measured"] == pytest.approx(7.2)
    assert [aim["reached"] for aim in aims] == [True, True, True, True, None, None, None]


def test_less_time_is_better(ways):
    known = {
        "images": 100_000,
        "seconds": 2.5,
        "added_mb": 51,
        "array_mb": 50,
        "open_seconds": 0.05,
    }
    assert [aim["reached"] for aim in aims_reached(ways, known)][4:] == [False, True, True]
