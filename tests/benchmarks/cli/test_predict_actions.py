"""Actions and inputs of `catnocat predict`: folders, keywords, pages, zips, flags."""

import io
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

import catnocat


def parse_lines(text):
    return [json.loads(line) for line in text.splitlines()]


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


def test_images_unlike_the_training_images_are_not_labelled_without_a_warning(folder, tmp_path):
    from catnocat.benchmarks.inference.predict import (
        PredictionBatch,
        SortIntoFolders,
        WriteKeywords,
    )

    for name in ("01.png", "02.png"):
        shutil.copy(folder / name, tmp_path)
    paths = [str(tmp_path / name) for name in ("01.png", "02.png")]
    ones = np.ones((2, 1), np.float32)
    batch = PredictionBatch(
        ["01.png", "02.png"],
        [None, None],
        ones,
        ones.astype(np.uint8),
        paths,
        np.array([0, 1], bool),
    )
    SortIntoFolders(tmp_path / "s", ["cat"]).apply(batch)
    found = {str(path.relative_to(tmp_path / "s")) for path in (tmp_path / "s").rglob("*.png")}
    assert found == {"cat/01.png", "unlike the training images/02.png"}
    WriteKeywords(["cat"]).apply(batch)
    assert {path.name for path in tmp_path.glob("*.xmp")} == {"01.png.xmp", "01.xmp"}
    for kind in ("jsonl", "csv", "table"):
        first, second = _written(kind, batch).decode().splitlines()[-2:]
        if kind == "csv":
            assert (first, second) == ("01.png,cat,,0,1.0", "02.png,cat,,1,1.0")
        else:
            assert "unlike" not in first
            assert "unlike" in second
    (tmp_path / "p.csv").write_bytes(_written("csv", batch))
    assert catnocat.benchmarks.load_dataset(tmp_path / "p.csv").labels == ("cat",)
    (tmp_path / "p.jsonl").write_bytes(_written("jsonl", batch))
    assert catnocat.benchmarks.load_dataset(tmp_path / "p.jsonl").labels == ("cat",)


def _written(kind, batch):
    from catnocat.benchmarks.inference.predict import make_writer

    file = io.BytesIO()
    make_writer(kind, file, ["cat"], has_detector=True).write(batch)
    return file.getvalue()


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
