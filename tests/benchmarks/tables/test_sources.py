import pytest

from catnocat.benchmarks.errors import InputError
from catnocat.benchmarks.tables import FORMATS, read_dataset

TABLE = "image,labels\na.jpg,cat\nb.jpg,dog\n"
RECORD = '{"image": "a.jpg", "labels": ["cat"]}\n'


def test_a_table_and_the_folder_around_it(write, tmp_path):
    path = write(TABLE, "labels.csv")
    for place in (path, tmp_path, str(tmp_path)):
        table = read_dataset(place)
        assert table.labels == ("cat", "dog")
        assert table.source == str(path)


def test_a_folder_with_json_lines(write, tmp_path):
    write(RECORD, "labels.jsonl")
    assert read_dataset(tmp_path).labels == ("cat",)


def test_what_is_refused(write, tmp_path):
    def refused(place):
        with pytest.raises(InputError) as caught:
            read_dataset(place)
        return str(caught.value)

    assert refused(tmp_path / "no") == f"{tmp_path}/no: no such file or folder"
    assert refused(tmp_path).startswith(f"{tmp_path}: no data set known here; put a labels.csv")
    text = write("", "notes.txt")
    assert refused(text).startswith(f"{text}: no data set known by its name")
    write(TABLE, "labels.csv"), write(RECORD, "labels.jsonl")
    assert (
        refused(tmp_path) == f"{tmp_path}: holds labels.csv and labels.jsonl; name the one to read"
    )


def test_a_path_that_two_formats_recognise_is_refused(write, monkeypatch):
    monkeypatch.setattr("catnocat.benchmarks.tables.sources.FORMATS", FORMATS[:1] * 2)
    with pytest.raises(InputError, match="could be a label table or a label table; name"):
        read_dataset(write(TABLE))
