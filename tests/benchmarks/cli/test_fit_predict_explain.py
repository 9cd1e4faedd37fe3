"""From a label table to labelled pictures, by the command line."""

import io
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

import catnocat
from catnocat.benchmarks.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give a folder of red and blue pictures, with a table, a store and a model."""
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
        main(_words("fit", folder / "labels.csv", "--out", folder / "m.catnocat", folder=folder))
    assert end.value.code == 0
    return folder


def _words(*arguments, folder):
    return [str(word) for word in (*arguments, "--store", folder / "store", "--jobs", 1)]


@pytest.fixture
def run(run_main, folder):
    """Give a function that predicts with the model."""

    def predict(*arguments):
        return run_main(*_words("predict", folder / "m.catnocat", *arguments, folder=folder))

    return predict


def entries(text):
    return [json.loads(line) for line in text.splitlines()]


def test_fit_tells_what_it_did(run_main, folder, tmp_path):
    words = _words("fit", folder / "labels.csv", "--out", tmp_path / "m.catnocat", folder=folder)
    code, out, err = run_main(*words, "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["labels"] == ["blue", "red"]
    assert told["training"]["images"] == 24
    assert told["training"]["positives"] == {"blue": 8, "red": 12}
    assert 0 < told["training"]["held_out"]["macro_ap"] <= 1
    assert (tmp_path / "m.catnocat").read_bytes() == (folder / "m.catnocat").read_bytes()


def test_lines_come_in_the_order_given_whatever_can_be_read(run, folder):
    (folder / "broken.jpg").write_bytes(b"no picture")
    names = [folder / name for name in ("03.png", "broken.jpg", "nowhere.png", "00.png")]
    code, out, err = run(*names)
    (folder / "broken.jpg").unlink()
    assert (code, err) == (0, "")
    found = entries(out)
    assert [entry["image"] for entry in found] == [str(name) for name in names]
    assert found[1] == {"image": str(names[1]), "error": "not a picture in a known format"}
    assert found[2]["error"] == "no such file"
    assert list(found[0]["probabilities"]) == ["blue", "red"]
    model = catnocat.load(folder / "m.catnocat", keep=False)
    P = model.predict_proba([names[0], names[3]])
    told = [list(found[place]["probabilities"].values()) for place in (0, 3)]
    assert np.array_equal(np.array(told, P.dtype), P)
    decisions = model.predict([names[0], names[3]])
    assert [found[place]["labels"] for place in (0, 3)] == [
        [model.labels[number] for number in np.flatnonzero(yes)] for yes in decisions
    ]


def test_all_failed_is_exit_1_and_nothing_at_all_is_a_mistake(run, tmp_path):
    assert run(tmp_path / "nowhere.png")[0] == 1
    code, out, err = run(tmp_path)
    assert (code, out) == (2, "")
    assert "no picture is in this folder" in err


def test_folders_patterns_and_tables_are_read(run, folder):
    names = [f"{number:02}.png" for number in range(24)]
    in_folder = [entry["image"] for entry in entries(run(folder)[1])]
    assert in_folder == [str(folder / name) for name in names]
    assert [entry["image"] for entry in entries(run(folder / "0?.png")[1])] == in_folder[:10]
    table = folder / "unlabelled.csv"
    table.write_text("image,taken\n03.png,today\n01.png,never\n")
    assert [entry["image"] for entry in entries(run(table)[1])] == ["03.png", "01.png"]


def test_paths_come_on_standard_input(run, folder, monkeypatch):
    given = f"{folder}/02.png\n\n{folder}/nowhere\udcff.png\r\n"
    stdin = io.TextIOWrapper(io.BytesIO(given.encode("utf-8", "surrogateescape")))
    monkeypatch.setattr(sys, "stdin", stdin)
    found = entries(run("-")[1])
    assert [entry["image"] for entry in found] == given.split()
    assert found[1]["error"] == "no such file"


def test_top_threshold_and_no_store(run, folder):
    everything = entries(run(folder / "01.png", "--threshold", "0")[1])[0]
    assert everything["labels"] == ["blue", "red"]
    best = entries(run(folder / "01.png", "--threshold", "1", "--top", "1", "--no-store")[1])[0]
    assert best["labels"] == []
    first = max(everything["probabilities"], key=everything["probabilities"].get)
    assert best["probabilities"] == {first: everything["probabilities"][first]}


def test_csv_and_parquet_say_the_same(run, folder, tmp_path):
    pictures = (folder / "01.png", folder / "nowhere.png", folder / "03.png")
    lines = entries(run(*pictures)[1])
    code, out, _ = run(*pictures, "--format", "csv")
    assert code == 0
    rows = [line.split(",") for line in out.splitlines()]
    assert rows[0] == ["image", "labels", "error", "p:blue", "p:red"]
    assert rows[2][1:] == ["", "no such file", "", ""]
    assert [float(cell) for cell in rows[1][3:]] == list(lines[0]["probabilities"].values())
    file = tmp_path / "new" / "p.parquet"
    assert run(*pictures, "--format", "parquet", "--out", file)[:2] == (0, "")
    table = pq.read_table(file).to_pylist()
    assert [row["labels"] for row in table] == [entry.get("labels", []) for entry in lines]
    assert table[1]["error"] == "no such file"
    assert table[1]["p:red"] is None
    assert np.float32(lines[2]["probabilities"]["red"]) == np.float32(table[2]["p:red"])
    assert [path.name for path in file.parent.iterdir()] == ["p.parquet"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--threshold", "2"), "--threshold 2"),
        (("--threshold", "often"), "--threshold often"),
        (("--format", "parquet"), "give --out"),
        (("--format", "xml"), "xml"),
        (("--top", "-1"), "--top"),
    ],
)
def test_wrong_options_are_one_line_and_exit_2(run, folder, options, told):
    code, out, err = run(folder / "01.png", *options)
    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("fit", "nowhere.csv"), "nowhere.csv"),
        (("fit", "labels.csv", "--method", "chian"), "--method: no method is called 'chian'"),
        (("fit", "labels.csv", "--split", "train"), "has no split"),
        (("fit", "labels.csv", "--out", "."), "name a file"),
        (("predict", "labels.csv", "01.png"), "labels.csv: not a catnocat model"),
        (("predict", "nowhere.catnocat", "01.png"), "nowhere.catnocat: no such file"),
        (("predict", "m.catnocat", "-", "01.png"), "must stand alone"),
        (("predict", "m.catnocat", "*.gif"), "nothing matches"),
        (("explain", "m.catnocat", "01.png", "--label", "green"), "no label is called 'green'"),
        (("explain", "m.catnocat", "nowhere.png"), "nowhere.png: no such file"),
        (("explain", "m.catnocat", "labels.csv", "--pointing-game"), "objects.csv"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(run_main, folder, monkeypatch, words, told):
    monkeypatch.chdir(folder)
    code, out, err = run_main(*words)
    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1


def test_explain_draws_each_label_and_says_where(run_main, folder, tmp_path):
    words = ("explain", folder / "m.catnocat", folder / "03.png", "--label", "red")
    code, out, err = run_main(*words, "--label", "blue", "--out", tmp_path)
    assert (code, err) == (0, "")
    assert "60 x 40 pixels" in out
    told = json.loads((tmp_path / "evidence.json").read_text())[0]
    assert [each["label"] for each in told["labels"]] == ["red", "blue"]
    for each in told["labels"]:
        assert 0 <= each["peak"]["x"] <= 60
        assert 0 <= each["peak"]["y"] <= 40
        assert each["score"] == pytest.approx(
            np.mean(each["map"]) + each["intercept"], abs=1e-4, rel=1e-4
        )
        with Image.open(tmp_path / each["overlay"]) as drawn:
            assert drawn.width >= 960
    (again,) = json.loads(run_main(*words, "--json")[1])
    assert again["labels"][0]["peak"] == told["labels"][0]["peak"]


@pytest.mark.slow
def test_another_process_another_folder_and_moved_photos_change_nothing(run, folder, tmp_path):
    before = entries(run(folder)[1])
    moved = tmp_path / "moved"
    shutil.copytree(folder, moved, ignore=shutil.ignore_patterns("store", "labels.csv"))
    command = [sys.executable, "-m", "catnocat", "predict", "m.catnocat", ".", "--no-store"]
    done = subprocess.run(command, cwd=moved, capture_output=True, text=True, check=True)
    after = entries(done.stdout)
    assert [entry["image"] for entry in after] == [f"./{number:02}.png" for number in range(24)]
    assert done.stderr == ""
    for old, new in zip(before, after, strict=True):
        assert old["labels"] == new["labels"]
        assert old["probabilities"] == new["probabilities"]


@pytest.mark.slow
def test_a_reader_that_leaves_is_no_catastrophe(folder):
    command = f"'{sys.executable}' -m catnocat predict m.catnocat . | head -n 1"
    done = subprocess.run(
        command, shell=True, cwd=folder, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["labels"] is not None
    assert done.stderr == ""


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_predictions_read_back_as_a_label_table(run, folder, tmp_path, kind):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    out = tmp_path / "sub" / f"told.{kind}"
    given = (folder / "labels.csv", tmp_path / "broken.png")
    assert run(*given, "--out", out, "--format", kind)[0] == 0
    table = catnocat.benchmarks.load_dataset(out)
    expected = catnocat.benchmarks.load_dataset(folder / "labels.csv")
    assert [os.path.normpath(path) for path in table.paths] == list(expected.paths)
    assert "1 image with an error left out" in table.notes[0]
    with catnocat.load(folder / "m.catnocat", store=folder / "store") as model:
        predicted = model.predict(list(expected.paths))
    chosen = [model.labels.index(label) for label in table.labels]
    assert np.array_equal(table.Y, predicted[:, chosen])


def test_a_doubtful_table_is_refused_with_the_command_to_type(run_main, folder, tmp_path):
    table = tmp_path / "pets.csv"
    table.write_text(f'image,labels\n{folder}/00.png,"sea, sky"\n{folder}/01.png,sea\n')
    code, out, err = run_main("data", table, "--quick")
    assert (code, out) == (2, "")
    assert f"catnocat data {table} --quick --separator ','" in err
    code, _, err = run_main("data", table, "--quick", "--out", tmp_path, "--separator", ",")
    assert code == 0
