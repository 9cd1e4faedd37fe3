import hashlib

import numpy as np
import pytest

from catnocat.features import FeatureError, FeatureStore, verify_store


def digests(start, stop):
    return [hashlib.sha256(str(number).encode()).digest() for number in range(start, stop)]


@pytest.fixture
def store(tmp_path, make_recipe):
    """Return a store with two shards and two lists of failures."""
    store = FeatureStore(tmp_path / "store", make_recipe())
    store.write(digests(0, 3), np.ones((3, 4)))
    store.write(digests(3, 5), np.zeros((2, 4)))
    store.write_failures({digests(8, 9)[0]: "truncated"})
    store.write_failures({digests(9, 10)[0]: "empty"})
    return store


def test_valid_store_is_counted(store):
    report = verify_store(store.folder.parent)
    assert (report.recipes, report.shards, report.rows, report.damages) == (1, 2, 5, ())


def test_every_flipped_byte_is_detected(store):
    root = store.folder.parent
    for path in sorted(store.folder.iterdir()):
        whole = path.read_bytes()
        for place in range(len(whole)):
            changed = bytearray(whole)
            changed[place] ^= 1 << place % 8
            path.write_bytes(changed)
            (damage,) = verify_store(root).damages
            assert damage.path == path, (path.name, place)
        path.write_bytes(whole)
    assert verify_store(root).damages == ()


@pytest.mark.parametrize("suffix", [".npy", ".idx", ".bad", ".json"])
def test_truncated_or_empty_file_is_detected(store, suffix):
    path = next(path for path in sorted(store.folder.iterdir()) if path.suffix == suffix)
    whole = path.read_bytes()
    for length in (0, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        (damage,) = verify_store(store.folder.parent).damages
        assert damage.path.stem == path.stem


def test_lost_file_is_detected(store):
    (store.folder / "recipe.json").unlink()
    first = next(store.folder.glob("*.npy"))
    first.unlink()
    report = verify_store(store.folder.parent)
    reasons = {damage.path.name: damage.reason for damage in report.damages}
    assert reasons == {
        "recipe.json": "is missing",
        f"{first.stem}.idx": f"its rows, {first.name}, are missing",
    }


def test_only_recipes_with_the_prefix_are_checked(store, make_recipe):
    other = FeatureStore(store.folder.parent, make_recipe(precision="bfloat16"))
    other.write(digests(0, 1), np.ones((1, 4)))
    assert verify_store(store.folder.parent).rows == 6
    assert verify_store(store.folder.parent, other.recipe.digest[:6]).rows == 1


def test_missing_store_is_reported(tmp_path):
    with pytest.raises(FeatureError, match="cannot read the feature store"):
        verify_store(tmp_path / "nowhere")
