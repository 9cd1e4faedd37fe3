import gzip

import numpy as np
import pytest

from catnocat.benchmarks.data.tables import read_images_named, read_label_table
from catnocat.benchmarks.utils.errors import InputError


def error_of(path):
    with pytest.raises(InputError) as caught:
        read_label_table(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message.removeprefix(str(path)).strip()


def test_lists_of_labels(write, tmp_path):
    table = read_label_table(write("image,labels\na.jpg,dog|cat\nb.jpg,\nc.jpg,dog\n"))
    assert table.labels == ("cat", "dog")  # sorted
    assert table.Y.tolist() == [[1, 1], [0, 0], [0, 1]]
    assert table.Y.dtype == np.uint8
    assert table.known.all()
    assert table.images == ("a.jpg", "b.jpg", "c.jpg")
    assert table.paths == tuple(str(tmp_path / image) for image in table.images)
    assert table.rows.tolist() == [2, 3, 4]
    assert table.split is None
    assert table.group is None


def test_a_column_per_label(write):
    table = read_label_table(write("image,dog,cat\na.jpg,1,0\nb.jpg,,1\n"))
    assert table.labels == ("dog", "cat")  # as in the file
    assert table.Y.tolist() == [[1, 0], [0, 1]]
    assert table.known.tolist() == [[True, True], [False, True]]


@pytest.mark.parametrize(
    "cells", ["1,0", "1.0,0.0", "True,False", " 1 , 0 ", "true,", "yes,No", "1,NA"]
)
def test_the_ways_to_write_yes_and_no(write, cells):
    table = read_label_table(write(f"image,dog,cat\na.jpg,{cells}\n"))
    assert table.Y.tolist() == [[1, 0]]


@pytest.mark.parametrize(
    "text",
    [
        "image,labels\r\na.jpg,cat|dog\r\nb.jpg,\r\n",
        "\ufeffimage,labels\na.jpg,cat|dog\nb.jpg,\n",
        "image,labels\na.jpg,cat|dog\nb.jpg,",
        "image,labels\na.jpg,cat|dog\nb.jpg,\n\n\r\n\n",
        "image, labels\na.jpg, cat | dog\nb.jpg, \n",
        '"image","labels"\n"a.jpg","cat|dog"\n"b.jpg",""\n',
        'image, labels\na.jpg, "cat|dog"\nb.jpg,\n',
        "labels,image\ncat|dog,a.jpg\n,b.jpg\n",
        "image,labels\ra.jpg,cat|dog\rb.jpg,\r",
        "\ufeffimage;labels\r\na.jpg;cat|dog\r\nb.jpg;\r\n",
        '"image"\t"labels"\na.jpg\tcat|dog\nb.jpg\t\n',
        "sep=;\r\nimage;labels\r\na.jpg;cat|dog\r\nb.jpg;\r\n",
        "image,labels,,\na.jpg,cat|dog,,\nb.jpg,,,\n,,,\n",
        "Image, LABELS\na.jpg,cat|dog\nb.jpg,\n",
    ],
    ids=[
        *("crlf", "bom", "no end", "blank lines", "spaces", "quotes", "both", "turned", "cr"),
        *("semicolons", "tabs", "said", "empty cells at the end", "capitals"),
    ],
)
def test_spellings_of_the_same_table(write, text):
    table = read_label_table(write(text))
    assert table.labels == ("cat", "dog")
    assert table.Y.tolist() == [[1, 1], [0, 0]]
    first = 3 if "sep=" in text else 2
    assert table.rows.tolist() == [first, first + 1]


def test_names_of_all_kinds(write):
    text = 'image,labels\n"a, b.jpg",chat élégant|犬\n"say ""x"".jpg",a:b\n../up.jpg,x\na.jpg,\n'
    table = read_label_table(write(text))
    assert table.images == ("a, b.jpg", 'say "x".jpg', "../up.jpg", "a.jpg")
    assert table.labels == ("a:b", "chat élégant", "x", "犬")


def test_an_absolute_path_stays_as_it_is(write, tmp_path):
    table = read_label_table(write(f"image,labels\n{tmp_path}/a.jpg,cat\n"))
    assert table.paths == (f"{tmp_path}/a.jpg",)


def test_a_relative_table_gives_absolute_paths(write, tmp_path, monkeypatch):
    write("image,labels\na.jpg,cat\n")
    monkeypatch.chdir(tmp_path)
    table = read_label_table("pets.csv")
    assert table.paths == (str(tmp_path / "a.jpg"),)
    assert table.where(0) == "pets.csv row 2"


def test_rows_are_those_of_an_editor(write):
    table = read_label_table(write('image,labels\n\na.jpg,"cat\n"\n\nb.jpg,dog\n'))
    assert table.rows.tolist() == [3, 6]
    assert table.labels == ("cat", "dog")


def test_split_and_group(write):
    table = read_label_table(write("image,labels,split,group\na.jpg,x,Train,7\nb.jpg,y,test ,8\n"))
    assert table.split.tolist() == ["train", "test"]
    assert table.group.tolist() == ["7", "8"]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("train val", "train test"),
        ("train validation", "train test"),
        ("train val test", "train train test"),
        ("trainval test", "train test"),
    ],
)
def test_validation_images_are_trained_on_where_there_are_test_images(write, words, parts):
    rows = "".join(f"{i}.jpg,x,{word}\n" for i, word in enumerate(words.split()))
    table = read_label_table(write("image,labels,split\na.jpg,y,train\n" + rows))
    assert table.split.tolist()[1:] == parts.split()


def test_a_missing_picture_is_left_to_whoever_reads_the_pictures(write, tmp_path):
    path = write("image,labels\nmissing.jpg,cat\na.jpg,dog\n")
    table = read_label_table(path)
    assert table.paths[0] == str(tmp_path / "missing.jpg")
    assert table.where(0) == f"{path} row 2"


def test_a_table_called_labels_is_named_for_its_folder(write, tmp_path):
    assert read_label_table(write("image,labels\na.jpg,cat\n", "labels.csv")).name == tmp_path.name
    assert read_label_table(write("image,labels\na.jpg,cat\n", "pets.csv")).name == "pets"


HEADER_FAULTS = {
    "image,labels,splt\na.jpg,cat,train\n": (
        "row 1: unknown column 'splt'; known are image, labels, split, group; did you mean 'split'?"
    ),
    "image,labels,cat\na.jpg,cat,1\n": (
        "row 1: both a column 'labels' and the 0/1 column 'cat'; keep one of the forms; "
        "add --label-column labels to read 'labels' only"
    ),
    "image,labels,labels\na.jpg,cat,dog\n": (
        "row 1: two columns are named 'labels'; rename or remove one of them"
    ),
    "image,cat,cat\na.jpg,1,1\n": (
        "row 1: two columns are named 'cat'; rename or remove one of them"
    ),
    "Image,image,labels\na.jpg,b.jpg,cat\n": (
        "row 1: column 'Image': write it 'image'; no label column can be called so"
    ),
    "image,cat,Group\na.jpg,1,1\n": (
        "row 1: column 'Group': write it 'group'; no label column can be called so"
    ),
    "a,b\n1,2\n": (
        "row 1: no column 'image'; it names the image of each row; found 'a', 'b'; "
        "rename it, or add --image-column NAME"
    ),
    "file,path,labels\na.jpg,b.jpg,cat\n": (
        "row 1: no column 'image', and 'file', 'path' could name the images; "
        "add --image-column file to read file, or --image-column path to read path"
    ),
    "image,labels,tags\na.jpg,cat,dog\n": (
        "row 1: the labels may be in 'labels', 'tags'; "
        "add --label-column labels to read labels, or --label-column tags to read tags"
    ),
    "image,split\na.jpg,train\n": (
        "row 1: no labels; add a column 'labels' (cat|dog), or one 0/1 column per label"
    ),
    ",image,labels\n7,a.jpg,cat\n": (
        "row 1: column 1 has no name; name it, or leave it out (pandas: to_csv(..., index=False))"
    ),
    "sep=;\nfile,labels\na.jpg,cat\n": (
        "row 2: no column 'image'; it names the image of each row; found 'file,labels'; "
        "rename it, or add --image-column NAME"
    ),
    "image,a|b\na.jpg,1\n": "row 1: column 'a|b' cannot name a label; avoid '|' and end spaces",
    "image,labels\n": "row 1: only the header; write one row per image",
    "\nimage,labels\n\n": "row 2: only the header; write one row per image",
    "image,labels,split\na.jpg,cat,train\nb.jpg,cat,train\n": (
        "row 1: the column 'split' has no test row; add --folds 5 to cross-validate instead"
    ),
    "image,labels,split\na.jpg,cat,test\n": (
        "row 1: the column 'split' has no train row; add --folds 5 to cross-validate instead"
    ),
}


@pytest.mark.parametrize("text", HEADER_FAULTS)
def test_faults_of_the_header(write, text):
    assert error_of(write(text)) == HEADER_FAULTS[text]


ROW_FAULTS = {
    "image,labels\na.jpg,cat\nb.jpg\n": (
        "row 3: 1 cell where the header names 2 columns; write empty cells too"
    ),
    "image,labels\na.jpg,cat,dog\n": (
        "row 2: 3 cells where the header names 2 columns; quote a cell that holds a comma"
    ),
    'image,labels\n"a\n.jpg",cat\nb.jpg\n': (
        "row 4: 1 cell where the header names 2 columns; write empty cells too"
    ),
    "image,labels\na.jpg,cat\n\nb.jpg,cat|dog\na.jpg,dog\n": (
        "row 5: image 'a.jpg' is also in row 2; keep one of the rows"
    ),
    "image,labels\na.jpg,cat\nx/.././a.jpg,dog\n": (
        "row 3: image 'x/.././a.jpg' is also in row 2; keep one of the rows"
    ),
    "image,labels\na.jpg,cat\n,dog\n": "row 3: no image; write the path of the image",
    'image,labels\na.jpg,cat\n"  ",dog\n': "row 3: no image; write the path of the image",
    "image,labels\na.jpg,cat\nhttps://x.org/b.jpg,dog\n": (
        "row 3: image 'https://x.org/b.jpg' is an address; download the image and write its path"
    ),
    "image,labels\na.jpg,cat\nb\0.jpg,dog\n": (
        r"row 3: image 'b\x00.jpg' holds a NUL character; write its path"
    ),
    "image,labels\na.jpg,cat\nb.jpg,cat||dog\n": (
        "row 3: an empty label in 'cat||dog'; remove it or give it a name"
    ),
    "image,labels\na.jpg,cat\nb.jpg,cat|\n": (
        "row 3: an empty label in 'cat|'; remove it or give it a name"
    ),
    "image,labels\na.jpg,cat|dog\nb.jpg,cat| cat\n": (
        "row 3: label 'cat' is repeated in 'cat| cat'; write it once"
    ),
    "image,labels\na.jpg,cat\nb.jpg,NA\n": (
        "row 3: 'NA' for labels; leave the cell empty for an image without labels"
    ),
    "image,labels\na.jpg,\nb.jpg, \n": "row 1: no image has a label; fill the column 'labels'",
    "image,cat\na.jpg,0\nb.jpg,\n": (
        "row 1: no image has a label; write 1 for an image with the label"
    ),
    "image,cat\na.jpg,1\nb.jpg,maybe\n": (
        "row 3: column 'cat' holds 'maybe', not 1 (has the label), 0 (has it not) "
        "or nothing (unknown)"
    ),
    "image,cat\na.jpg,2\n": (
        "row 2: column 'cat' holds '2', not 1 (has the label), 0 (has it not) or nothing (unknown)"
    ),
    "image,labels,split\na.jpg,cat,train\nb.jpg,cat,tset\n": (
        "row 3: split 'tset' is none of train, val, test; did you mean 'test'?"
    ),
    "image,labels,split\na.jpg,cat,train\nb.jpg,cat,\n": (
        "row 3: split '' is none of train, val, test"
    ),
    "image,labels,group\na.jpg,cat,1\nb.jpg,cat,\n": (
        "row 3: no group; give every image one, or leave the column out"
    ),
    'image,labels\na.jpg,cat\nb.jpg,"dog\n': (
        "row 3: the quotes do not match (unexpected end of data); close the quoted cell, and "
        'write a double quote inside it as ""'
    ),
}


@pytest.mark.parametrize("text", ROW_FAULTS)
def test_faults_of_a_row(write, text):
    assert error_of(write(text)) == ROW_FAULTS[text]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file(write, content):
    assert error_of(write(content)) == ": the file is empty; its first row must name the columns"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_another_encoding(write, mark, end):
    content = mark + end.join([b"image,labels", b"a.jpg,cat", b"b.jpg,ch\xe2t", b""])
    assert error_of(write(content)) == (
        "row 3: byte 9 of the row (0xe2) is not UTF-8; save the file as UTF-8"
    )


def test_utf_16_as_excel_saves_it(write):
    message = error_of(write("image,labels\na.jpg,cat\n".encode("utf-16")))
    assert message == "row 1: byte 1 of the row (0xff) is not UTF-8; save the file as UTF-8"


def test_no_picture_exists(write, tmp_path):
    assert error_of(write("image,labels\nx/1.jpg,cat\nx/2.jpg,\n")) == (
        f": none of the 2 images exists, first tried '{tmp_path}/x/1.jpg'; "
        "paths are relative to the table's folder"
    )


def test_paths_as_windows_writes_them(write, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "1.jpg").touch()
    table = read_label_table(write("image,labels\nx\\1.jpg,cat\nx\\2.jpg,dog\n"))
    assert table.images == ("x/1.jpg", "x/2.jpg")
    assert error_of(write("image,labels\nC:\\x\\1.jpg,cat\n")).startswith(": none of the 1 images")


def test_the_same_name_in_two_folders_is_two_pictures(write, tmp_path):
    (tmp_path / "x").mkdir()
    table = read_label_table(write("image,labels\na.jpg,cat\nx/a.jpg,dog\n"))
    assert table.n_images == 2


@pytest.mark.parametrize("name", ["pets.tsv", "pets.csv.gz", "labels.csv.gz"])
def test_other_wrappings(write, name, tmp_path):
    content = b"image,labels\na.jpg,cat|dog\nb.jpg,\n"
    content = gzip.compress(content) if name.endswith(".gz") else content.replace(b",", b"\t")
    table = read_label_table(write(content, name))
    assert table.Y.tolist() == [[1, 1], [0, 0]]
    assert table.name == (tmp_path.name if name.startswith("labels") else "pets")


TRUNCATED_GZ = gzip.compress(b"image,labels", mtime=0)[
    :-9
]  # mtime: the same test name in every process


@pytest.mark.parametrize("content", [b"", b"image,labels\n", TRUNCATED_GZ])
def test_a_broken_gz(write, content):
    message = error_of(write(content, "pets.csv.gz"))
    assert message.startswith((": not a whole .gz file", ": the file is empty"))


def test_no_table(tmp_path):
    assert error_of(tmp_path / "no.csv") == ": no such file"
    (tmp_path / "folder.csv").mkdir()
    assert error_of(tmp_path / "folder.csv") == ": Is a directory"
    assert "suffix must be one of .csv, .tsv" in error_of(tmp_path / "table.doc")
    assert error_of(tmp_path / "table.xlsx").endswith("by its name; save it as CSV (UTF-8)")
    assert error_of(tmp_path / "table.csv.zip").endswith("by its name; unpack it first")


def test_free_text_instead_of_labels(write, monkeypatch):
    monkeypatch.setattr("catnocat.benchmarks.data.tables.limits.MAX_CELLS", 3)
    message = error_of(write("image,labels\na.jpg,a cat\nb.jpg,two dogs\n"))
    assert message.endswith(
        "2 different labels are too many for 2 images; is this free text instead of labels?"
    )


@pytest.mark.parametrize(("folder", "shape"), [("coco18", (4000, 18)), ("coco128", (254, 76))])
def test_real_tables(data, folder, shape):
    table = read_label_table(data / folder / "labels.csv")
    assert table.name == folder
    assert table.Y.shape == shape
    assert set(table.split) == {"train", "test"}
    assert table.cardinality > 1.5


def test_pictures_of_a_table_without_labels(write, tmp_path):
    images, paths = read_images_named(write("Image;taken\na.jpg;monday\n"))
    assert images == ["a.jpg"]
    assert paths == [str(tmp_path / "a.jpg")]
