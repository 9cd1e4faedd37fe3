"""Hostile files are refused in one line, within 1 GB of memory and 10 s of processor time."""

import json
import subprocess
import sys

import pytest
from hostile_files import CASES, ESCAPE, MEMORY_MB, RTL, SECONDS

from catnocat.benchmarks import load_dataset
from catnocat.benchmarks.cli import main
from catnocat.benchmarks.data.formats import read_dataset
from catnocat.benchmarks.utils import InputError, escape_controls

MESSAGES = {
    "yaml_alias_bomb": "data.yaml row 2: an alias",
    "yaml_deep": "nested more than 100 levels",
    "json_deep_spaced": "nested too deeply",
    "xml_quadratic_entity": "has a document type",
    "xml_billion_laughs": "has a document type",
    "xml_external_entity": "has a document type",
    "parquet_of_equal_rows": "which cannot name different images",
    "gzip_bomb": "more than 100 times as large as the file",
    "npz_bomb": "more than 100 times as large as the file",
    "csv_of_a_million_labels": "1,000,000 different labels are too many for 1,000 images",
    "csv_of_a_million_columns": "1,000,000 different labels are too many for 1 image;",
    "csv_of_a_long_label": "row 2: a label of 100,000 characters",
    "csv_of_a_long_image_name": "is too long for a path",
    "csv_of_a_file_address": "row 2: image 'file:///etc/passwd' is an address",
    "csv_of_a_web_address": "row 2: image 'http://127.0.0.1:9/a.jpg' is an address",
    "coco_of_many_categories": "25,000 different labels are too many for 25,000 images",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Return what reading each file in a limited process cost and said."""
    script = CASES["yaml_deep"].__globals__["__file__"]
    folder = tmp_path_factory.mktemp("hostile")
    ran = subprocess.run(
        [sys.executable, script, str(folder)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    entries = [json.loads(line) for line in ran.stdout.splitlines()]
    return {entry["case"]: entry for entry in entries}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_is_refused_within_the_limits(found, name):
    entry = found[name]
    assert entry["memory_mb"] < MEMORY_MB, entry
    assert entry["seconds"] < SECONDS, entry
    assert entry["code"] == 2, entry
    assert len(entry["message"].splitlines()) == 1
    assert len(entry["message"]) < 1000
    assert entry["message"].isprintable()
    assert MESSAGES.get(name, "") in entry["message"]


def test_controls_in_names_are_escaped_on_the_screen(tmp_path, capsys):
    (tmp_path / "a.jpg").touch()
    table = tmp_path / f"{ESCAPE}t.csv"
    table.write_text(f"image,labels\na.jpg,{RTL}cat\nb.jpg,{ESCAPE}dog\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["data", str(table), "--quick", "--out", str(tmp_path / "out")])
    written = "".join(capsys.readouterr())
    assert ESCAPE not in written
    assert RTL not in written
    assert "\\u202ecat" in written
    assert "\\x1b[31mdog" in written
    with pytest.raises(SystemExit):
        main(["data", str(tmp_path / f"{ESCAPE}{RTL}none.csv")])
    written = "".join(capsys.readouterr())
    assert "\\x1b[31m\\u202enone.csv" in written


def test_letters_of_every_script_and_emoji_are_not_escaped():
    names = ["Hund & Katze", "\u82b1", "\u0645\u0631\u062d\u0628\u0627", "\u0915\u094d\u200d\u0937"]
    emoji = "\U0001f469\u200d\U0001f33e"
    assert [escape_controls(name) for name in [*names, emoji]] == [*names, emoji]
    assert escape_controls("a\u2066b\u061cc\x07\x85") == "a\\u2066b\\u061cc\\x07\\x85"


def test_a_local_table_may_name_images_outside_of_its_folder(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    (tmp_path / "tables").mkdir()
    path = tmp_path / "tables" / "labels.csv"
    path.write_text("image,labels\n../photos/a.jpg,cat\n")
    assert load_dataset(path).images == ("../photos/a.jpg",)


@pytest.mark.parametrize("address", ["file:///tmp/a.jpg", "http://host/a.jpg", "s3://b/a.jpg"])
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_an_address_in_an_image_cell_is_refused_in_one_line(tmp_path, address, suffix):
    path = tmp_path / f"t.{suffix}"
    if suffix == "csv":
        path.write_text(f"image,labels\n{address},cat\n")
    else:
        path.write_text(json.dumps({"image": address, "labels": ["cat"]}) + "\n")
    with pytest.raises(InputError, match="is an address; download the image") as caught:
        read_dataset(path)
    assert len(str(caught.value).splitlines()) == 1
