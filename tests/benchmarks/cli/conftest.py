"""Fixtures of the command line: a way to run it, and a table of small images."""

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
