import pytest

from catnocat.benchmarks.experiments.speed import store_memory


@pytest.fixture
def run(monkeypatch):
    """Return a function that measures with these results of the workloads."""

    def run(*results):
        left = iter(results)
        monkeypatch.setattr(store_memory, "run_workload", lambda *request: next(left))
        return store_memory.main(["--images", "3000"])

    return run


def test_both_peaks_are_printed(run, capsys):
    read = {"images": 3000, "seconds": 2.0, "peak_mb": 150.2, "added_mb": 20.0}
    assert run({"images": 3000}, read, {**read, "peak_mb": 130.0}) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "3,000 paths, no digest known: peak 150 MB, 20 MB" in first
    assert "all known: peak 130 MB" in second


@pytest.mark.slow
def test_a_short_run_measures(capsys):
    assert store_memory.main(["--images", "200"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("200 paths, no digest known: peak ")
    assert "all known: peak " in second


def test_unavailable_workload_is_one_line(run, capsys):
    assert run({"unavailable": "full disk"}) == 2
    assert capsys.readouterr().err == "catnocat: fill the store: full disk\n"
