import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from catnocat.benchmarks.cli.data import data


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(data)
    return lambda *arguments: CliRunner().invoke(app, [str(word) for word in arguments])


@pytest.fixture
def ready(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.eye(3), Y=[[1, 0], [0, 1], [1, 1]], labels=["cat", "dog"])
    return tmp_path / "a.npz"


def test_summary_and_page(run, ready, tmp_path):
    done = run(ready, "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert "3 images, 2 labels" in done.stdout
    assert f"Page: {tmp_path / 'out' / 'data.html'}" in done.stdout
    assert (tmp_path / "out" / "data.html").is_file()


def test_json_writes_no_page(run, ready, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(ready, "--json", "--folds", "2", "--format", "arrays")
    assert json.loads(done.stdout)["too_rare"] == ["cat", "dog"]
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]
