import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catnocat.benchmarks.data.corrections import (
    apply_corrections,
    read_corrections,
    write_suspects,
)
from catnocat.benchmarks.data.tables import read_label_table
from catnocat.benchmarks.utils import InputError

HEADER = "image,label,given,suggested,decision\n"


@pytest.fixture
def folder(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.jpg").touch()
    return tmp_path


def table_file(folder, text, name="pets.csv"):
    path = folder / name
    path.write_text(text)
    return path


def corrected(folder, table, lines, name="fixed", **options):
    path = folder / "corrections.csv"
    path.write_text(HEADER + "".join(f"{line}\n" for line in lines))
    out = folder / f"{name}{table.suffix}"
    count = apply_corrections(read_corrections(path), table, out, **options)
    return count, out


def test_a_list_keeps_columns_order_and_other_labels(folder):
    table = table_file(
        folder,
        'image,note,labels,split\na.jpg,"x, y",dog|cat,train\nb.jpg,,,test\nc.jpg,z,cat,train\n',
    )
    count, out = corrected(
        folder,
        table,
        ["a.jpg,cat,present,absent,change", "b.jpg,dog,absent,present,change"],
    )
    assert count == 2
    assert out.read_text() == (
        'image,note,labels,split\na.jpg,"x, y",dog,train\nb.jpg,,dog,test\nc.jpg,z,cat,train\n'
    )


def test_flags_are_written_as_their_column_writes_them(folder):
    table = table_file(folder, "image,cat,dog\na.jpg,True,1.0\nb.jpg,False,0.0\nc.jpg,,1.0\n")
    count, out = corrected(
        folder,
        table,
        [
            "a.jpg,cat,present,absent,change",
            "b.jpg,dog,absent,present,change",
            "c.jpg,cat,unknown,present,change",
            "a.jpg,dog,present,unknown,change",
        ],
    )
    assert count == 4
    assert out.read_text() == "image,cat,dog\na.jpg,False,\nb.jpg,False,1.0\nc.jpg,True,1.0\n"


@pytest.mark.parametrize(
    ("separator", "wanted"), [(",", "cat,dog"), (", ", "cat, dog"), (";", "cat;dog")]
)
def test_the_separator_of_the_table_stays(folder, separator, wanted):
    table = table_file(
        folder, f'image,labels\na.jpg,"cat{separator}dog"\nb.jpg,cat\nc.jpg,"cat{separator}dog"\n'
    )
    _, out = corrected(
        folder,
        table,
        ["b.jpg,dog,absent,present,change"],
        reading={"separator": (separator.strip(),)},
    )
    assert [line.partition(",")[2].strip('"') for line in out.read_text().splitlines()[1:]] == [
        wanted
    ] * 3


def test_json_lines_keep_other_fields(folder):
    lines = [
        {"image": "a.jpg", "labels": ["cat"], "camera": {"iso": 200}},
        {"image": "b.jpg", "labels": [], "camera": None},
    ]
    table = table_file(folder, "".join(json.dumps(line) + "\n" for line in lines), "pets.jsonl")
    _, out = corrected(folder, table, ["b.jpg,cat,absent,present,change"])
    lines[1]["labels"] = ["cat"]
    assert [json.loads(line) for line in out.read_text().splitlines()] == lines


def test_parquet_keeps_its_schema(folder):
    table = folder / "pets.parquet"
    content = pa.table(
        {
            "image": ["a.jpg", "b.jpg"],
            "labels": [["cat"], ["cat", "dog"]],
            "weight": pa.array([1, 2], pa.int8()),
        }
    )
    pq.write_table(content, table)
    _, out = corrected(folder, table, ["b.jpg,dog,present,absent,change"])
    written = pq.read_table(out)
    assert written.schema == content.schema
    assert written.column("labels").to_pylist() == [["cat"], ["cat"]]
    assert written.column("weight").to_pylist() == [1, 2]


def test_image_names_follow_the_copy_into_another_folder(folder):
    table = table_file(folder, "image,labels\na.jpg,cat\nb.jpg,dog\n")
    (folder / "new").mkdir()
    _, out = corrected(folder, table, ["a.jpg,dog,absent,present,change"], name="new/fixed")
    assert out.read_text() == "image,labels\n../a.jpg,cat|dog\n../b.jpg,dog\n"
    assert [Path(path).exists() for path in read_label_table(out).paths] == [True, True]


def test_nothing_is_overwritten(folder):
    table = table_file(folder, "image,labels\na.jpg,cat\nb.jpg,dog\n")
    out = table_file(folder, "precious", "fixed.csv")
    with pytest.raises(InputError, match="exists already"):
        corrected(folder, table, ["a.jpg,dog,absent,present,change"])
    with pytest.raises(InputError, match="exists already"):
        corrected(folder, table, ["a.jpg,dog,absent,present,change"], name="pets")
    assert out.read_text() == "precious"
    assert table.read_text() == "image,labels\na.jpg,cat\nb.jpg,dog\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("z.jpg,cat,absent,present,change", "row 2: .*has no image 'z.jpg'"),
        ("a.jpg,cow,absent,present,change", "row 2: .*has no label 'cow'"),
        ("a.jpg,cat,absent,present,change", "row 2: 'cat' is present in .*another version"),
        ("a.jpg,cat,present,maybe,change", "row 2: 'maybe'; write present, absent or unknown"),
        ("a.jpg,cat,present,absent,yes", "row 2: decision 'yes'"),
        ("a.jpg,cat,present,unknown,change", "lists of labels cannot say"),
    ],
)
def test_corrections_that_do_not_fit_are_refused(folder, line, message):
    table = table_file(folder, "image,labels\na.jpg,cat\nb.jpg,dog\n")
    with pytest.raises(InputError, match=message):
        corrected(folder, table, [line])
    assert not (folder / "fixed.csv").exists()
    assert [path.name for path in folder.glob(".fixed*")] == []


def test_a_table_with_a_row_per_label_is_refused(folder):
    table = table_file(folder, "image,labels\na.jpg,cat\na.jpg,dog\nb.jpg,dog\n")
    before = read_label_table(table)
    if before.n_images == 3:
        pytest.skip("read as three images")
    with pytest.raises(InputError, match="one row per image"):
        corrected(folder, table, ["b.jpg,cat,absent,present,change"])


def test_contradicting_rows_are_refused(folder):
    path = folder / "corrections.csv"
    path.write_text(HEADER + "a.jpg,cat,,present,change\na.jpg,cat,,absent,change\n")
    with pytest.raises(InputError, match=r"row 3: contradicts .* row 2"):
        read_corrections(path)


def test_only_decided_rows_are_taken_unless_all_are_accepted(tmp_path):
    path = tmp_path / "suspects.csv"
    write_suspects([("a.jpg", "cat", 1, 0, 0.9), ("b.jpg", "dog", 0, 1, 0.8)], path)
    assert path.read_text().splitlines()[1] == "a.jpg,cat,present,absent,0.9000,"
    assert read_corrections(path) == []
    everything = read_corrections(path, accept_all=True)
    assert [(entry.image, entry.label, entry.given, entry.value) for entry in everything] == [
        ("a.jpg", "cat", 1, 0),
        ("b.jpg", "dog", 0, 1),
    ]
    path.write_text(path.read_text().replace("0.9000,", "0.9000,keep"))
    assert [entry.image for entry in read_corrections(path, accept_all=True)] == ["b.jpg"]
