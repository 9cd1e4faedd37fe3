import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest

from catnocat.features import FeatureError, FeatureStore, Recipe
from catnocat.features.store.feature_store import BufferedWriter


def digests(start, stop):
    return [hashlib.sha256(str(number).encode()).digest() for number in range(start, stop)]


def vectors(start, stop):
    return np.arange(4 * start, 4 * stop, dtype=np.float32).reshape(-1, 4)


@pytest.fixture
def store(tmp_path, make_recipe):
    return FeatureStore(tmp_path / "store", make_recipe())


@pytest.fixture
def reopen(store):
    return lambda: FeatureStore(store.folder.parent, store.recipe)


def test_rows_are_read_in_the_given_order(store, reopen):
    for start, stop in ((0, 3), (3, 4), (4, 10)):
        store.write(digests(start, stop), vectors(start, stop))
    order = [7, 0, 3, 9, 0]
    requested = [digests(number, number + 1)[0] for number in order]
    for opened in (store, reopen()):
        assert len(opened) == 10
        assert np.array_equal(opened.read(requested), vectors(0, 10)[order])
        assert opened.read([]).shape == (0, 4)
        assert requested[0] in opened
        assert b"unknown" not in opened


def test_recipe_is_written_next_to_the_vectors(store):
    store.write(digests(0, 1), vectors(0, 1))
    assert Recipe.from_json((store.folder / "recipe.json").read_text()) == store.recipe
    assert store.folder.name == store.recipe.folder


@pytest.mark.parametrize("content", [None, "", "{"])
def test_lost_or_damaged_recipe_is_written_again(store, reopen, content):
    store.write(digests(0, 1), vectors(0, 1))
    described = store.folder / "recipe.json"
    whole = described.read_text()
    described.unlink()
    if content is not None:
        described.write_text(content)
    reopen().repair_description()
    assert described.read_text() == whole


def test_folder_is_created_by_the_first_write(store):
    store.repair_description()
    assert len(store) == 0
    assert not store.folder.parent.exists()


def test_rows_of_a_wrong_shape_are_refused(store):
    with pytest.raises(ValueError, match="shape"):
        store.write(digests(0, 2), vectors(0, 3))
    assert not store.folder.exists()


def test_failures_are_stored(store, reopen):
    bad = digests(0, 2)
    store.write_failures({bad[0]: "truncated", bad[1]: "no image"})
    assert reopen().failures == {bad[0]: "truncated", bad[1]: "no image"}


def test_duplicate_rows_are_harmless(store, reopen):
    store.write(digests(0, 3), vectors(0, 3))
    reopen().write(digests(1, 4), vectors(1, 4))
    assert len(reopen()) == 4
    assert np.array_equal(reopen().read(digests(0, 4)), vectors(0, 4))


def test_leftovers_of_a_crash_are_ignored(store, reopen):
    store.write(digests(0, 2), vectors(0, 2))
    whole = next(store.folder.glob("*.npy")).read_bytes()
    (store.folder / "dead.npy").write_bytes(whole[: len(whole) // 2])
    (store.folder / "dead.idx.x.part").write_bytes(b"half")
    assert len(reopen()) == 2


@pytest.mark.parametrize("place", [0, 5, 100, -40, -1])
def test_damaged_index_is_ignored(store, reopen, place):
    store.write(digests(0, 2), vectors(0, 2))
    path = next(store.folder.glob("*.idx"))
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert len(reopen()) == 0


@pytest.mark.parametrize("content", [b"", b"{}\n", b"no index at all", b"[1]\n" + bytes(64)])
def test_invalid_index_is_ignored(store, reopen, content):
    store.write(digests(0, 2), vectors(0, 2))
    (store.folder / "nonsense.idx").write_bytes(content)
    (store.folder / "nonsense.bad").write_bytes(content)
    assert len(reopen()) == 2
    assert reopen().failures == {}


def test_index_without_its_rows_is_ignored(store, reopen):
    store.write(digests(0, 2), vectors(0, 2))
    store.write(digests(2, 4), vectors(2, 4))
    lost, cut = store.folder.glob("*.npy")
    lost.unlink()
    cut.write_bytes(cut.read_bytes()[:-4])
    assert len(reopen()) == 0


def test_newer_schema_is_refused(store, reopen, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("catnocat.features.store.shards.SHARD_SCHEMA", 99)
        store.write(digests(0, 2), vectors(0, 2))
    with pytest.raises(FeatureError, match=r"newer catnocat.*99"):
        reopen()


def test_store_that_cannot_be_written_is_reported(tmp_path, make_recipe):
    (tmp_path / "file").write_text("in the way")
    store = FeatureStore(tmp_path / "file", make_recipe())
    with pytest.raises(FeatureError, match="cannot write to the feature store"):
        store.write(digests(0, 1), vectors(0, 1))


def test_open_store_does_not_see_rows_of_others_before_reload(store, reopen):
    early = reopen()
    store.write(digests(0, 2), vectors(0, 2))
    assert len(early) == 0


WRITER = """
import hashlib, sys
import numpy as np
from catnocat.features import FeatureStore, Recipe

store = FeatureStore(sys.argv[1], Recipe.from_json(sys.argv[2]))
for number in range(int(sys.argv[3]), int(sys.argv[3]) + 20):
    digests = [hashlib.sha256(str(n).encode()).digest() for n in (number, number + 1)]
    vectors = np.arange(4 * number, 4 * number + 8, dtype=np.float32).reshape(2, 4)
    store.write(digests, vectors)
"""


def test_concurrent_writers_lose_no_row(store, reopen):
    arguments = (str(store.folder.parent), store.recipe.to_json())
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, *arguments, str(start)])
        for start in (0, 5, 10)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert np.array_equal(reopen().read(digests(0, 31)), vectors(0, 31))


class TestBufferedWriter:
    def test_shard_is_written_after_enough_rows(self, store, reopen):
        with BufferedWriter(store, rows=4) as writer:
            writer.add(digests(0, 3), vectors(0, 3), {})
            assert len(reopen()) == 0
            writer.add(digests(3, 5), vectors(3, 5), {})
            assert len(reopen()) == 5
            writer.add(digests(5, 6), vectors(5, 6), {digests(9, 10)[0]: "broken"})
        assert len(reopen()) == 6
        assert list(reopen().failures.values()) == ["broken"]
        assert len(list(store.folder.glob("*.idx"))) == 2

    def test_shard_is_written_after_enough_time(self, store, reopen):
        with BufferedWriter(store, seconds=-1) as writer:
            writer.add(digests(0, 1), vectors(0, 1), {})
            assert len(reopen()) == 1

    def test_interrupt_writes_the_collected_rows(self, store, reopen):
        def interrupted():
            with BufferedWriter(store) as writer:
                writer.add(digests(0, 3), vectors(0, 3), {})
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert len(reopen()) == 3


def test_failures_are_readable_json(store):
    store.write_failures({digests(0, 1)[0]: "truncated"})
    content = json.loads(next(store.folder.glob("*.bad")).read_text())
    assert content == {digests(0, 1)[0].hex(): "truncated"}


def test_rows_are_read_in_any_order_with_repetitions(tmp_path, make_recipe, rng):
    digests = [bytes([number]) * 32 for number in range(40)]
    vectors = rng.random((40, 4), np.float32)
    store = FeatureStore(tmp_path, make_recipe())
    for start in range(0, 40, 10):
        store.write(digests[start : start + 10], vectors[start : start + 10])
    orders = [np.arange(40), np.arange(5, 33), np.arange(40)[::-1], np.arange(0, 40, 2)]
    orders += [rng.permutation(40), rng.integers(0, 40, 100), np.array([7])]
    for order in orders:
        assert np.array_equal(store.read([digests[number] for number in order]), vectors[order])
