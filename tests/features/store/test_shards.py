import ast

import numpy as np
import pytest

from catnocat.features import FeatureError
from catnocat.features.store.shards import write_shard


@pytest.fixture
def vectors(rng):
    return rng.normal(size=(3, 5)).astype(np.float32)


@pytest.fixture
def shard(tmp_path, vectors):
    return write_shard(tmp_path, [bytes([number]) * 32 for number in range(3)], vectors)


def test_rows_are_a_plain_npy_file(shard, vectors):
    assert np.array_equal(np.load(shard.path), vectors)
    assert np.array_equal(shard.load(), vectors)
    assert not shard.load().flags.writeable


def test_loading_parses_no_python_literal(shard, vectors, monkeypatch):
    """Parsing literals is not thread-safe in Python 3.11, and many threads load shards."""
    monkeypatch.setattr(ast, "parse", pytest.fail)
    monkeypatch.setattr(ast, "literal_eval", pytest.fail)
    assert np.array_equal(shard.load(), vectors)


@pytest.mark.parametrize(
    "content",
    [
        np.zeros((3, 5)),
        np.zeros((3, 5), np.int32),
        np.zeros((5, 3), np.float32),
        np.zeros((3, 50), np.float32),
        np.zeros((3, 5), np.float32, order="F"),
        np.zeros((3, 5), ">f4"),
    ],
    ids=["float64", "int32", "turned", "wider", "by column", "big-endian"],
)
def test_changed_header_is_refused(shard, content):
    np.save(shard.path, content)
    with pytest.raises(FeatureError, match="does not match its index"):
        shard.load()


@pytest.mark.parametrize("size", [0, 5, 127, 128, 187])
def test_shortened_file_is_refused(shard, size):
    shard.path.write_bytes(shard.path.read_bytes()[:size])
    with pytest.raises(FeatureError, match="does not match its index"):
        shard.load()
