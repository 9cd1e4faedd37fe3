import json
from importlib.util import find_spec

import pytest

from catnocat.benchmarks.experiments.speed import feature_ways, features
from catnocat.benchmarks.experiments.speed.feature_table import print_result
from catnocat.benchmarks.experiments.speed.features import measure_fresh
from catnocat.benchmarks.experiments.speed.photos import find_photos

SECONDS = {"obvious": 10.0, "ours": 1.0, "decoding": 0.25, "network_only": 0.5}


def invented(module, question, environment):
    if question["way"] == "embetter_documented":
        return {"unavailable": "not installed"}
    count = question.get("count") or len(question["paths"])
    return {
        "images": count,
        "seconds": SECONDS.get(question["way"], 5.0),
        "first_seconds": 0.1,
        "open_seconds": 0.01,
        "peak_mb": 100.0,
        "added_mb": 55.0,
        "array_mb": 50.0,
    }


@pytest.fixture
def measured(monkeypatch, tmp_path):
    """Give a function that measures with an answer of ours to every question."""
    monkeypatch.setattr(features, "find_photos", lambda table, folder: ("invented", ["photo"]))
    monkeypatch.setattr(features, "varied", lambda paths, count, folder: paths * count)

    def measure(answer, quick=True):
        monkeypatch.setattr(features, "measure_fresh", answer)
        return features.measure(None, quick, tmp_path)

    return measure


@pytest.fixture
def result(measured):
    return measured(invented)


def test_everything_is_measured_and_is_plain_json(result):
    assert json.loads(json.dumps(result)) == result
    assert {way["way"] for way in result["ways"].values()} == {
        "obvious",
        "timm_documented",
        "embetter_documented",
        "ours",
        "network_only",
        "decoding",
    }
    assert [row["photos"] for row in result["growth"]] == [500, 2000]
    reached = [True, True, False, False, None, None, None]  # a short run reads fewer than wanted
    assert [aim["reached"] for aim in result["aims"]] == reached


def test_of_two_times_the_better_counts(measured):
    asked = []

    def faster_and_slower(module, question, environment):
        asked.append(question["way"])
        found = invented(module, question, environment)
        if question["way"] == "obvious":
            found["seconds"] = 8.0 if asked.count("obvious") == 1 else 16.0
        return found

    obvious = measured(faster_and_slower, quick=False)["ways"]["obvious loop"]
    assert asked.count("obvious") == 2
    assert obvious["per_second"] == 40


def test_what_is_printed_names_every_way(result, capsys):
    print_result(result)
    printed = capsys.readouterr().out
    for way in result["ways"]:
        assert way in printed
    assert "not installed" in printed
    assert "75%" in printed
    assert "MISSED" in printed


@pytest.mark.parametrize("there", [True, False])
def test_a_processor_without_bfloat16_is_told_of(result, capsys, there):
    result["machine"]["bfloat16"] = there
    print_result(result)
    assert ("no instructions for bfloat16" in capsys.readouterr().out) is not there


def test_what_could_not_be_measured_is_printed_too(measured, capsys):
    def nothing(module, question, environment):
        return {"unavailable": "full disk"}

    result = measured(nothing)
    assert {aim["reached"] for aim in result["aims"]} == {None}
    print_result(result)
    assert capsys.readouterr().out.count("full disk") == len(result["ways"]) + 3


def test_a_table_that_is_not_there_is_told_in_one_line(tmp_path, capsys):
    asked = ["--table", str(tmp_path / "none.csv"), "--out", str(tmp_path / "speed.json")]
    assert features.main(asked) == 2
    told = capsys.readouterr().err
    assert "none.csv" in told
    assert len(told.splitlines()) == 1


@pytest.fixture
def few(monkeypatch, tmp_path):
    monkeypatch.delenv("CATNOCAT_DATA", raising=False)
    return find_photos(None, tmp_path)[1][:3]


@pytest.mark.slow
def test_others_ways_run(few):
    questions = [{"way": "obvious"}]
    if find_spec("embetter") is not None:
        questions.append({"way": "embetter_documented"})
    for question in questions:
        found = measure_fresh(features._PHOTO_WAYS, {**question, "paths": few})
        assert found.get("images") == 3, found
        assert found["seconds"] > 0
        assert found["peak_mb"] > 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "options"),
    [
        (feature_ways.timm_documented, {}),
        (feature_ways.ours, {"engine": "auto", "precision": "float32"}),
        (feature_ways.network_only, {"engine": "torch", "precision": "float32"}),
        (feature_ways.decoding, {}),
    ],
)
def test_every_way_runs(way, options, few):
    found = way(few, **options)
    assert found["images"] == 3
    assert found["seconds"] > 0
    # Invented answers elsewhere have the keys of real ones.
    assert set(found) <= {*invented(None, {"way": "ours", "paths": few}, None), "cpu_seconds"}


@pytest.mark.slow
def test_stored_features_are_made_and_read(tmp_path):
    found = features._measure_known(60, tmp_path, {"CATNOCAT_CACHE": str(tmp_path / "cache")})
    assert found.get("images") == 60, found
    assert found["array_mb"] == 60 * 1280 * 4 / 1e6
    assert 0 < found["open_seconds"] < found["seconds"]
