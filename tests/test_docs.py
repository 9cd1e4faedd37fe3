"""What the README and the docs show runs: their Python, their tutorial, and every command line."""

import ast
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest
import typer

import catnocat
from catnocat.benchmarks import bench, fit_model
from catnocat.benchmarks.cli import app
from catnocat.benchmarks.data.scenes import MenagerieSettings, draw_scenes

ROOT = Path(catnocat.__file__).parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
NUMBER = 80


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)


def commands(page):
    """Give the command lines of a page: in console blocks behind `$`, or indented by four."""
    found = re.findall(
        r"^(?:\$ |    )(?:\.venv/bin/)?(catnocat .*)$", page.read_text("utf-8"), re.M
    )
    return [shlex.split(line, comments=True) for line in found]


PYTHON = [page for page in PAGES if blocks(page, "python") and page.stem != "tutorial"]
FORMATS = [page for page in PYTHON if page.parent.name == "formats"]
COMMANDS = [(page.name, words) for page in PAGES for words in commands(page)]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Give a folder that holds what the pages speak of."""
    folder = tmp_path_factory.mktemp("docs")
    drawn = draw_scenes(
        MenagerieSettings(number=NUMBER, labels=("cat", "dog"), canvas=64), folder / "photos"
    )
    lines = Path(drawn).read_text("utf-8").splitlines()
    near = [lines[0], *(f"photos/{line}" for line in lines[1:])]
    for name in ("labels.csv", "pets.csv"):
        (folder / name).write_text("\n".join(near) + "\n", "utf-8")

    devkit = folder / "VOCdevkit" / "VOC2007"
    for place in ("JPEGImages", "ImageSets/Main"):
        (devkit / place).mkdir(parents=True)
    for number in range(4):
        (devkit / "JPEGImages" / f"00000{number}.jpg").touch()
    for part, start in (("trainval", 0), ("test", 2)):
        rows = f"00000{start}  1\n00000{start + 1} -1\n"
        (devkit / "ImageSets" / "Main" / f"cat_{part}.txt").write_text(rows)

    for place in ("images", "labels"):
        (folder / "mixed" / place).mkdir(parents=True)
    (folder / "mixed" / "data.yaml").write_text("train: images\nnames: [cat]\n")
    (folder / "mixed" / "images" / "1.jpg").touch()
    (folder / "mixed" / "labels" / "1.txt").write_text("0 .5 .5 .2 .2\n")

    fit_model(drawn, out=folder / "cats.catnocat", store=folder / "store", n_jobs=1)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(NUMBER, 5))
    np.savez(folder / "ready.npz", X=X, Y=(X[:, :2] > 0.5).astype(int))
    methods = ("logistic", "powerset")
    bench(folder / "ready.npz", out=folder / "catnocat-report", methods=methods, n_jobs=1)
    for name, picture in zip(
        ("a.jpg", "b.jpg"), sorted(Path(drawn).parent.rglob("*.jpg")), strict=False
    ):
        shutil.copy(picture, folder / name)
    return folder


@pytest.fixture
def names(world, rng):
    """Give what the pages take for granted: arrays of matching shapes, and paths."""
    Y = (rng.random((NUMBER, 2)) < 0.4).astype(np.uint8)
    paths = sorted(str(path) for path in (world / "photos").rglob("*.jpg"))
    each = {name: rng.random(Y.shape) for name in ("logistic", "chain")}
    return {
        "X": rng.normal(size=(NUMBER, 5)),
        "Y": Y,
        "known": np.ones(Y.shape, bool),
        "labels": ["cat", "dog"],
        "scores": each,
        "predictions": each["chain"] > 0.5,
        "weights": np.ones((3, NUMBER)),
        "folds": np.column_stack([np.zeros(NUMBER, int), np.arange(NUMBER) % 5]),
        "methods": ["logistic", "chain"],
        "macro_ap_by_data_set": rng.random((6, 2)),
        "differences_by_data_set": rng.normal(size=6),
        "paths": paths,
        "new_paths": paths[:3],
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PYTHON if page not in FORMATS], ids=lambda page: page.stem
)
def test_python_runs(page, world, names, monkeypatch):
    monkeypatch.chdir(world)
    if page.stem == "metrics":
        names["scores"] = names["scores"]["chain"]
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), names)


@pytest.mark.slow
@pytest.mark.parametrize("page", FORMATS, ids=lambda page: page.stem)
def test_a_format_reads_as_its_page_says(page, world, names, tmp_path, monkeypatch):
    for name in ("a.jpg", "b.jpg"):
        shutil.copy(world / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    (block,) = blocks(page, "python")
    exec(compile(block, page.name, "exec"), names)
    said = re.findall(r"^(table.*?)  # ([^:\n]*)", block, re.M)
    assert said
    for expression, value in said:
        assert eval(expression, names) == ast.literal_eval(value), expression


@pytest.mark.parametrize(
    ("page", "words"), COMMANDS, ids=[f"{page}: {' '.join(words)}" for page, words in COMMANDS]
)
def test_command_lines_are_understood(page, words):
    """The command is there and takes these options and values; what it does is tested elsewhere."""
    command = typer.main.get_command(app)
    context = click.Context(command, info_name="catnocat")
    rest = words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        name, *rest = rest
        command = command.get_command(context, name)
        assert command is not None, f"{page}: there is no command '{name}'"
    if not isinstance(command, click.Group):
        command.make_context(words[0], rest)


@pytest.mark.slow
def test_the_tutorial_ends_in_labelled_pictures(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = ROOT / "docs" / "tutorial.md"
    for words in commands(page):
        if words[1] in ("serve", "data"):  # the first does not end, the second is a second look
            continue
        if "320" in " ".join(words):  # another recipe of the same, four times the work
            continue
        words = ["150" if word == "400" else word for word in words]
        ran = subprocess.run(
            [sys.executable, "-m", *words], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{' '.join(words)}: {ran.stderr}"
    labelled = Path("labelled.csv").read_text("utf-8").splitlines()
    assert len(labelled) == 1 + 20
    assert list(Path("evidence").glob("*.png"))
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), {})
