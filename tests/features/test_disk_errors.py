"""Real disks that are full, limit the file size or are read-only; a store of a newer version."""

import hashlib
import json
import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from catnocat.features import (
    FeatureError,
    FeatureStore,
    collect_garbage,
    extract_features,
    plan_recipe,
)

RUN = """
import resource, sys
from catnocat.features import FeatureError, extract_features
resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000))
try:
    extract_features(sys.argv[2:], store=sys.argv[1], shard_rows=1)
except FeatureError as error:
    print(error)
"""


def content(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@contextmanager
def mounted(folder, *options):
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this user cannot mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def read_only(folder):
    if os.geteuid() == 0:  # whom permissions do not hold back
        with mounted(folder, "--bind", "-o", "ro", str(folder)):
            yield
        return
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    try:
        yield
    finally:
        for path in folders:
            path.chmod(0o755)


def test_full_disk_gives_one_line_and_leaves_the_store_unchanged(photographs, tmp_path):
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=64k", "tmpfs") as disk:
        kept = extract_features(photographs[:3], store=disk)
        before = content(disk)
        with pytest.raises(
            FeatureError, match=r"cannot write .* No space left on device"
        ) as caught:
            extract_features(photographs, store=disk)
        assert "\n" not in str(caught.value)
        assert content(disk) == before
        again = extract_features(photographs[:3], store=disk)
        assert again.computed == 0
        assert (again.X == kept.X).all()


def test_file_size_limit_gives_one_line_and_leaves_the_store_unchanged(photographs, tmp_path):
    store = tmp_path / "store"
    extract_features(photographs[:3], store=store)
    before = content(store)
    # 8,000 bytes hold the description and one vector, but not the index of the digests' cache.
    arguments = (sys.executable, "-c", RUN.replace("shard_rows=1", "shard_rows=9"), store)
    done = subprocess.run([*arguments, *photographs], capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1, done.stderr
    assert "cannot write to the feature store" in done.stdout
    assert "File too large" in done.stdout
    assert content(store) == before


def test_read_only_store_can_be_read(photographs, broken, tmp_path):
    store = tmp_path / "store"
    images = [*photographs[:3], *broken]
    first = extract_features(images, store=store)
    before = content(store)
    with read_only(store):
        again = extract_features(images, store=store)
        assert again.computed == 0
        assert (again.X == first.X).all()
        assert again.skipped == first.skipped
    assert content(store) == before


def test_read_only_store_is_reported_before_any_computation(photographs, tmp_path):
    store = tmp_path / "store"
    extract_features(photographs[:3], store=store)
    before = content(store)
    calls = []
    with read_only(store):
        with pytest.raises(FeatureError, match="cannot write to the feature store") as caught:
            extract_features(photographs, store=store, progress=lambda *count: calls.append(count))
        with pytest.raises(FeatureError, match="cannot clean the feature store"):
            collect_garbage(store)
    assert "\n" not in str(caught.value)
    assert len(calls) == 1  # how much was known
    assert content(store) == before


def test_newer_schema_gives_one_line_and_leaves_the_store_unchanged(photographs, tmp_path):
    store = tmp_path / "store"
    extract_features(photographs[:3], store=store)
    (index,) = (store / plan_recipe().folder).glob("*.idx")
    header, rest = index.read_bytes()[:-32].split(b"\n", 1)
    newer = json.dumps({**json.loads(header), "schema": 99}).encode() + b"\n" + rest
    index.write_bytes(newer + hashlib.sha256(newer).digest())
    before = content(store)
    for attempt in (
        lambda: extract_features(photographs, store=store),
        lambda: FeatureStore(store, plan_recipe()),
        lambda: collect_garbage(store, age=0),
    ):
        with pytest.raises(FeatureError, match=r"newer catnocat \(schema 99") as caught:
            attempt()
        assert "\n" not in str(caught.value)
    assert content(store) == before
