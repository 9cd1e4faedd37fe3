"""JSON Lines and Parquet."""

import contextlib
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catnocat.benchmarks.data.tables import read_label_table
from catnocat.benchmarks.utils.errors import InputError


@pytest.fixture(params=[".jsonl", ".ndjson", ".parquet"])
def read(request, write):
    """Return a function that writes records to a file of each format and reads it."""

    def read_records(*records):
        name = f"pets{request.param}"
        if request.param == ".parquet":
            path = write("", name)
            pq.write_table(pa.Table.from_pylist(list(records)), path)
        else:
            path = write("".join(json.dumps(record) + "\n" for record in records), name)
        return read_label_table(path)

    return read_records


def refused(read, *records):
    with pytest.raises(InputError) as caught:
        read(*records)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_labels_as_a_list_or_a_text(read):
    lists = read(
        {"image": "a.jpg", "labels": ["dog", " cat "], "group": 1},
        {"image": "b.jpg", "labels": [], "group": 2},
        {"image": "c.jpg", "labels": None, "group": 2},
    )
    texts = read(
        {"image": "a.jpg", "labels": "dog | cat"},
        {"image": "b.jpg", "labels": ""},
        {"image": "c.jpg", "labels": None},
    )
    for table in (lists, texts):
        assert table.labels == ("cat", "dog")
        assert table.Y.tolist() == [[1, 1], [0, 0], [0, 0]]
        assert table.rows.tolist() == [1, 2, 3]
    assert lists.group.tolist() == ["1", "2", "2"]


def test_a_column_per_label(read):
    table = read(
        {"image": "a.jpg", "dog": 1, "cat": True, "split": "train"},
        {"image": "b.jpg", "dog": 0, "cat": None, "split": "test"},
    )
    assert table.labels == ("dog", "cat")
    assert table.Y.tolist() == [[1, 1], [0, 0]]
    assert table.known.tolist() == [[True, True], [True, False]]
    assert table.split.tolist() == ["train", "test"]


def test_not_a_number_is_unknown(read):
    table = read({"image": "a.jpg", "dog": 1.0}, {"image": "b.jpg", "dog": float("nan")})
    assert table.known.tolist() == [[True], [False]]


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([{"image": 7, "labels": "cat"}], "row 1: image 7 is not a text"),
        ([{"image": None, "labels": "cat"}], "row 1: no image"),
        ([{"image": "a.jpg", "labels": [1, 2]}], "row 1: (1, 2) is neither a list of texts"),
        ([{"image": "a.jpg", "labels": [["cat"]]}], "row 1: [['cat']] is neither"),
        ([{"image": "a.jpg", "labels": ["a|b"]}], "row 1: label 'a|b' holds '|'"),
        ([{"image": "a.jpg", "labels": ["cat", ""]}], "row 1: an empty label"),
        ([{"image": "a.jpg", "labels": ["cat", "cat"]}], "row 1: label 'cat' is repeated"),
        ([{"image": "a.jpg", "labels": 3}], "row 1: 3 is neither"),
        ([{"image": "a.jpg", "cat": 3}], "row 1: column 'cat' holds 3, not 1"),
        ([{"image": "a.jpg", "cat": [1]}], "row 1: column 'cat' holds [1], not 1"),
        ([{"image": "a.jpg", "labels": "cat", "split": 1}], "row 1: split 1 is none of"),
        (
            [{"image": "a.jpg", "labels": "cat|dog"}, {"image": "a.jpg", "labels": "dog"}],
            "row 2: image 'a.jpg' is also in row 1",
        ),
    ],
)
def test_faults_of_a_record(read, records, message):
    assert message in refused(read, *records)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ": the file is empty; write one object per image and line"),
        ("\n \n", ": the file is empty; write one object per image and line"),
        ('\n{"image": "a.jpg"\n', " row 2: not JSON at character 18 (Expecting ',' delimiter); "),
        ('["a.jpg"]\n', " row 1: ['a.jpg'] is not an object; write "),
        ("[]\n", " row 1: [] is not an object; write "),
        (
            '{"image": "a.jpg", "image": "b.jpg", "labels": []}',
            " row 1: the key 'image' is repeated; remove one of them",
        ),
        (
            '{"image": "a.jpg", "labels": "x"}\n{"image": "b.jpg", "lables": "x"}',
            " row 2: key 'lables' is not in row 1; did you mean 'labels'?",
        ),
        (
            '{"image": "a.jpg", "labels": "x"}\n{"image": "b.jpg", "labels": "x", "zoo": 1}',
            " row 2: key 'zoo' is not in row 1; every line has the same keys",
        ),
        (
            '{"image": "a.jpg", "labels": "x"}\n{"image": "b.jpg"}',
            " row 2: key 'labels' of row 1 is missing; every line has the same keys",
        ),
        ('{"image": "a.jpg", "labels": ["c\\ud800t"]}', " row 1: half a character (a lone "),
        ("[" * 100_000, " row 1: nested too deeply to be a label table"),
        ('{"image": "a.jpg", "labels": "x"}\n\xff', " row 2: "),
    ],
)
def test_faults_of_json_lines(write, text, message):
    path = write(text.encode("latin-1"), "pets.jsonl")
    with pytest.raises(InputError) as caught:
        read_label_table(path)
    assert str(caught.value).startswith(str(path) + message)
    assert "\n" not in str(caught.value)


def test_a_line_separator_inside_a_text_ends_no_line(write):
    path = write('{"image": "a.jpg", "labels": "a\u2028b"}\r\n\r\n', "pets.jsonl")
    assert read_label_table(path).labels == ("a\u2028b",)


@pytest.mark.parametrize("content", [b"", b"image,labels\n"])
def test_not_a_parquet_file(write, content):
    path = write(content, "pets.parquet")
    with pytest.raises(InputError, match="not a readable Parquet file") as caught:
        read_label_table(path)
    assert "\n" not in str(caught.value)


def test_a_damaged_parquet_file(write):
    path = write("", "pets.parquet")
    pq.write_table(pa.table({"image": ["a.jpg"], "labels": ["cat"]}), path)
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + b"\xff" + content[place + 1 :])
        with contextlib.suppress(InputError):  # any other error fails the test
            read_label_table(path)


def test_faults_of_parquet(write, tmp_path):
    path = write("", "pets.parquet")
    pq.write_table(pa.table({"image": pa.array([], pa.string()), "labels": []}), path)
    with pytest.raises(InputError, match="the table has no rows; write one per image"):
        read_label_table(path)
    pq.write_table(pa.table([["a.jpg"], ["x"], ["y"]], names=["image", "labels", "labels"]), path)
    with pytest.raises(InputError, match="two columns are named 'labels'"):
        read_label_table(path)
    with pytest.raises(InputError, match="no such file"):
        read_label_table(tmp_path / "no.parquet")
    pq.write_table(pa.table({"image": ["a.jpg"], "labels": ["cat"], "spilt": ["train"]}), path)
    with pytest.raises(InputError, match=r"pets\.parquet: unknown column 'spilt'; .* 'split'\?"):
        read_label_table(path)


@pytest.mark.slow  # imports pandas
def test_tables_that_pandas_wrote(write, tmp_path):
    import pandas as pd

    frame = pd.DataFrame({"image": ["a.jpg", "b.jpg", "c.jpg"], "cat": [1, None, 0]}).iloc[[0, 1]]
    frame.to_parquet(tmp_path / "pets.parquet")
    frame.to_csv(write(""), index=False)
    frame.to_json(tmp_path / "pets.jsonl", orient="records", lines=True)
    for suffix in (".parquet", ".csv", ".jsonl"):
        table = read_label_table(tmp_path / f"pets{suffix}")
        assert table.labels == ("cat",)
        assert table.known.tolist() == [[True], [False]]
