"""`catnocat fit`, `predict` and `explain` on a small label table."""

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

from .conftest import with_store


def parse_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_fit_prints_its_summary(run_main, folder, tmp_path):
    words = with_store(
        "fit", folder / "labels.csv", "--out", tmp_path / "m.catnocat", folder=folder
    )
    code, out, err = run_main(*words, "--json")
    assert (code, err) == (0, "")
    content = json.loads(out)
    assert content["labels"] == ["blue", "red"]
    assert content["training"]["images"] == 24
    assert content["training"]["positives"] == {"blue": 8, "red": 12}
    assert 0 < content["training"]["held_out"]["macro_ap"] <= 1
    assert (tmp_path / "m.catnocat").read_bytes() == (folder / "m.catnocat").read_bytes()


def test_predictions_keep_the_order_and_report_unreadable_images(run, folder):
    (folder / "broken.jpg").write_bytes(b"not an image")
    names = [folder / name for name in ("03.png", "broken.jpg", "nowhere.png", "00.png")]
    code, out, err = run(*names)
    (folder / "broken.jpg").unlink()
    assert code == 0
    assert err.startswith("2 images predicted, 2 unreadable; ")
    assert err.count("\n") == 1
    predictions = parse_lines(out)
    assert [entry["image"] for entry in predictions] == [str(name) for name in names]
    assert predictions[1].keys() == {"image", "error"}
    assert "known format" in predictions[1]["error"]
    assert predictions[2]["error"] == "no such file"
    assert list(predictions[0]["probabilities"]) == ["blue", "red"]
    model = catnocat.load(folder / "m.catnocat", use_store=False)
    P = model.predict_proba([names[0], names[3]])
    content = [list(predictions[row]["probabilities"].values()) for row in (0, 3)]
    assert np.array_equal(np.array(content, P.dtype), P)
    decisions = model.predict([names[0], names[3]])
    assert [predictions[row]["labels"] for row in (0, 3)] == [
        [model.labels[number] for number in np.flatnonzero(yes)] for yes in decisions
    ]


def test_exit_1_if_no_image_is_readable_and_2_if_there_is_none(run, tmp_path):
    assert run(tmp_path / "nowhere.png")[0] == 1
    code, out, err = run(tmp_path)
    assert (code, out) == (2, "")
    assert "this folder contains no images" in err


def test_folders_patterns_and_tables_name_images(run, folder):
    names = [f"{number:02}.png" for number in range(24)]
    in_folder = [entry["image"] for entry in parse_lines(run(folder)[1])]
    assert in_folder == [str(folder / name) for name in names]
    assert [entry["image"] for entry in parse_lines(run(folder / "0?.png")[1])] == in_folder[:10]
    table = folder / "unlabelled.csv"
    table.write_text("image,taken\n03.png,today\n01.png,never\n")
    assert [entry["image"] for entry in parse_lines(run(table)[1])] == ["03.png", "01.png"]


def test_paths_are_read_from_standard_input(run, folder, monkeypatch):
    given = f"{folder}/02.png\n\n{folder}/nowhere\udcff.png\r\n"
    stdin = io.TextIOWrapper(io.BytesIO(given.encode("utf-8", "surrogateescape")))
    monkeypatch.setattr(sys, "stdin", stdin)
    predictions = parse_lines(run("-")[1])
    assert [entry["image"] for entry in predictions] == given.split()
    assert predictions[1]["error"] == "no such file"


def test_top_threshold_and_no_store(run, folder):
    everything = parse_lines(run(folder / "01.png", "--threshold", "0")[1])[0]
    assert everything["labels"] == ["blue", "red"]
    best = parse_lines(run(folder / "01.png", "--threshold", "1", "--top", "1", "--no-store")[1])[0]
    assert best["labels"] == []
    first = max(everything["probabilities"], key=everything["probabilities"].get)
    assert best["probabilities"] == {first: everything["probabilities"][first]}


def test_csv_and_parquet_have_the_same_predictions(run, folder, tmp_path):
    images = (folder / "01.png", folder / "nowhere.png", folder / "03.png")
    lines = parse_lines(run(*images)[1])
    code, out, _ = run(*images, "--format", "csv")
    assert code == 0
    rows = [line.split(",") for line in out.splitlines()]
    assert rows[0] == ["image", "labels", "error", "p:blue", "p:red"]
    assert rows[2][1:] == ["", "no such file", "", ""]
    assert [float(cell) for cell in rows[1][3:]] == list(lines[0]["probabilities"].values())
    file = tmp_path / "new" / "p.parquet"
    assert run(*images, "--format", "parquet", "--out", file)[:2] == (0, "")
    table = pq.read_table(file).to_pylist()
    assert [row["labels"] for row in table] == [entry.get("labels", []) for entry in lines]
    assert table[1]["error"] == "no such file"
    assert table[1]["p:red"] is None
    assert np.float32(lines[2]["probabilities"]["red"]) == np.float32(table[2]["p:red"])
    assert [path.name for path in file.parent.iterdir()] == ["p.parquet"]


@pytest.mark.parametrize(
    ("options", "content"),
    [
        (("--threshold", "2"), "--threshold 2"),
        (("--threshold", "often"), "--threshold often"),
        (("--format", "parquet"), "pass --out"),
        (("--format", "xml"), "xml"),
        (("--top", "-1"), "--top"),
    ],
)
def test_wrong_options_are_one_line_and_exit_2(run, folder, options, content):
    code, out, err = run(folder / "01.png", *options)
    assert (code, out) == (2, "")
    assert content in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "content"),
    [
        (("fit", "nowhere.csv"), "nowhere.csv"),
        (("fit", "labels.csv", "--method", "chian"), "--method: no method is called 'chian'"),
        (("fit", "labels.csv", "--split", "train"), "has no split"),
        (("fit", "labels.csv", "--out", "."), "name a file"),
        (("predict", "labels.csv", "01.png"), "labels.csv: not a catnocat model"),
        (("predict", "nowhere.catnocat", "01.png"), "nowhere.catnocat: no such file"),
        (("predict", "m.catnocat", "-", "01.png"), "must be the only argument"),
        (("predict", "m.catnocat", "*.gif"), "no file matches"),
        (("explain", "m.catnocat", "01.png", "--label", "green"), "unknown label 'green'"),
        (("explain", "m.catnocat", "nowhere.png"), "nowhere.png: no such file"),
        (("explain", "m.catnocat", "labels.csv", "--pointing-game"), "objects.csv"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(run_main, folder, monkeypatch, words, content):
    monkeypatch.chdir(folder)
    code, out, err = run_main(*words)
    assert (code, out) == (2, "")
    assert content in err
    assert err.count("\n") == 1


def test_explain_draws_each_label_and_reports_peaks(run_main, folder, tmp_path):
    words = ("explain", folder / "m.catnocat", folder / "03.png", "--label", "red")
    code, out, err = run_main(*words, "--label", "blue", "--out", tmp_path)
    assert (code, err) == (0, "")
    assert "60 x 40 pixels" in out
    content = json.loads((tmp_path / "attributions.json").read_text())[0]
    assert [each["label"] for each in content["labels"]] == ["red", "blue"]
    for each in content["labels"]:
        assert 0 <= each["peak"]["x"] <= 60
        assert 0 <= each["peak"]["y"] <= 40
        assert each["score"] == pytest.approx(
            np.mean(each["map"]) + each["intercept"], abs=1e-4, rel=1e-4
        )
        with Image.open(tmp_path / each["overlay"]) as drawn:
            assert drawn.width >= 960
    (again,) = json.loads(run_main(*words, "--json")[1])
    assert again["labels"][0]["peak"] == content["labels"][0]["peak"]


@pytest.mark.slow
def test_predictions_are_identical_in_another_process_and_folder(run, folder, tmp_path):
    before = parse_lines(run(folder)[1])
    moved = tmp_path / "moved"
    shutil.copytree(folder, moved, ignore=shutil.ignore_patterns("store", "*.csv"))
    command = [sys.executable, "-m", "catnocat", "predict", "m.catnocat", ".", "--no-store"]
    done = subprocess.run(command, cwd=moved, capture_output=True, text=True, check=True)
    after = parse_lines(done.stdout)
    assert [entry["image"] for entry in after] == [f"./{number:02}.png" for number in range(24)]
    first, summary = done.stderr.splitlines()
    assert first == "catnocat: .: 1 file is left out, not images by their names (.catnocat: 1)"
    assert summary.startswith("24 images predicted; ")
    for old, new in zip(before, after, strict=True):
        assert old["labels"] == new["labels"]
        assert old["probabilities"] == new["probabilities"]


@pytest.mark.slow
def test_closed_output_pipe_is_not_an_error(folder):
    command = f"'{sys.executable}' -m catnocat predict m.catnocat . | head -n 1"
    done = subprocess.run(
        command, shell=True, cwd=folder, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["labels"] is not None
    assert ".catnocat: 1" in done.stderr  # the files that are left out
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 2  # and the summary, unless the pipe broke


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_predictions_read_back_as_a_label_table(run, folder, tmp_path, kind):
    (tmp_path / "broken.png").write_bytes(b"not an image")
    out = tmp_path / "sub" / f"out.{kind}"
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


def test_ambiguous_table_is_rejected_with_the_command_to_type(run_main, folder, tmp_path):
    table = tmp_path / "pets.csv"
    table.write_text(f'image,labels\n{folder}/00.png,"sea, sky"\n{folder}/01.png,sea\n')
    code, out, err = run_main("data", table, "--quick")
    assert (code, out) == (2, "")
    assert f"catnocat data {table} --quick --separator ','" in err
    code, _, err = run_main("data", table, "--quick", "--out", tmp_path, "--separator", ",")
    assert code == 0
