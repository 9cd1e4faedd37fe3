"""Fixtures of the command line: a way to run it, and a table of small images."""

import numpy as np
import pytest
from PIL import Image

from catnocat.benchmarks.cli import main


@pytest.fixture
def run_main(capsys):
    """Return a function that runs the command line and returns (exit code, stdout, stderr)."""

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        return (end.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def table(tmp_path):
    """Return a label table of six images, one of them broken and one missing."""
    folder = tmp_path / "data"
    folder.mkdir()
    for number in range(4):
        Image.linear_gradient("L").rotate(90 * number).convert("RGB").save(folder / f"{number}.png")
    (folder / "broken.png").write_bytes(b"no image")
    names = ["0.png", "broken.png", "1.png", "2.png", "missing.png", "3.png"]
    lines = ["image,labels", *(f"{name},{'cat' if name < '2' else ''}" for name in names)]
    path = folder / "labels.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder of images with red and blue squares, a table, a store and a model."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    lines = ["image,labels"]
    for number in range(24):
        pixels = rng.integers(0, 90, (40, 60, 3), dtype=np.uint8)
        labels = ["red"] * (number % 2) + ["blue"] * (number % 3 == 0)
        for label in labels:
            half = slice(0, 30) if label == "red" else slice(30, 60)
            pixels[10:30, half, 0 if label == "red" else 2] = 255
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
        lines.append(f"{number:02}.png,{'|'.join(labels)}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(SystemExit) as end:
        main(
            with_store("fit", folder / "labels.csv", "--out", folder / "m.catnocat", folder=folder)
        )
    assert end.value.code == 0
    return folder


def with_store(*arguments, folder):
    return [str(word) for word in (*arguments, "--store", folder / "store", "--jobs", 1)]


@pytest.fixture
def run(run_main, folder):
    """Return a function that runs `catnocat predict` with the model."""

    def predict(*arguments):
        return run_main(*with_store("predict", folder / "m.catnocat", *arguments, folder=folder))

    return predict
