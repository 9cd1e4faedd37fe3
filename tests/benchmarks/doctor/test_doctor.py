import io
import json
import tempfile
from pathlib import Path

import pytest
from rich.console import Console

from catnocat.benchmarks.cli import main
from catnocat.benchmarks.doctor import examine, machine, packages, print_examination
from catnocat.benchmarks.doctor.speed import measure_speed


@pytest.fixture
def run(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main(["doctor", *map(str, arguments)])
        return (end.value.code, *capsys.readouterr())

    return run


def printed(told):
    console = Console(file=io.StringIO(), width=100)
    print_examination(told, console)
    return console.file.getvalue()


@pytest.fixture
def complete(monkeypatch):
    """Pretend that nothing is asked for which is not installed here."""
    monkeypatch.setattr(packages, "_own_requirements", lambda: ["numpy>=1"])


def test_a_sound_installation_exits_with_0_and_says_what_is_used(complete, run):
    code, out, err = run("--quick")
    assert (code, err) == (0, "")
    assert "Everything that is needed works." in out
    told = json.loads(run("--quick", "--json")[1])
    assert told["choice"]["engine"] in ("torch", "openvino")
    assert told["machine"]["usable_processors"] >= 1
    assert told["cache"]["free_bytes"] > 0
    assert told["broken"] == []
    assert told["speed"] is None
    for figure in (told["choice"]["decoder"].split("/")[0], told["cache"]["folder"]):
        assert figure in out


def test_nothing_is_made_by_looking(complete, tmp_path):
    told = examine(tmp_path / "a" / "store", quick=True)
    assert told["store"]["writable"]
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_broken_and_the_way_out_is_told(
    complete, run, monkeypatch, tmp_path
):
    blocker = tmp_path / "file"
    blocker.touch()
    monkeypatch.setenv("CATNOCAT_CACHE", str(blocker / "cache"))
    code, out, err = run("--quick")
    assert (code, err) == (1, "")
    assert f"broken: {blocker} is not a folder" in out
    assert "CATNOCAT_CACHE" in out
    assert run("--quick", "--store", tmp_path)[0] == 1, "the cache is needed for other things too"


def test_a_missing_or_too_old_package_is_broken_with_the_line_that_installs_it(monkeypatch):
    monkeypatch.setattr(packages, "_own_requirements", lambda: ["no-such>=1", "numpy>=999"])
    told = examine(quick=True)
    assert [one["remedy"] for one in told["broken"]] == [
        "pip install 'no-such>=1'",
        "pip install 'numpy>=999'",
    ]
    assert "no-such missing" in printed(told)


def test_a_missing_extra_is_advice_not_trouble(monkeypatch):
    wanted = ["numpy", 'no-such; extra == "fast"', 'other; extra == "peers"']
    monkeypatch.setattr(packages, "_own_requirements", lambda: wanted)
    told = examine(quick=True)
    assert told["broken"] == []
    assert [one["remedy"] for one in told["advice"]] == ["pip install 'catnocat[fast]'"]
    assert "no-such is not installed" in printed(told)


def test_a_library_that_falls_over_is_reported_not_raised(complete, monkeypatch):
    def fall_over(gpu):
        raise ImportError("libgomp.so.1:\n cannot open shared object file")

    monkeypatch.setattr("catnocat.benchmarks.doctor.examination.choose", fall_over)
    told = examine()
    assert "libgomp.so.1: cannot open shared object file" in told["broken"][0]["what"]
    assert told["choice"] is told["speed"] is None
    assert "Something that is needed is broken." in printed(told)


@pytest.mark.parametrize(
    ("installed", "gpu", "engine", "why"),
    [
        (True, None, "openvino", "it is installed"),
        (False, None, "torch", "is not installed"),
        (False, "Card 9000", "torch", "Card 9000"),
    ],
)
def test_the_reason_fits_the_engine(monkeypatch, installed, gpu, engine, why):
    from importlib.util import find_spec

    def find(name, *more):
        return (installed or None) if name == "openvino" else find_spec(name, *more)

    monkeypatch.setattr("importlib.util.find_spec", find)
    monkeypatch.setattr("catnocat.features.engines.open_engine._has_gpu", lambda: gpu is not None)
    choice = machine.choose(gpu)
    assert choice["engine"] == engine
    assert why in choice["engine_why"]


@pytest.mark.parametrize(("there", "told"), [(True, "more speed"), (False, "no instructions")])
def test_what_is_told_of_bfloat16_fits_the_processor(monkeypatch, there, told):
    monkeypatch.setattr("catnocat.features.has_bfloat16", lambda engine: there)
    assert told in machine.choose(None)["precision_why"]


def test_bfloat16_is_advised_where_it_was_measured_to_pay(complete, monkeypatch):
    def measured(bfloat16):
        rates = {"float32": 100.0, "bfloat16": bfloat16}
        return {
            "photo": "640 x 427 pixels, JPEG",
            "decoded_per_second": 500.0,
            "network_per_second": rates,
            "photos_per_second": 80.0,
            "start_seconds": 1.0,
        }

    def advice(bfloat16):
        monkeypatch.setattr(
            "catnocat.benchmarks.doctor.examination.measure_speed", lambda: measured(bfloat16)
        )
        return examine()

    assert advice(50.0)["advice"] == []
    assert "2.0 times as fast" in advice(200.0)["advice"][0]["what"]
    assert "80 photos/s" in printed(advice(200.0))


@pytest.mark.slow
def test_the_speed_is_measured_and_nothing_is_left_behind(cache, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(Path(cache).rglob("*.npy"))
    speed = measure_speed(seconds=0.1)
    assert set(speed["network_per_second"]) == {"float32", "bfloat16"}
    rates = [speed[key] for key in ("decoded_per_second", "photos_per_second", "start_seconds")]
    assert min(rates + list(speed["network_per_second"].values())) > 0
    assert list(tmp_path.glob("catnocat-*")) == []
    assert set(Path(cache).rglob("*.npy")) == before
