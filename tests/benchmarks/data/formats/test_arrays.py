import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from catnocat.benchmarks.data.formats import read_dataset

X = np.arange(12, dtype=np.float32).reshape(4, 3)
Y = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], dtype=np.uint8)


@pytest.fixture
def npz(tmp_path):
    """Return a function that writes the arrays, some of them changed or left out."""

    def write(**arrays):
        kept = {key: a for key, a in ({"X": X, "Y": Y} | arrays).items() if a is not None}
        np.savez(tmp_path / "ready.npz", **kept)
        return tmp_path / "ready.npz"

    return write


def test_npz(npz):
    table = read_dataset(npz(labels=["cat", "dog"], split=["train", "train", "val", "val"]))
    assert (table.name, table.labels) == ("ready", ("cat", "dog"))
    assert np.array_equal(table.X, X)
    assert np.array_equal(table.Y, Y)
    assert table.split.tolist() == ["train", "train", "test", "test"]
    assert table.images[:2] == ("row 1", "row 2")
    assert table.take([2]).X.tolist() == [[6, 7, 8]]


def test_parts(npz):
    table = read_dataset(
        npz(X=None, Y=None, X_train=X[:3], Y_train=Y[:3], X_test=X[3:], Y_test=Y[3:])
    )
    assert table.split.tolist() == ["train"] * 3 + ["test"]
    assert table.labels == ("label0", "label1")


def test_unknown_answers(npz):
    for unknown in (np.nan, -1.0):
        answers = Y.astype(float)
        answers[1, 1] = unknown
        table = read_dataset(npz(Y=answers))
        assert table.known.sum() == 7
        assert table.Y[1].tolist() == [0, 0]


def test_safetensors_says_the_same(npz, tmp_path):
    texts = {"labels": ["cat", "dog"], "group": ["a", "a", "b", "b"]}
    whole = read_dataset(npz(**texts))
    metadata = {name: json.dumps(text) for name, text in texts.items()}
    save_file({"X": X, "Y": Y}, tmp_path / "ready.safetensors", metadata)
    table = read_dataset(tmp_path / "ready.safetensors")
    assert table.labels == whole.labels
    assert np.array_equal(table.X, whole.X)
    assert np.array_equal(table.Y, whole.Y)
    assert table.group.tolist() == whole.group.tolist()


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"X": None}, "no array 'X' (it holds Y); X and Y are needed"),
        ({"X": X[:3]}, "X has 3 rows and Y 4"),
        ({"X": X.ravel()}, "X is float32 of shape (12,), not a matrix of numbers"),
        ({"X": np.where(X == 7, np.nan, X)}, "row 3: X is not a number in column 2"),
        ({"Y": Y * 2}, "row 1: Y holds 2, not 0 or 1"),
        ({"labels": ["cat"]}, "labels has shape (1,), not (2,)"),
        ({"labels": ["cat", "cat"]}, "two labels are called 'cat'"),
        (
            {"split": ["train", "trian", "test", "test"]},
            "split 'trian' is none of train, val, test",
        ),
        ({"Y": np.array([["a"]])}, "Y is <U1 of shape (1, 1), not a matrix of numbers"),
        ({"labels": np.array([{}, {}])}, "not a readable .npz of numbers and texts"),
    ],
)
def test_broken_twins(npz, refused, arrays, told):
    assert told in refused(npz(**arrays))


def test_broken_files(npz, tmp_path, refused):
    path = npz()
    path.write_bytes(path.read_bytes()[:60])
    assert "ready.npz: not a readable .npz" in refused(path)
    (tmp_path / "a.safetensors").write_bytes(b"\x00" * 20)
    assert "a.safetensors: not a readable .safetensors file" in refused(tmp_path / "a.safetensors")
    save_file({"X": X, "Y": Y}, tmp_path / "b.safetensors", {"labels": "cat"})
    assert "'labels' in its metadata is not a JSON list" in refused(tmp_path / "b.safetensors")
