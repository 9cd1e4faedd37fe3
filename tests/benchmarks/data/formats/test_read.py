import pytest

from catnocat.benchmarks.data.formats import FORMATS, read_dataset


@pytest.fixture
def record(text, tmp_path):
    """Write two images, a.jpg and b.jpg, and give what writes a table next to them."""
    for image in ("a.jpg", "b.jpg"):
        (tmp_path / image).touch()
    return lambda name, *lines: text(tmp_path / name, *lines)


TABLE = ("image,labels", "a.jpg,cat", "b.jpg,dog")
RECORD = '{"image": "a.jpg", "labels": ["cat"]}'


def test_a_table_and_the_folder_around_it(record, tmp_path):
    path = record("labels.csv", *TABLE)
    for place in (path, tmp_path, str(tmp_path)):
        table = read_dataset(place)
        assert table.labels == ("cat", "dog")
        assert table.source == str(path)


def test_a_folder_with_json_lines(record, tmp_path):
    record("labels.jsonl", RECORD)
    assert read_dataset(tmp_path).labels == ("cat",)


def test_what_is_refused(record, tmp_path, refused):
    assert refused(tmp_path / "no") == f"{tmp_path}/no: no such file or folder"
    assert refused(tmp_path).startswith(
        f"{tmp_path}: no data set known here, but 2 images; the images have no labels; put a labels"
    )
    notes = record("notes.txt")
    assert refused(notes).startswith(f"{notes}: not a label table by its name; the suffix")
    record("labels.csv", *TABLE), record("labels.jsonl", RECORD)
    assert (
        refused(tmp_path) == f"{tmp_path}: holds labels.csv and labels.jsonl; name the one to read"
    )


def test_names_of_formats_are_words_for_the_command_line():
    names = [one.name for one in FORMATS]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalpha() and name.islower() for name in names)
