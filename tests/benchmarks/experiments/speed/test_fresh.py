import json

from catnocat.benchmarks.experiments.speed.fresh import measure_fresh, timed


def write(folder, text):
    (folder / "a_way.py").write_text(text)


def test_an_answer_comes_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        "from catnocat.benchmarks.experiments.speed.fresh import answer\n"
        "answer({'count': lambda paths: {'images': len(paths)}})\n",
    )
    found = measure_fresh("a_way", {"way": "count", "paths": ["x" * 1000] * 1000})
    assert found["images"] == 1000
    assert 1 < found["peak_mb"] < 10_000


def test_variables_are_passed_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        "import os\n"
        "from catnocat.benchmarks.experiments.speed.fresh import answer\n"
        "answer({'look': lambda: {'found': os.environ['CATNOCAT_CACHE']}})\n",
    )
    found = measure_fresh("a_way", {"way": "look"}, {"CATNOCAT_CACHE": "elsewhere"})
    assert found["found"] == "elsewhere"


def test_what_fails_is_told_and_nothing_else_stops(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "raise ValueError('no such thing')")
    assert measure_fresh("a_way", {"way": "any"}) == {"unavailable": "ValueError: no such thing"}
    write(
        tmp_path,
        "from catnocat.benchmarks.experiments.speed.fresh import Unavailable, answer\n"
        "def way():\n    raise Unavailable('not installed')\n"
        "answer({'way': way})\n",
    )
    assert measure_fresh("a_way", {"way": "way"})["unavailable"] == "not installed"


def test_time_is_taken():
    assert json.loads(json.dumps(timed(lambda: sum(range(1000))))).keys() == {
        "seconds",
        "cpu_seconds",
    }
