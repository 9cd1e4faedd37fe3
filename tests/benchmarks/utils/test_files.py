"""Output folders, and file names that are not valid UTF-8."""

import json
import os
import sys

import pytest
from PIL import Image

from catnocat.benchmarks import InputError
from catnocat.benchmarks.cli import main
from catnocat.benchmarks.utils import open_output_folder

INVALID_UTF8 = os.fsdecode(b"caf\xe9.png")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not allow such names")
def test_data_report_of_names_that_are_not_utf8(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for label, colour in (("cat", "red"), ("dog", "blue")):
        folder = tmp_path / "pets" / label
        folder.mkdir(parents=True)
        for number in range(3):
            Image.new("RGB", (9 + number, 9), colour).save(folder / f"{number}{INVALID_UTF8}")
        (folder / INVALID_UTF8).write_bytes(b"not an image")
    with pytest.raises(SystemExit) as end:
        main(["data", "pets", "--out", "out", "--store", "store"])
    assert end.value.code == 0, capsys.readouterr().err
    report = json.loads((tmp_path / "out" / "data.json").read_text("utf-8"))
    assert f"cat/{INVALID_UTF8}" in json.dumps(report, ensure_ascii=False)
    assert r"caf\udce9.png" in (tmp_path / "out" / "data.html").read_text("utf-8")


def test_new_folder_of_several_comparisons_exists_within_the_statement(tmp_path):
    with open_output_folder(tmp_path / "out") as folder:
        (folder / "1-pets").mkdir()
    assert (tmp_path / "out" / "1-pets").is_dir()
    with open_output_folder(None) as folder:
        assert folder is None


def fail_in(folder, *names):
    with open_output_folder(folder) as opened:
        for name in names:
            (opened / name).touch()
        raise InputError("wrong")


def test_new_folder_is_deleted_if_nothing_was_written(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    for folder in (old, new):
        with pytest.raises(InputError, match="wrong"):
            fail_in(folder)
    assert old.is_dir()
    assert not new.exists()
    with pytest.raises(InputError, match="wrong"):
        fail_in(new, "results.json")
    assert (new / "results.json").is_file()
