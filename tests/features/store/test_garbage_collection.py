import hashlib
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from catnocat.features import FeatureError, FeatureStore, collect_garbage, verify_store


def digests(start, stop):
    return [hashlib.sha256(str(number).encode()).digest() for number in range(start, stop)]


def vectors(start, stop):
    return np.arange(4 * start, 4 * stop, dtype=np.float32).reshape(-1, 4)


def write(store, start, stop):
    store.write(digests(start, stop), vectors(start, stop))


@pytest.fixture
def store(tmp_path, make_recipe):
    return FeatureStore(tmp_path / "store", make_recipe())


@pytest.fixture
def reopen(store):
    return lambda: FeatureStore(store.folder.parent, store.recipe)


@pytest.fixture
def collect(store):
    def run(**options):
        return collect_garbage(store.folder.parent, **{"age": 0, **options})

    return run


def names(store, suffix):
    return sorted(path.name for path in store.folder.glob(f"*{suffix}"))


def test_small_shards_are_merged_without_duplicate_rows(store, reopen, collect):
    for start, stop in ((0, 3), (2, 6), (6, 7), (0, 7)):
        write(store, start, stop)
    report = collect()
    assert (report.merged, report.written, report.duplicates) == (4, 1, 8)
    assert report.freed > 0
    assert [len(names(store, suffix)) for suffix in (".npy", ".idx")] == [1, 1]
    assert len(reopen()) == 7
    assert np.array_equal(reopen().read(digests(0, 7)), vectors(0, 7))
    assert verify_store(store.folder.parent).damages == ()
    assert collect().merged == 0


def test_merged_shards_respect_the_maximum_size(store, reopen, collect):
    for number in range(25):
        write(store, number, number + 1)
    assert collect(shard_bytes=10 * 16).written == 3
    assert sorted(len(np.load(path)) for path in store.folder.glob("*.npy")) == [5, 10, 10]
    assert np.array_equal(reopen().read(digests(0, 25)), vectors(0, 25))
    large = names(store, ".npy")
    assert collect(shard_bytes=10 * 16).merged == 0
    assert names(store, ".npy") == large


def test_large_shard_is_rewritten_only_for_duplicate_rows(store, reopen, collect):
    write(store, 0, 10)
    write(store, 20, 30)
    large = set(names(store, ".npy"))
    write(store, 9, 11)
    report = collect(shard_bytes=10 * 16)
    assert (report.merged, report.duplicates) == (2, 1)
    assert len(large & set(names(store, ".npy"))) == 1
    assert len(reopen()) == 21
    assert np.array_equal(reopen().read(digests(20, 30)), vectors(20, 30))


def test_leftovers_are_deleted_and_other_files_stay(store, reopen, collect):
    write(store, 0, 2)
    for name in ("dead.npy", "dead.idx.0.part", "notes.txt"):
        (store.folder / name).write_bytes(b"half")
    assert collect(age=3600).leftovers == 0
    assert collect().leftovers == 2
    assert names(store, "") == sorted(
        [*names(store, ".npy"), *names(store, ".idx"), "notes.txt", "recipe.json"]
    )
    assert len(reopen()) == 2


def test_young_files_are_left_alone(store, collect):
    for number in range(3):
        write(store, number, number + 1)
    old = sorted(store.folder.glob("*.idx"))[:2]
    for path in old:
        os.utime(path, (time.time() - 7200,) * 2)
    report = collect(age=3600)
    assert (report.merged, report.written) == (2, 1)
    assert len(names(store, ".idx")) == 2


def test_lists_of_failures_are_merged(store, reopen, collect):
    failures = dict.fromkeys(digests(0, 3), "truncated")
    for digest, reason in failures.items():
        store.write_failures({digest: reason})
    collect()
    assert len(names(store, ".bad")) == 1
    assert reopen().failures == failures
    collect()
    assert reopen().failures == failures


def test_damaged_rows_never_get_a_valid_checksum(store, reopen, collect):
    write(store, 0, 2)
    write(store, 2, 4)
    write(store, 4, 6)
    damaged = sorted(store.folder.glob("*.npy"))[1]
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    index = damaged.with_suffix(".idx")
    assert collect().damaged == (index,)
    assert [damage.path for damage in verify_store(store.folder.parent).damages] == [damaged]
    assert collect(drop_damaged=True).damaged == (index,)
    assert not damaged.exists()
    assert verify_store(store.folder.parent).damages == ()
    assert len(reopen()) == 4


def test_damaged_lists_of_failures_are_deleted_on_request(store, collect):
    store.write_failures({digests(0, 1)[0]: "truncated"})
    (path,) = store.folder.glob("*.bad")
    path.write_bytes(b"{}")
    assert collect().damaged == (path,)
    assert path.exists()
    collect(drop_damaged=True)
    assert not path.exists()


def test_open_store_can_be_read_after_collection(store, reopen, collect):
    for number in range(5):
        write(store, number, number + 1)
    early = reopen()
    collect()
    assert np.array_equal(early.read(digests(0, 5)), vectors(0, 5))


WRITER = """
import hashlib, sys
import numpy as np
from catnocat.features import FeatureStore, Recipe, collect_garbage

def digests(start, stop):
    return [hashlib.sha256(str(number).encode()).digest() for number in range(start, stop)]

def vectors(start, stop):
    return np.arange(4 * start, 4 * stop, dtype=np.float32).reshape(-1, 4)

root, recipe, start = sys.argv[1], Recipe.from_json(sys.argv[2]), int(sys.argv[3])
store = FeatureStore(root, recipe)
written = 0
for number in range(start, start + 40, 2):
    store.write(digests(number, number + 3), vectors(number, number + 3))
    if start % 20 == 0:
        collect_garbage(root, age=0.05)
    assert (store.read(digests(start, number + 3)) == vectors(start, number + 3)).all()
"""


@pytest.mark.slow
def test_concurrent_writing_reading_and_collection_lose_no_row(store, reopen, collect):
    arguments = (str(store.folder.parent), store.recipe.to_json())
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, *arguments, str(start)])
        for start in (0, 10, 20, 30)
    ]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
    assert np.array_equal(reopen().read(digests(0, 71)), vectors(0, 71))
    assert verify_store(store.folder.parent).damages == ()
    collect()
    assert len(names(store, ".npy")) == 1
    assert np.array_equal(reopen().read(digests(0, 71)), vectors(0, 71))


def test_missing_store_is_reported(tmp_path):
    with pytest.raises(FeatureError, match="cannot read the feature store"):
        collect_garbage(tmp_path / "nowhere")
