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
from catnocat.benchmarks.cli import main


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
            _arguments("fit", folder / "labels.csv", "--out", folder / "m.catnocat", folder=folder)
        )
    assert end.value.code == 0
    return folder


def _arguments(*arguments, folder):
    return [str(word) for word in (*arguments, "--store", folder / "store", "--jobs", 1)]


@pytest.fixture
def run(run_main, folder):
    """Return a function that runs `catnocat predict` with the model."""

    def predict(*arguments):
        return run_main(*_arguments("predict", folder / "m.catnocat", *arguments, folder=folder))

    return predict


def parse_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_fit_prints_its_summary(run_main, folder, tmp_path):
    words = _arguments(
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
    assert first == "catnocat: .: 1 file is left out, no images by their names (.catnocat: 1)"
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


def test_terminal_shows_a_table_with_escaped_names(folder, tmp_path, monkeypatch):
    import pty

    shutil.copy(folder / "03.png", tmp_path / "a\x1b[31m.png")
    command = [sys.executable, "-m", "catnocat", "predict", str(folder / "m.catnocat"), "."]
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "dumb"}
    done = subprocess.run(
        [*command, "nowhere.png", "--store", str(folder / "store")],
        cwd=tmp_path,
        env=environment,
        stdout=theirs,
        stderr=subprocess.PIPE,
        check=True,
    )
    os.close(theirs)
    lines = os.read(ours, 10_000).decode().split("\r\n")
    os.close(ours)
    assert lines[0].startswith(r"./a\x1b[31m.png")
    assert "red" in lines[0]
    assert "not read: no such file" in lines[1]
    assert "\x1b" not in "".join(lines)  # neither colours nor the name's escape
    assert b"1 image predicted, 1 unreadable; " in done.stderr


def test_images_are_sorted_into_folders_of_links(run, folder, tmp_path):
    target = tmp_path / "sorted"
    predictions = parse_lines(run(folder, "--sort-into", target)[1])
    expected = {
        f"{label}/{entry['image'][-6:]}"
        for entry in predictions
        for label in entry["labels"] or ["no label"]
    }
    found = {str(path.relative_to(target)) for path in target.rglob("*.png")}
    assert found == expected
    link = target / next(iter(expected))
    assert link.samefile(folder / link.name)
    _, _, err = run(folder, "--sort-into", target)  # again: nothing is added
    assert "; 0 added to folders" in err
    assert {str(path.relative_to(target)) for path in target.rglob("*.png")} == expected
    assert "lies in" in run(folder, "--sort-into", folder / "sorted")[2]
    code, _, err = run(folder, "--sort-into", tmp_path / "misspelt" / "sorted")
    assert code == 2
    assert "there is no folder" in err
    assert not (tmp_path / "misspelt").exists()


def test_labels_that_are_no_folder_names_stay_in_the_folder(folder, tmp_path):
    from catnocat.benchmarks.inference.predict import PredictionBatch, SortIntoFolders

    labels = ("../up", "a/b", "A\\B", "CON.", "..")
    batch = PredictionBatch(
        ["x/../01.png"], [None], np.ones((1, 5)), np.ones((1, 5), np.uint8), [f"{folder}/01.png"]
    )
    SortIntoFolders(tmp_path / "s", labels).apply(batch)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == len(labels)
    assert all(path.parent.parent == tmp_path / "s" for path in files)


def test_keywords_are_written_to_sidecars_only(run, folder, tmp_path):
    from xml.etree import ElementTree

    for name in ("03.png", "01.png"):
        shutil.copy(folder / name, tmp_path)
    before = (tmp_path / "03.png").read_bytes()
    foreign = tmp_path / "01.png.xmp"
    foreign.write_text("<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='XMP Core 4.4.0'/>")
    (entry,) = parse_lines(run(tmp_path / "03.png", "--write-keywords")[1])
    for sidecar in (tmp_path / "03.png.xmp", tmp_path / "03.xmp"):
        tree = ElementTree.fromstring(sidecar.read_bytes())
        subject = "{http://purl.org/dc/elements/1.1/}subject"
        item = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
        assert [e.text for s in tree.iter(subject) for e in s.iter(item)] == entry["labels"]
    assert (tmp_path / "03.png").read_bytes() == before
    assert ", 1 of other programs kept" in run(tmp_path / "01.png", "--write-keywords")[2]
    assert "XMP Core" in foreign.read_text()


def test_contact_sheet_is_one_page_without_scripts(run, folder, tmp_path):
    sheet = tmp_path / "sheet.html"
    entries = parse_lines(run(folder, tmp_path / "<b>.png", "--html", sheet)[1])
    page = sheet.read_text()
    assert page.count('src="data:image/jpeg;base64,') == len(entries) - 1
    assert page.count("<li") == len(entries)
    assert "&lt;b&gt;.png" in page
    assert "<script" not in page
    assert "http" not in page.partition("</style>")[2]


def test_zip_is_predicted_as_its_images(run, folder, tmp_path):
    import zipfile

    archive = tmp_path / "photos.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.write(folder / "03.png", "sub/03.png")
        opened.write(folder / "labels.csv", "labels.csv")
        opened.writestr("sub/broken.png", b"not an image")
    code, out, err = run(archive)
    first, second = parse_lines(out)
    assert code == 0
    assert first["image"] == f"{archive}/sub/03.png"
    (direct,) = parse_lines(run(folder / "03.png")[1])
    assert first["probabilities"] == direct["probabilities"]
    assert "known format" in second["error"]
    assert "1 file is left out" in err
    assert "extract the zip first" in run(archive, "--write-keywords")[2]


@pytest.mark.parametrize("name", ["../evil.png", "/etc/evil.png", "a/../../evil.png", "C:/x.png"])
def test_zip_with_a_path_that_leaves_it_is_refused(run, folder, tmp_path, name):
    import zipfile

    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(zipfile.ZipInfo(name), (folder / "03.png").read_bytes())
    code, out, err = run(archive)
    assert (code, out) == (2, "")
    assert "leaves the archive" in err
    assert [path.name for path in tmp_path.rglob("*")] == ["evil.zip"]


def test_zip_that_declares_too_much_or_is_damaged_is_one_line(run, folder, tmp_path, monkeypatch):
    import zipfile

    from catnocat.benchmarks.inference.predict import sources

    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("zeros.png", bytes(3_000_000))  # 3 kB in the zip
    monkeypatch.setattr(sources, "_MAX_MEMBER_BYTES", 1_000_000)
    assert parse_lines(run(archive)[1])[0]["error"]  # not extracted, and so unreadable
    monkeypatch.setattr(sources, "_MAX_TOTAL_BYTES", 2_000_000)
    assert "3,000,000 bytes when extracted" in run(archive)[2]
    archive.write_bytes(archive.read_bytes()[:100])
    code, _, err = run(archive)
    assert code == 2
    assert "not a readable zip" in err


def test_formulas_in_csv_are_quoted_on_request(run, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(folder / "03.png", "=cmd().png")
    shutil.copy(folder / "03.png", "@x.png")
    plain = run("=cmd().png", "@x.png", "--format", "csv")[1].splitlines()
    safe = run("=cmd().png", "@x.png", "--format", "csv", "--excel-safe")[1].splitlines()
    assert plain[1].startswith("=cmd()")
    assert safe[1].startswith("'=cmd()")
    assert safe[2].startswith("'@x")
    assert safe[1].partition(",")[2] == plain[1].partition(",")[2]
    assert "is for CSV" in run("@x.png", "--excel-safe")[2]
