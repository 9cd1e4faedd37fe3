import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catnocat.benchmarks.cli import main
from catnocat.benchmarks.data.tables import read_label_table


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with 24 labelled and 12 unlabelled images, a store and a model."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    (folder / "new").mkdir()
    lines = ["image,labels"]
    for number in range(36):
        pixels = rng.integers(0, 90, (40, 60, 3), dtype=np.uint8)
        labels = ["red"] * (number % 2) + ["blue"] * (number % 3 == 0)
        for label in labels:
            half = slice(0, 30) if label == "red" else slice(30, 60)
            pixels[10:30, half, 0 if label == "red" else 2] = 255
        name = f"{number:02}.png" if number < 24 else f"new/{number:02}.png"
        Image.fromarray(pixels).save(folder / name)
        if number < 24:
            lines.append(f"{name},{'|'.join(labels)}")
    (folder / "new" / "broken.png").write_bytes(b"no image")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    words = ["fit", "labels.csv", "--out", "m.catnocat", "--method", "logistic"]
    words = [str(folder / word) if "." in word else word for word in words]
    with pytest.raises(SystemExit) as end:
        main([*words, "--store", str(folder / "store"), "--jobs", "1"])
    assert end.value.code == 0
    return folder


@pytest.fixture
def suggest(run_main, folder):
    def run(*arguments):
        return run_main("suggest", folder / "m.catnocat", *arguments, "--store", folder / "store")

    return run


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_to_fill_in_is_written(suggest, folder, tmp_path):
    out = tmp_path / "to-label.csv"
    code, printed, _ = suggest(folder / "new", "-n", 5, "--out", out)
    assert code == 0
    entries = rows(out)
    assert len(entries) == 5
    assert list(entries[0]) == ["image", "blue", "red"]
    assert {(entry["blue"], entry["red"]) for entry in entries} == {("", "")}
    images = [(tmp_path / entry["image"]).resolve() for entry in entries]
    assert len(set(images)) == 5
    assert {path.parent for path in images} == {(folder / "new").resolve()}
    assert "5 images of 12 (1 more could not be read)" in printed


def test_the_filled_table_is_a_label_table(suggest, folder, tmp_path):
    out = tmp_path / "to-label.csv"
    suggest(folder / "new", "-n", 2, "--out", out)
    out.write_text(out.read_text().replace(",,", ",1,0"))
    table = read_label_table(out)
    assert table.Y.tolist() == [[1, 0], [1, 0]]
    assert all(Path(path).is_file() for path in table.paths)


def test_labelled_images_are_not_suggested(suggest, folder, tmp_path):
    out = tmp_path / "to-label.csv"
    arguments = [folder, "-n", 100, "--out", out, "--labelled", folder / "labels.csv"]
    code, _, _ = suggest(*arguments)
    assert code == 0
    assert {Path(entry["image"]).parent.name for entry in rows(out)} == {"new"}
    assert len(rows(out)) == 12


def test_an_existing_file_is_not_overwritten(suggest, folder, tmp_path):
    out = tmp_path / "to-label.csv"
    out.write_text("precious")
    code, _, error = suggest(folder / "new", "--out", out)
    assert code == 2
    assert "exists already" in error
    assert out.read_text() == "precious"


def test_nothing_left_to_suggest_is_an_error(suggest, folder, tmp_path):
    code, _, error = suggest(
        folder / "00.png",
        *("--out", tmp_path / "to-label.csv", "--labelled", folder / "labels.csv"),
    )
    assert code == 2
    assert "all of them are in the table" in error
