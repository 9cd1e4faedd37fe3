import json
from importlib.util import find_spec

import pytest

from catnocat.benchmarks.experiments.command import run_workload
from catnocat.benchmarks.experiments.speed import feature_workloads, features
from catnocat.benchmarks.experiments.speed.features import (
    TARGETS,
    check_targets,
    compare,
    print_results,
)
from catnocat.benchmarks.experiments.speed.inputs import find_photos

SECONDS = {"plain_loop": 10.0, "ours": 1.0, "decoding": 0.25, "network_only": 0.5}


def invented(module, request, environment):
    if request["workload"] == "embetter_documented":
        return {"unavailable": "not installed"}
    count = request.get("count") or len(request["paths"])
    return {
        "images": count,
        "seconds": SECONDS.get(request["workload"], 5.0),
        "first_seconds": 0.1,
        "open_seconds": 0.01,
        "peak_mb": 100.0,
        "added_mb": 55.0,
        "array_mb": 50.0,
    }


@pytest.fixture
def measured(monkeypatch, tmp_path):
    """Return a function that measures with a fake result of each workload."""
    monkeypatch.setattr(features, "find_photos", lambda table, folder: ("invented", ["photo"]))
    monkeypatch.setattr(features, "distinct_copies", lambda paths, count, folder: paths * count)

    def measure(fake, quick=True):
        monkeypatch.setattr(features, "run_workload", fake)
        return features.measure(None, quick, tmp_path)

    return measure


@pytest.fixture
def result(measured):
    return measured(invented)


def test_result_is_complete_and_json(result):
    assert json.loads(json.dumps(result)) == result
    assert {row["workload"] for row in result["workloads"].values()} == {
        "plain_loop",
        "timm_documented",
        "embetter_documented",
        "ours",
        "network_only",
        "decoding",
    }
    assert [row["photos"] for row in result["growth"]] == [500, 2000]
    reached = [
        True,
        True,
        False,
        False,
        None,
        None,
        None,
    ]  # a quick run reads too few stored features
    assert [target["reached"] for target in result["targets"]] == reached


def test_faster_run_counts(measured):
    requested = []

    def faster_and_slower(module, request, environment):
        requested.append(request["workload"])
        result = invented(module, request, environment)
        if request["workload"] == "plain_loop":
            result["seconds"] = 8.0 if requested.count("plain_loop") == 1 else 16.0
        return result

    plain_loop = measured(faster_and_slower, quick=False)["workloads"]["plain loop"]
    assert requested.count("plain_loop") == 2
    assert plain_loop["per_second"] == 40


def test_every_workload_is_printed(result, capsys):
    print_results(result)
    printed = capsys.readouterr().out
    for label in result["workloads"]:
        assert label in printed
    assert "not installed" in printed
    assert "75%" in printed
    assert "MISSED" in printed


@pytest.mark.parametrize("there", [True, False])
def test_missing_bfloat16_is_reported(result, capsys, there):
    result["machine"]["bfloat16"] = there
    print_results(result)
    assert ("no bfloat16 instructions" in capsys.readouterr().out) is not there


def test_unavailable_workloads_are_printed(measured, capsys):
    def nothing(module, request, environment):
        return {"unavailable": "full disk"}

    result = measured(nothing)
    assert {target["reached"] for target in result["targets"]} == {None}
    print_results(result)
    assert capsys.readouterr().out.count("full disk") == len(result["workloads"]) + 3


def test_missing_table_is_one_line(tmp_path, capsys):
    arguments = ["--table", str(tmp_path / "none.csv"), "--out", str(tmp_path / "speed.json")]
    assert features.main(arguments) == 2
    message = capsys.readouterr().err
    assert "none.csv" in message
    assert len(message.splitlines()) == 1


@pytest.fixture
def few(monkeypatch, tmp_path):
    monkeypatch.delenv("CATNOCAT_DATA", raising=False)
    return find_photos(None, tmp_path)[1][:3]


@pytest.mark.slow
def test_workloads_of_other_libraries_run(few):
    requests = [{"workload": "plain_loop"}]
    if find_spec("embetter") is not None:
        requests.append({"workload": "embetter_documented"})
    for request in requests:
        result = run_workload(features._FEATURE_WORKLOADS, {**request, "paths": few})
        assert result.get("images") == 3, result
        assert result["seconds"] > 0
        assert result["peak_mb"] > 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("workload", "options"),
    [
        (feature_workloads.timm_documented, {}),
        (feature_workloads.ours, {"engine": "auto", "precision": "float32"}),
        (feature_workloads.network_only, {"engine": "torch", "precision": "float32"}),
        (feature_workloads.decoding, {}),
    ],
)
def test_workloads_run(workload, options, few):
    result = workload(few, **options)
    assert result["images"] == 3
    assert result["seconds"] > 0
    # Invented results elsewhere have the keys of real ones.
    invented_keys = {*invented(None, {"workload": "ours", "paths": few}, None), "cpu_seconds"}
    assert set(result) <= invented_keys


@pytest.mark.slow
def test_stored_features_are_written_and_read(tmp_path):
    result = features._measure_stored(60, tmp_path, {"CATNOCAT_CACHE": str(tmp_path / "cache")})
    assert result.get("images") == 60, result
    assert result["array_mb"] == 60 * 1280 * 4 / 1e6
    assert 0 < result["open_seconds"] < result["seconds"]


def entry(workload, per_second, engine=None, precision=None):
    options = {"engine": engine, "precision": precision} if engine else {}
    return {"workload": workload, "per_second": per_second, **options}


@pytest.fixture
def compared():
    return compare(
        {
            "plain loop": entry("plain_loop", 25),
            "decoding": entry("decoding", 600),
            "network float32": entry("network_only", 300, "openvino", "float32"),
            "network bfloat16": entry("network_only", 600, "openvino", "bfloat16"),
            "ours float32": entry("ours", 180, "openvino", "float32"),
            "ours bfloat16": entry("ours", 270, "openvino", "bfloat16"),
            "ours, torch": entry("ours", 90, "torch", "float32"),
            "network, torch": {
                "workload": "network_only",
                "engine": "torch",
                "precision": "float32",
                "unavailable": "no torch",
            },
        }
    )


def test_bound_combines_decoding_and_network(compared):
    assert compared["ours float32"]["bound_per_second"] == pytest.approx(200)
    assert compared["ours float32"]["share_of_bound"] == pytest.approx(0.9)
    assert compared["ours bfloat16"]["bound_per_second"] == pytest.approx(300)


def test_bound_needs_both_measurements(compared):
    assert "share_of_bound" not in compared["ours, torch"]
    assert compared["ours, torch"]["relative_to_plain_loop"] == pytest.approx(3.6)
    assert "share_of_bound" not in compared["decoding"]


def test_targets_use_the_faster_engine(compared):
    targets = check_targets(compared, {"unavailable": "full disk"})
    assert [target["name"] for target in targets] == [name for name, *_ in TARGETS]
    assert targets[0]["measured"] == pytest.approx(7.2)
    assert [target["reached"] for target in targets] == [True, True, True, True, None, None, None]


def test_lower_time_reaches_the_target(compared):
    stored = {
        "images": 100_000,
        "seconds": 2.5,
        "added_mb": 51,
        "array_mb": 50,
        "open_seconds": 0.05,
    }
    assert [target["reached"] for target in check_targets(compared, stored)][4:] == [
        False,
        True,
        True,
    ]
