import numpy as np
import pytest

from catnocat.benchmarks.data.tables import LabelTable, read_label_table
from catnocat.benchmarks.utils.errors import InputError

TABLE = "image,labels\na.jpg,cat|dog\nb.jpg,\n"


def test_objects_beside_the_table_are_counted(write):
    path = write(TABLE)
    assert read_label_table(path).counts is None
    write("image,label,x0\na.jpg,dog,1\na.jpg,cat,2\na.jpg,dog,3\nz.jpg,fox,4\n", "objects.csv")
    assert read_label_table(path).counts.tolist() == [[1, 2], [0, 0]]


def test_another_file_of_that_name_is_left_alone(write):
    path = write(TABLE)
    write("name,weight\nchair,7\n", "objects.csv")
    assert read_label_table(path).counts is None


@pytest.mark.parametrize(
    ("objects", "told"),
    [
        ("a.jpg,cat\n", "pets.csv row 2: label 'dog' has no object in"),
        ("b.jpg,cat\n", "objects.csv row 2: 'cat' is not a label of 'b.jpg' in"),
        ("a.jpg\n", "objects.csv row 2: 1 cell where the header names 2"),
    ],
)
def test_contradictions(write, objects, told):
    path = write(TABLE)
    write("image,label\n" + objects, "objects.csv")
    with pytest.raises(InputError) as caught:
        read_label_table(path)
    assert told in str(caught.value)


def test_counts_and_ready_features_go_with_their_rows(make_table):
    Y = np.array([[1, 0], [0, 1], [1, 1]])
    table = make_table(3, 2, Y=Y, known=Y >= 0, counts=Y * 2, X=np.eye(3))
    assert table.take([2, 0]).counts.tolist() == [[2, 2], [2, 0]]
    assert table.take([2]).X.tolist() == [[0, 0, 1]]
    assert table.X.dtype == np.float32


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"counts": [[1], [1]]}, "counts has shape"),
        ({"counts": [[0, 0], [0, 1]]}, "counts must be above 0 where, and only where"),
        ({"X": [1, 2]}, "X has shape"),
        ({"X": [[1]]}, "X has 1 entries for 2 images"),
    ],
)
def test_parts_that_do_not_fit(part, told):
    fields = {"name": "t", "source": "t.csv", "images": ["a", "b"], "paths": ["/a", "/b"]}
    labels = {"labels": ["cat", "dog"], "Y": [[1, 0], [0, 1]], "known": [[1, 1], [1, 1]]}
    with pytest.raises(ValueError, match=told.replace("(", "\\(")):
        LabelTable(**fields, **labels, **part)
