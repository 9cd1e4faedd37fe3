"""Full disks, killed workers, missing homes and odd locales end in one line or do no harm."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest

from catnocat.benchmarks.cli import main

CATNOCAT = (sys.executable, "-m", "catnocat")


def run(*arguments, stdout=subprocess.PIPE, cwd=None, **environment):
    kept = {name: value for name, value in os.environ.items() if name not in environment}
    added = {name: value for name, value in environment.items() if value is not None}
    return subprocess.run(
        [*CATNOCAT, *map(str, arguments)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**kept, **added},
        check=False,
    )


@pytest.fixture
def arrays(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 8))
    Y = (X[:, :3] + rng.normal(size=(400, 3)) > 0).astype(int)
    np.savez(tmp_path / "é a.npz", X=X, Y=Y, labels=["chat", "écureuil", "狗"])
    return tmp_path / "é a.npz"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_output_is_one_line():
    with Path("/dev/full").open("w") as full:
        done = run("backbones", "--all", stdout=full)
    assert done.returncode == 1
    assert done.stderr == "catnocat: standard output: No space left on device\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment",
    [
        {"HOME": None, "XDG_CACHE_HOME": None},
        {"HOME": "/proc", "XDG_CACHE_HOME": "/proc/nowhere", "CATNOCAT_CACHE": None},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"TERM": "dumb"},
    ],
    ids=["no home", "read-only home", "ASCII locale", "dumb terminal"],
)
def test_odd_environments_do_no_harm(arrays, tmp_path, environment):
    done = run("data", arrays, "--out", tmp_path / "page", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert (tmp_path / "page" / "data.html").is_file()


def test_closed_output_is_no_error():
    command = f"'{sys.executable}' -m catnocat backbones >&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (BrokenProcessPool(), "a worker process was killed"),
        (MemoryError(), "not enough memory"),
        (OSError(28, "No space left on device", "/tmp/x"), "/tmp/x: No space left on device"),
    ],
)
def test_failures_of_the_environment_are_one_line_and_exit_1(capsys, monkeypatch, error, message):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("catnocat.features.list_backbones", fail)
    stdout = sys.stdout
    with pytest.raises(SystemExit) as end:
        main(["backbones"])
    monkeypatch.setattr(sys, "stdout", stdout)
    err = capsys.readouterr().err
    assert end.value.code == 1
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_killed_worker_is_one_line(arrays, tmp_path):
    command = [*CATNOCAT, "bench", str(arrays), "--jobs", "2", "--out", str(tmp_path / "report")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while process.poll() is None:
            for worker in _workers(process.pid):
                os.kill(worker, signal.SIGKILL)
            time.sleep(0.02)
        err = process.stderr.read().decode()
    assert process.returncode == 1
    assert "a worker process was killed" in err
    assert "Traceback" not in err
    assert not (tmp_path / "report").exists()


def _workers(parent):
    """Return the child processes that are joblib's workers."""
    found = []
    for task in Path(f"/proc/{parent}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            try:
                words = Path(f"/proc/{child}/cmdline").read_bytes()
            except OSError:
                continue
            if b"popen_loky" in words:
                found.append(child)
    return found


@pytest.mark.slow
def test_wrong_input_leaves_no_folder(tmp_path):
    (tmp_path / "labels.csv").write_text("image,labels\nnowhere.jpg,cat\n")
    for command in ("bench", "data"):
        out = tmp_path / command
        done = run(command, tmp_path / "labels.csv", "--out", out)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert not out.exists()
    done = run("bench", tmp_path / "labels.csv", "--out", tmp_path / "misspelt" / "report")
    assert "there is no folder" in done.stderr
    assert not (tmp_path / "misspelt").exists()
