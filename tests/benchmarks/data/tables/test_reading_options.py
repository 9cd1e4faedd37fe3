"""Columns and values by option, and what is found without options."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catnocat.benchmarks import load_dataset
from catnocat.benchmarks.data.tables import TableOptions, read_label_table
from catnocat.benchmarks.utils.errors import InputError, UnclearInputError

SUFFIXES = [".csv", ".jsonl", ".parquet"]


@pytest.fixture
def load(write):
    def write_and_load(text, name="pets.csv", **options):
        return load_dataset(write(text, name), **options)

    return write_and_load


@pytest.fixture(params=SUFFIXES)
def load_rows(request, write):
    """Return a function that writes rows of texts in each format and loads them."""

    def write_and_load(header, *rows, **options):
        path = write("", f"pets{request.param}")
        records = [dict(zip(header, row, strict=True)) for row in rows]
        if request.param == ".parquet":
            pq.write_table(pa.Table.from_pylist(records), path)
        elif request.param == ".jsonl":
            path.write_text("".join(json.dumps(record) + "\n" for record in records))
        else:
            path.write_text("\n".join(";".join(row) for row in (header, *rows)))
        return load_dataset(path, **options)

    return write_and_load


def choices_of(load, *arguments, **options):
    with pytest.raises(UnclearInputError) as caught:
        load(*arguments, **options)
    assert "\n" not in str(caught.value)
    return [choice for choice, _ in caught.value.choices]


def test_named_columns(load_rows):
    header = ("id", "file", "other", "tags", "words", "fold")
    rows = [("1", "a.jpg", "x.jpg", "cat, dog", "y", "0"), ("2", "b.jpg", "y.jpg", "dog", "z", "1")]
    table = load_rows(
        header,
        *rows,
        image_column="file",
        label_column="tags",
        separator=",",
        split_column="fold",
        split_values=["1=test"],
    )
    assert table.images == ("a.jpg", "b.jpg")
    assert table.labels == ("cat", "dog")
    assert table.Y.tolist() == [[1, 1], [0, 1]]
    assert table.split.tolist() == ["train", "test"]
    assert any("ignored: 'id', 'other', 'words'" in note for note in table.notes)


@pytest.mark.parametrize(
    ("image", "label"),
    [("image_name", "tags"), ("filename", "label"), ("FileName", "Class"), ("file", "labels")],
)
def test_usual_names_of_columns_are_found(load_rows, image, label):
    table = load_rows((image, label), ("a.jpg", "cat|dog"), ("b.jpg", "dog"))
    assert table.Y.tolist() == [[1, 1], [0, 1]]
    assert any(f"column '{image}'" in note for note in table.notes)


def test_several_columns_that_could_be_meant_are_refused(load):
    text = "file,path,labels\na.jpg,b.jpg,cat\n"
    assert choices_of(load, text) == ["--image-column file", "--image-column path"]
    assert load(text, image_column="path").images == ("b.jpg",)
    text = "image,tags,class\na.jpg,cat,dog\n"
    assert choices_of(load, text) == ["--label-column tags", "--label-column class"]
    assert load(text, label_column="class").labels == ("dog",)
    assert load("id,filename,labels\n7,a.jpg,cat\n").images == ("a.jpg",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image_column": "fil"}, "--image-column fil: no such column; did you mean 'file'?"),
        ({"label_columns": ["x_*"]}, "--label-columns x_*: no such column"),
        ({"image_column": "file", "split_column": "part"}, "--split-column part: no such column"),
        ({"split_values": ["1"]}, "--split-values 1: write value=train or value=test"),
        ({"minus_one": "maybe"}, "--minus-one maybe: unknown; choose unknown, absent or present"),
        ({"separator": ""}, "--separator: is empty"),
        ({"label_column": "a", "label_columns": ["b"]}, "a table has one form"),
    ],
)
def test_wrong_options(load, options, message):
    with pytest.raises(InputError, match=message.replace("*", r"\*").replace("?", r"\?")):
        load("file,cat\na.jpg,1\n", **options)


def test_options_of_tables_are_refused_for_other_formats(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.eye(3), Y=[[1, 0], [0, 1], [1, 1]])
    with pytest.raises(InputError, match="--image-column: is for label tables"):
        load_dataset(tmp_path / "a.npz", image_column="file")
    with pytest.raises(InputError, match="--split-column: is for label tables"):
        load_dataset("voc2007", split_column="x")


def test_columns_of_labels_by_pattern(load):
    text = "image,has_cat,has_dog,fold\na.jpg,1,0,3\nb.jpg,0,1,4\n"
    table = load(text, label_columns=["has_*"])
    assert table.labels == ("has_cat", "has_dog")
    assert table.Y.tolist() == [[1, 0], [0, 1]]


def test_metadata_among_label_columns_is_refused(load):
    text = "image,sea,sky,is_valid,fold\na.jpg,1,0,True,0\nb.jpg,0,1,False,1\n"
    assert choices_of(load, text) == [
        "--label-columns sea,sky",
        "--label-columns sea,sky --split-column is_valid",
        "--label-columns sea,sky,is_valid,fold",
    ]
    table = load(text, label_columns=["sea", "sky"], split_column="is_valid")
    assert (table.labels, table.split.tolist()) == (("sea", "sky"), ["test", "train"])
    assert load(text, label_columns=["*"]).n_labels == 4


@pytest.mark.parametrize("name", ["verified", "annotator", "index", "is_train", "Fold"])
def test_names_of_metadata(load, name):
    text = f"image,sea,{name}\na.jpg,1,1\nb.jpg,0,1\n"
    assert choices_of(load, text)[0] == "--label-columns sea"


def test_a_train_is_a_label_and_a_training_flag_is_not(load):
    rows = "".join(f"{image}.jpg,{{}},1\n" for image in "ab")
    assert choices_of(load, "image,train,bus\n" + rows.format(1, 1))
    rare = "image,train,bus\na.jpg,1,0\nb.jpg,0,1\nc.jpg,0,1\nd.jpg,0,1\n"
    table = load(rare)
    assert table.labels == ("train", "bus")
    assert "'train' is read as a label" in table.notes[0]


def test_columns_without_flags_are_ignored(load):
    table = load("image,sea,annotator,width\na.jpg,1,anna,640\nb.jpg,0,anna,480\n")
    assert table.labels == ("sea",)
    assert "ignored: 'annotator', 'width'" in table.notes[0]
    with pytest.raises(InputError, match=r"if it is no label, add --label-columns sea"):
        load("image,sea,age\na.jpg,1,0\nb.jpg,0,4\n")


def test_the_index_of_pandas_is_ignored(load):
    table = load(",image,labels\n0,a.jpg,cat|dog\n1,b.jpg,cat\n")
    assert table.labels == ("cat", "dog")
    assert "numbers the rows" in table.notes[0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("train dev", ["train", "test"]),
        ("Training testing", ["train", "test"]),
        ("train valid test", ["train", "train", "test"]),
    ],
)
def test_a_column_of_parts_under_another_name(load, values, expected):
    rows = "".join(f"{i}.jpg,cat|dog,{word}\n" for i, word in enumerate(values.split()))
    text = f"image,labels,phase\na.jpg,cat,{values.split()[0]}\n{rows}"
    for options in ({}, {"split_column": "phase"}):
        assert load(text, **options).split.tolist()[1:] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("is_valid", ["test", "train"]), ("is_test", ["test", "train"]), ("train", ["train", "test"])],
)
@pytest.mark.parametrize("values", [("1", "0"), ("True", "False")])
def test_a_column_of_flags_as_the_split(load_rows, name, expected, values):
    rows = [("a.jpg", "cat|dog", values[0]), ("b.jpg", "cat", values[1])]
    table = load_rows(("image", "labels", name), *rows, split_column=name)
    assert table.split.tolist() == expected


def test_flags_that_do_not_say_which_part_is_the_test(load):
    text = "image,labels,part\na.jpg,cat|dog,0\nb.jpg,cat,1\n"
    assert choices_of(load, text, split_column="part") == [
        "--split-values 0=train,1=test",
        "--split-values 1=train,0=test",
    ]
    table = load(text, split_column="part", split_values=["0=train", "1=test"])
    assert table.split.tolist() == ["train", "test"]


def test_a_split_without_test_images_is_left_out_unless_needed(load, write):
    text = "image,labels,split\na.jpg,cat|dog,train\nb.jpg,cat,train\n"
    table = load(text)
    assert table.split is None
    assert "has no test row and is ignored" in table.notes[0]
    assert choices_of(load, text, needs_split=True) == ["--folds 5"]
    assert choices_of(read_label_table, write(text)) == ["--folds 5"]


LONG = "image,label\na.jpg,cat\na.jpg,dog\nb.jpg,dog\nc.jpg,\n"


def test_the_long_form(load):
    table = load(LONG)
    assert table.images == ("a.jpg", "b.jpg", "c.jpg")
    assert table.rows.tolist() == [2, 4, 5]
    assert table.labels == ("cat", "dog")
    assert table.Y.tolist() == [[1, 1], [0, 1], [0, 0]]
    assert table.known.all()


def test_the_long_form_with_a_row_per_object(load):
    text = "image,x,labels\na.jpg,1,cat\na.jpg,5,cat\nb.jpg,7,traffic light\n"
    table = load(text)
    assert table.labels == ("cat", "traffic light")
    assert table.Y.tolist() == [[1, 0], [0, 1]]


def test_the_long_form_with_verified_absence(load):
    table = load("image,label,confidence\na.jpg,cat,1\na.jpg,dog,0\nb.jpg,dog,1\n")
    assert table.Y.tolist() == [[1, 0], [0, 1]]
    assert table.known.tolist() == [[True, True], [False, True]]


def test_the_long_form_with_confidences(load):
    text = "image,label,score\na.jpg,cat,.3\na.jpg,dog,.9\nb.jpg,dog,.4\n"
    assert choices_of(load, text) == ["--min-confidence 0.5", "--min-confidence 0"]
    assert load(text, min_confidence=0.4).Y.tolist() == [[0, 1], [0, 1]]


def test_rows_of_an_image_in_two_parts_are_refused(load, tmp_path):
    text = "image,label,split\na.jpg,cat,train\na.jpg,dog,test\nb.jpg,dog,test\n"
    with pytest.raises(InputError) as caught:
        load(text)
    assert str(caught.value).startswith(f"{tmp_path / 'pets.csv'} row 3: split 'test', but 'train'")


@pytest.mark.parametrize(
    "text",
    [
        "a.jpg,cat|dog\nb.jpg,\nc.jpg,dog\n",
        "a.jpg;cat|dog\nb.jpg;\nc.jpg;dog\n",
        "cat|dog,a.jpg\n,b.jpg\ndog,c.jpg\n",
        "b.jpg,\na.jpg,cat|dog\nc.jpg,dog\n",
    ],
)
def test_a_file_without_header(load, text):
    table = load(text)
    of_image = dict(zip(table.images, table.Y.tolist(), strict=True))
    assert of_image == {"a.jpg": [1, 1], "b.jpg": [0, 0], "c.jpg": [0, 1]}
    assert table.rows.tolist() == [1, 2, 3]
    assert "there is no header" in table.notes[0]


def test_columns_without_names_are_refused_or_found(load):
    table = load("a.jpg,train,cat|dog\nb.jpg,test,cat\n")
    assert table.split.tolist() == ["train", "test"]
    for text in ("a.jpg,1,0\nb.jpg,0,1\n", "a.jpg,1\nb.jpg,0\n"):
        with pytest.raises(InputError, match=r"row 1: no header, since 'a.jpg' is an image"):
            load(text)


def test_minus_one(load):
    table = load("image,cat,dog\na.jpg,-1,1\nb.jpg,1,-1\n")
    assert table.known.all()
    assert table.Y.tolist() == [[0, 1], [1, 0]]
    assert "-1 is read as absent" in table.notes[0]


@pytest.mark.parametrize(
    "text", ["image,x,y\na.jpg,-1,1\nb.jpg,1,0\n", "image,x\na.jpg,-1.0\nb.jpg,1\nc.jpg,\n"]
)
def test_minus_one_next_to_other_values_is_refused(load, text):
    assert choices_of(load, text) == ["--minus-one unknown", "--minus-one absent"]


def test_uncertain_labels_of_a_medical_table(load):
    text = "Path,Sex,Age,Edema,Fracture\na.jpg,F,68,1.0,\nb.jpg,M,70,-1.0,0.0\n"
    assert choices_of(load, text) == ["--minus-one unknown", "--minus-one absent"]
    table = load(text, minus_one="unknown", blank="absent")
    assert table.labels == ("Edema", "Fracture")
    assert table.Y.tolist() == [[1, 0], [0, 0]]
    assert table.known.tolist() == [[True, True], [False, True]]
    assert load(text, minus_one="present").Y.tolist() == [[1, 0], [1, 0]]


@pytest.fixture
def planet(tmp_path):
    """Return a folder of two batches of images and the table of their tags."""
    for i, batch in enumerate(("train-jpg", "train-jpg", "test-jpg")):
        (tmp_path / "planet" / batch).mkdir(parents=True, exist_ok=True)
        (tmp_path / "planet" / batch / f"train_{i}.jpg").touch()
    rows = "train_0,haze primary\ntrain_1,clear primary\ntrain_2,clear primary water\n"
    (tmp_path / "planet" / "train_v2.csv").write_text("image_name,tags\n" + rows)
    (tmp_path / "planet" / "sample_submission_v2.csv").write_text("image_name,tags\nx,primary\n")
    return tmp_path / "planet"


def test_folders_of_batches_are_no_labels(planet):
    table = load_dataset(planet, separator=" ")
    assert table.labels == ("clear", "haze", "primary", "water")
    assert table.Y.tolist() == [[0, 1, 1, 0], [1, 0, 1, 0], [1, 0, 1, 1]]
    assert [Path(image).stem for image in table.images] == ["train_0", "train_1", "train_2"]
    assert [path.rpartition("/planet/")[2] for path in table.paths] == [
        "train-jpg/train_0.jpg",
        "train-jpg/train_1.jpg",
        "test-jpg/train_2.jpg",
    ]
    (planet / "train_v2.csv").unlink()
    assert choices_of(load_dataset, planet) == ["--format image-folder"]
    assert load_dataset(planet, format="image-folder").labels == ("test-jpg", "train-jpg")


def test_the_folder_of_images(write, tmp_path):
    (tmp_path / "tables").mkdir()
    write("")
    path = tmp_path / "tables" / "pets.csv"
    path.write_text("image,labels\na,cat|dog\nb,cat\n")
    with pytest.raises(InputError, match="none of the 2 images exists"):
        load_dataset(path)
    for options in ({"image_suffix": ".jpg"}, {"image_suffix": "jpg"}, {}):
        table = load_dataset(path, image_root=tmp_path, **options)
        assert table.paths == (str(tmp_path / "a.jpg"), str(tmp_path / "b.jpg"))


def test_names_that_fit_two_files_are_refused(load, tmp_path):
    (tmp_path / "a.png").touch()
    text = "image,labels\na,cat|dog\nb,cat\n"
    assert choices_of(load, text) == ["--image-suffix .jpg", "--image-suffix .png"]
    (tmp_path / "a.png").unlink()
    assert load(text).paths[0] == str(tmp_path / "a.jpg")
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "c.jpg").touch()
    assert choices_of(load, "image,labels\nc.jpg,cat|dog\n") == [
        f"--image-root {tmp_path / 'x'}",
        f"--image-root {tmp_path / 'y'}",
    ]


@pytest.mark.parametrize("written", ["caf\u00e9.jpg", "cafe\u0301.jpg"])
@pytest.mark.parametrize("file", ["caf\u00e9.jpg", "cafe\u0301.jpg"])
def test_a_file_name_in_another_unicode_form(load, tmp_path, written, file):
    (tmp_path / file).touch()
    table = load(f"image,labels\n{written},cat|dog\na.jpg,cat\n")
    assert table.paths[0] == str(tmp_path / file)
    assert bool(table.notes) == (written != file)


def test_options_are_the_same_for_equal_values():
    assert TableOptions(separator=",") == TableOptions(separator=(",",))
    assert TableOptions(label_columns="cat").given() == ["label_columns"]
