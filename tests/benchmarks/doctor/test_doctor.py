import io
import json
import tempfile
from pathlib import Path

import pytest
from rich.console import Console

from catnocat.benchmarks.cli import main
from catnocat.benchmarks.doctor import environment, print_diagnostics, run_diagnostics
from catnocat.benchmarks.doctor.environment import measure_speed


@pytest.fixture
def run(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main(["doctor", *map(str, arguments)])
        return (end.value.code, *capsys.readouterr())

    return run


def printed(diagnostics):
    console = Console(file=io.StringIO(), width=100)
    print_diagnostics(diagnostics, console)
    return console.file.getvalue()


@pytest.fixture
def complete(monkeypatch):
    """Reduce the requirements to what is installed."""
    monkeypatch.setattr(environment, "_own_requirements", lambda: ["numpy>=1"])


def test_complete_installation_exits_with_0(complete, run):
    code, out, err = run("--quick")
    assert (code, err) == (0, "")
    assert "Everything that is needed works." in out
    diagnostics = json.loads(run("--quick", "--json")[1])
    assert diagnostics["defaults"]["engine"] in ("torch", "openvino")
    assert diagnostics["machine"]["usable_processors"] >= 1
    assert diagnostics["cache"]["free_bytes"] > 0
    assert diagnostics["errors"] == []
    assert diagnostics["speed"] is None
    for figure in (
        diagnostics["defaults"]["decoder"].split("/")[0],
        diagnostics["cache"]["folder"],
    ):
        assert figure in out


def test_diagnostics_create_no_files(complete, tmp_path):
    diagnostics = run_diagnostics(tmp_path / "a" / "store", quick=True)
    assert diagnostics["store"]["writable"]
    assert list(tmp_path.iterdir()) == []


def test_unwritable_cache_is_an_error_with_a_remedy(complete, run, monkeypatch, tmp_path):
    blocker = tmp_path / "file"
    blocker.touch()
    monkeypatch.setenv("CATNOCAT_CACHE", str(blocker / "cache"))
    code, out, err = run("--quick")
    assert (code, err) == (1, "")
    assert f"error: {blocker} is not a folder" in out
    assert "CATNOCAT_CACHE" in out
    assert run("--quick", "--store", tmp_path)[0] == 1, "the cache is needed besides the store"


def test_missing_or_old_package_is_an_error_with_its_pip_command(monkeypatch):
    monkeypatch.setattr(environment, "_own_requirements", lambda: ["no-such>=1", "numpy>=999"])
    diagnostics = run_diagnostics(quick=True)
    assert [entry["remedy"] for entry in diagnostics["errors"]] == [
        "pip install 'no-such>=1'",
        "pip install 'numpy>=999'",
    ]
    assert "no-such missing" in printed(diagnostics)


def test_missing_extra_is_advice(monkeypatch):
    requirements = ["numpy", 'no-such; extra == "fast"', 'other; extra == "peers"']
    monkeypatch.setattr(environment, "_own_requirements", lambda: requirements)
    diagnostics = run_diagnostics(quick=True)
    assert diagnostics["errors"] == []
    assert [entry["remedy"] for entry in diagnostics["advice"]] == ["pip install 'catnocat[fast]'"]
    assert "no-such is not installed" in printed(diagnostics)


def test_exception_of_a_library_is_reported(complete, monkeypatch):
    def fail(gpu):
        raise ImportError("libgomp.so.1:\n cannot open shared object file")

    monkeypatch.setattr("catnocat.benchmarks.doctor.diagnostics.default_engine", fail)
    diagnostics = run_diagnostics()
    assert "libgomp.so.1: cannot open shared object file" in diagnostics["errors"][0]["message"]
    assert diagnostics["defaults"] is diagnostics["speed"] is None
    assert "catnocat does not work on this machine yet." in printed(diagnostics)


@pytest.mark.parametrize(
    ("installed", "gpu", "engine", "reason"),
    [
        (True, None, "openvino", "it is installed"),
        (False, None, "torch", "is not installed"),
        (False, "Card 9000", "torch", "Card 9000"),
    ],
)
def test_engine_reason(monkeypatch, installed, gpu, engine, reason):
    from importlib.util import find_spec

    def find(name, *more):
        return (installed or None) if name == "openvino" else find_spec(name, *more)

    monkeypatch.setattr("importlib.util.find_spec", find)
    monkeypatch.setattr("shutil.which", lambda name: gpu and f"/usr/bin/{name}")
    monkeypatch.setattr("torch.cuda.is_available", lambda: gpu is not None)
    defaults = environment.default_engine(gpu)
    assert defaults["engine"] == engine
    assert reason in defaults["engine_reason"]


@pytest.mark.parametrize(
    ("has_bfloat16", "reason"), [(True, "is faster"), (False, "no bfloat16 instructions")]
)
def test_precision_reason(monkeypatch, has_bfloat16, reason):
    monkeypatch.setattr("catnocat.features.has_bfloat16", lambda engine: has_bfloat16)
    assert reason in environment.default_engine(None)["precision_reason"]


def test_bfloat16_is_advised_where_it_is_faster(complete, monkeypatch):
    def measured(bfloat16):
        rates = {"float32": 100.0, "bfloat16": bfloat16}
        return {
            "image": "640 x 427 pixels, JPEG",
            "decoded_per_second": 500.0,
            "network_per_second": rates,
            "images_per_second": 80.0,
            "start_seconds": 1.0,
        }

    def advice(bfloat16):
        monkeypatch.setattr(
            "catnocat.benchmarks.doctor.diagnostics.measure_speed", lambda: measured(bfloat16)
        )
        return run_diagnostics()

    assert advice(50.0)["advice"] == []
    assert "2.0 times as fast" in advice(200.0)["advice"][0]["message"]
    assert "80 images/s" in printed(advice(200.0))


@pytest.mark.slow
def test_speed_measurement_leaves_no_files(cache, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(Path(cache).rglob("*.npy"))
    speed = measure_speed(seconds=0.1)
    assert set(speed["network_per_second"]) == {"float32", "bfloat16"}
    rates = [speed[key] for key in ("decoded_per_second", "images_per_second", "start_seconds")]
    assert min(rates + list(speed["network_per_second"].values())) > 0
    assert list(tmp_path.glob("catnocat-*")) == []
    assert set(Path(cache).rglob("*.npy")) == before
