import hashlib
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from catnocat.features.utils.digests import (
    DigestCache,
    cached_file_digest,
    file_digest,
    take_stamp,
)


@pytest.fixture
def memory(tmp_path):
    return DigestCache(tmp_path / "digests.sqlite")


@pytest.fixture
def settled(tmp_path):
    """Return a file that has not changed for years."""
    path = tmp_path / "file"
    path.write_bytes(b"content")
    os.utime(path, (1e9, 1e9))
    return path


DIGEST = hashlib.sha256(b"content").digest()


def test_digest_is_cached_until_the_file_changes(memory, settled):
    memory.remember([(take_stamp(settled), DIGEST)])
    assert memory.lookup([take_stamp(settled), None]) == [DIGEST, None]
    os.utime(settled, (2e9, 2e9))
    assert memory.lookup([take_stamp(settled)]) == [None]


def test_other_bytes_of_the_same_size_and_time_are_detected(memory, settled):
    memory.remember([(take_stamp(settled), DIGEST)])
    before = take_stamp(settled)
    while take_stamp(settled).ctime_ns == before.ctime_ns:  # the clock may tick slowly
        settled.write_bytes(settled.read_bytes()[::-1])
        os.utime(settled, (1e9, 1e9))
    assert take_stamp(settled)[:3] == before[:3]
    assert memory.lookup([take_stamp(settled)]) == [None]


def test_recently_changed_file_is_not_cached(memory, settled):
    settled.write_bytes(b"contents")
    memory.remember([(take_stamp(settled), DIGEST)])
    assert memory.lookup([take_stamp(settled)]) == [None]


def test_missing_file_has_no_stamp(tmp_path):
    assert take_stamp(tmp_path / "none") is None
    assert take_stamp("a\0b") is None


def test_relative_and_absolute_paths_have_one_stamp(settled, monkeypatch):
    monkeypatch.chdir(settled.parent)
    assert take_stamp(settled.name) == take_stamp(settled)


def test_broken_cache_is_replaced(memory, settled):
    memory.remember([(take_stamp(settled), DIGEST)])
    memory.path.write_bytes(b"no database" * 1000)
    assert memory.lookup([take_stamp(settled)]) == [None]
    memory.remember([(take_stamp(settled), DIGEST)])
    assert memory.lookup([take_stamp(settled)]) == [DIGEST]


def test_invalid_digest_in_the_cache_is_ignored(memory, settled):
    memory.remember([(take_stamp(settled), b"short")])
    assert memory.lookup([take_stamp(settled)]) == [None]


def test_cache_with_another_schema_is_ignored(memory, settled):
    database = sqlite3.connect(memory.path)
    database.execute("CREATE TABLE files (other)")
    database.close()
    memory.remember([(take_stamp(settled), DIGEST)])
    assert memory.lookup([take_stamp(settled)]) == [None]


def test_unwritable_cache_returns_no_digest(tmp_path, settled):
    (tmp_path / "file.txt").write_text("in the way")
    memory = DigestCache(tmp_path / "file.txt" / "digests.sqlite")
    memory.remember([(take_stamp(settled), DIGEST)])
    assert memory.lookup([take_stamp(settled)]) == [None]


def test_concurrent_writes(memory, tmp_path, settled):
    stamps = [take_stamp(settled)._replace(path=str(i).encode()) for i in range(400)]

    def write(start):
        memory.remember([(stamp, DIGEST) for stamp in stamps[start::8]])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert memory.lookup(stamps) == [DIGEST] * 400


def test_digest_is_the_sha256_of_the_bytes(settled):
    assert file_digest(settled) == DIGEST.hex()
    assert cached_file_digest(settled) == cached_file_digest(settled) == DIGEST.hex()


def test_more_files_than_fit_in_a_query(memory, settled):
    stamps = [take_stamp(settled)._replace(path=str(i).encode()) for i in range(1200)]
    known = [hashlib.sha256(stamp.path).digest() for stamp in stamps]
    memory.remember(list(zip(stamps, known, strict=True))[::2])
    asked = [*stamps[::-1], None, stamps[0]]
    expected = [known[i] if i % 2 == 0 else None for i in range(1200)][::-1]
    assert memory.lookup(asked) == [*expected, None, known[0]]
