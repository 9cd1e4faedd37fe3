import subprocess
import sys

import numpy as np
import pytest

from catnocat.benchmarks.data.tables import LabelTable

GOOD = {
    "name": "pets",
    "source": "pets.csv",
    "paths": ["/p/a.jpg", "/p/b.jpg", "/p/c.jpg"],
    "images": ["a.jpg", "b.jpg", "c.jpg"],
    "labels": ["cat", "dog"],
    "Y": [[1, 1], [0, 0], [0, 1]],
    "known": [[1, 1], [1, 0], [1, 1]],
    "rows": [2, 3, 5],
    "split": ["train", "train", "test"],
    "group": ["x", "y", "y"],
}


def test_counts():
    table = LabelTable(**GOOD)
    assert (table.n_images, table.n_labels) == (3, 2)
    assert table.cardinality == 1.0
    assert table.prevalence.tolist() == [1 / 3, 1.0]
    assert repr(table) == "LabelTable('pets': 3 images, 2 labels)"


@pytest.mark.parametrize("rows", [[2, 0], np.array([2, 0]), [-1, 0]])
def test_take(rows):
    table = LabelTable(**GOOD).take(rows)
    assert table.images == ("c.jpg", "a.jpg")
    assert table.paths == ("/p/c.jpg", "/p/a.jpg")
    assert table.Y.tolist() == [[0, 1], [1, 1]]
    assert table.known.all()
    assert table.rows.tolist() == [5, 2]
    assert table.split.tolist() == ["test", "train"]
    assert table.group.tolist() == ["y", "x"]
    assert table.where(0) == "pets.csv row 5"


def test_take_with_a_mask_and_nothing():
    table = LabelTable(**GOOD)
    assert table.take(np.array([False, True, True])).images == ("b.jpg", "c.jpg")
    assert table.take([]).Y.shape == (0, 2)
    assert table.take([]).cardinality == 0.0


def test_a_source_without_rows():
    table = LabelTable(**{**GOOD, "rows": None, "split": None, "group": None})
    assert table.where(1) == "pets.csv"
    assert table.take([1]).rows is None


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("paths", ["/p/a.jpg"], "paths has 1 entries for 3 images"),
        ("rows", [1], "rows has 1 entries for 3 images"),
        ("split", ["train"], "split has 1 entries for 3 images"),
        ("Y", [[1, 0]], r"Y has shape \(1, 2\), not \(images, labels\) = \(3, 2\)"),
        ("known", [[1, 0]], "known has shape"),
        ("labels", ["cat", "cat"], "a name of its own"),
        ("labels", ["cat", ""], "a name of its own"),
        ("Y", [[2, 0], [0, 0], [0, 0]], "0 and 1 only"),
        ("Y", [[-1, 0], [0, 0], [0, 0]], "0 and 1 only"),
        ("Y", [[0.5, 0], [0, 0], [0, 0]], "0 and 1 only"),
        ("known", [[0, 0]] * 3, "0 where a label is unknown"),
        ("split", ["train", "val", "test"], "'train' and 'test' only"),
    ],
)
def test_parts_that_do_not_fit_are_refused(part, value, message):
    with pytest.raises(ValueError, match=message):
        LabelTable(**{**GOOD, part: value})


@pytest.mark.slow  # starts a process
def test_importing_the_tables_is_light():
    code = (
        "import sys, catnocat.benchmarks.data.tables\n"
        "print([m for m in ('pandas', 'pyarrow', 'scipy', 'sklearn', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
