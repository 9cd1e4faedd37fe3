import json

from catnocat.benchmarks.experiments.command import measure_time, run_workload


def write(folder, text):
    (folder / "a_module.py").write_text(text)


def test_result_is_returned(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        "from catnocat.benchmarks.experiments.command import serve_workload\n"
        "serve_workload({'count': lambda paths: {'images': len(paths)}})\n",
    )
    result = run_workload("a_module", {"workload": "count", "paths": ["x" * 1000] * 1000})
    assert result["images"] == 1000
    assert 1 < result["peak_mb"] < 10_000


def test_environment_is_passed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        "import os\n"
        "from catnocat.benchmarks.experiments.command import serve_workload\n"
        "serve_workload({'look': lambda: {'value': os.environ['CATNOCAT_CACHE']}})\n",
    )
    result = run_workload("a_module", {"workload": "look"}, {"CATNOCAT_CACHE": "elsewhere"})
    assert result["value"] == "elsewhere"


def test_failure_is_reported_as_unavailable(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "raise ValueError('no such thing')")
    assert run_workload("a_module", {"workload": "any"}) == {
        "unavailable": "ValueError: no such thing"
    }
    write(
        tmp_path,
        "from catnocat.benchmarks.experiments.command import (\n"
        "    Unavailable, serve_workload)\n"
        "def workload():\n    raise Unavailable('not installed')\n"
        "serve_workload({'workload': workload})\n",
    )
    assert run_workload("a_module", {"workload": "workload"})["unavailable"] == "not installed"


def test_wall_clock_and_processor_time_are_measured():
    assert json.loads(json.dumps(measure_time(lambda: sum(range(1000))))).keys() == {
        "seconds",
        "cpu_seconds",
    }
