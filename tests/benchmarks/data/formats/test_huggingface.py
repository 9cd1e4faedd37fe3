import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catnocat.benchmarks.data.formats import read_dataset

LIST_OF_TEXTS = {"feature": {"dtype": "string", "_type": "Value"}, "_type": "Sequence"}


@pytest.fixture
def parquet(tmp_path, picture):
    """Return a function that writes two images and a column of labels as Parquet."""

    def write(cells, feature, column="tags", picture_cell=None):
        content = picture("a", tmp_path / "a.jpg").read_bytes()
        images = [picture_cell or {"bytes": content, "path": "a.jpg"}] * len(cells)
        features = {"photo": {"_type": "Image"}, column: feature}
        table = pa.table({"photo": images, column: cells}).replace_schema_metadata(
            {"huggingface": json.dumps({"info": {"features": features}})}
        )
        pq.write_table(table, tmp_path / "set.parquet")
        return tmp_path / "set.parquet"

    return write


def test_lists_of_texts(parquet):
    table = read_dataset(parquet([["cat", "dog"], [], ["fox"], None], LIST_OF_TEXTS))
    assert table.name == "set"
    assert table.labels == ("cat", "dog", "fox")
    assert table.Y.tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1], [0, 0, 0]]


def test_one_class_per_picture(parquet):
    feature = {"names": ["cat", "dog"], "_type": "ClassLabel"}
    assert read_dataset(parquet([1, 0], feature, "label")).Y.tolist() == [[0, 1], [1, 0]]


def test_a_list_as_older_versions_wrote_it(parquet):
    feature = [{"names": ["cat", "dog"], "_type": "ClassLabel"}]
    assert read_dataset(parquet([[1], [0, 1]], feature)).Y.tolist() == [[0, 1], [1, 1]]


def test_a_picture_that_lies_beside_the_file(parquet, tmp_path):
    cell = {"bytes": None, "path": "a.jpg"}
    table = read_dataset(parquet([["cat"]], LIST_OF_TEXTS, picture_cell=cell))
    assert table.paths == (str(tmp_path / "a.jpg"),)


def test_a_parquet_label_table_is_still_one(tmp_path, picture):
    picture("a", tmp_path / "a.jpg")
    pq.write_table(pa.table({"image": ["a.jpg"], "labels": [["cat"]]}), tmp_path / "t.parquet")
    assert read_dataset(tmp_path / "t.parquet").labels == ("cat",)


def test_a_part_saved_alone(write_saved, tmp_path):
    table = read_dataset(write_saved(tmp_path) / "train")
    assert table.n_images == 4
    assert table.split is None


@pytest.mark.parametrize(
    ("cells", "feature", "told"),
    [
        ([[2]], {"feature": {"names": ["a", "b"], "_type": "ClassLabel"}, "_type": "List"},
         "set.parquet row 1: 'tags' holds [2], not different numbers below 2"),
        ([["a"], [None]], LIST_OF_TEXTS, "row 2: 'tags' holds [None], not texts"),
        ([1.5], {"dtype": "float32", "_type": "Value"}, "which column holds the labels"),
        ([["a|b"]], LIST_OF_TEXTS, "'a|b' cannot be a label"),
    ],
)  # fmt: skip
def test_broken_twins(parquet, refused, cells, feature, told):
    assert told in refused(parquet(cells, feature))


def test_a_picture_that_is_nowhere(parquet, refused):
    cell = {"bytes": None, "path": ""}
    assert "row 1: no image" in refused(parquet([["cat"]], LIST_OF_TEXTS, picture_cell=cell))


def test_a_truncated_file(write_saved, tmp_path, refused):
    file = write_saved(tmp_path) / "test" / "data-00000-of-00001.arrow"
    file.write_bytes(file.read_bytes()[:-400])
    assert f"{file}: cannot be read (" in refused(tmp_path)
    file.unlink()
    assert f"{file}: cannot be read (" in refused(tmp_path)


def test_pictures_inside_the_file_are_kept_once(write_saved, tmp_path, cache):
    first, again = (read_dataset(write_saved(tmp_path / name)) for name in ("one", "two"))
    assert first.paths == again.paths
    assert all(str(cache) in path for path in first.paths)
    assert np.array_equal(first.Y, again.Y)
    assert not list((cache / "pictures").rglob("*.partial"))
