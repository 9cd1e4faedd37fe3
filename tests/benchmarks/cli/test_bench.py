"""The exit code of `catnocat bench` when methods fail."""

import pytest

from catnocat.benchmarks.cli import main


@pytest.mark.parametrize(
    ("failed", "code"), [([True, True], 1), ([True, False], 0), ([False, False], 0)]
)
@pytest.mark.parametrize("sets", [["pets.csv"], ["pets.csv", "farm.csv"]])
def test_exit_code_is_1_if_every_method_failed(monkeypatch, capsys, failed, code, sets):
    methods = [
        {"name": str(number), "kind": "joint", **({"failed": "no"} if has_failed else {})}
        for number, has_failed in enumerate(failed)
    ]
    methods.append({"name": "constant", "kind": "baseline"})  # the baseline never fails
    results = {"methods": methods} if len(sets) == 1 else {"datasets": [{"methods": methods}] * 2}
    for module in ("benchmark.bench", "benchmark.bench_several"):
        monkeypatch.setattr(f"catnocat.benchmarks.{module}", lambda *_, **__: results)
    for name in ("print_results", "print_joint_results"):
        monkeypatch.setattr(f"catnocat.benchmarks.report.{name}", lambda *_, **__: None)
    with pytest.raises(SystemExit) as stop:
        main(["bench", *sets, "--out", "report"])
    assert stop.value.code == code
    assert "Report: report/report.html" in capsys.readouterr().out
