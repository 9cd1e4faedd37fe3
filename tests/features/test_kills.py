"""Finished results survive SIGKILL: 30 runs are killed at 30 moments."""

import subprocess
import sys
import time

import numpy as np
import pytest

from catnocat.features import FeatureStore, extract_features, plan_recipe, verify_store

SHARD_ROWS = 3
RUN = """
import sys
from catnocat.features import extract_features
extract_features(sys.argv[2:], store=sys.argv[1], n_jobs=2, batch_size=2, shard_rows=3)
"""


@pytest.fixture(scope="module")
def images(photograph, tmp_path_factory):
    """Return 23 small images, two of them broken."""
    folder = tmp_path_factory.mktemp("images")
    paths = [folder / f"{number}.png" for number in range(23)]
    for number, path in enumerate(paths):
        photograph.crop((number, 0, number + 40, 30)).save(path)
    for path in (paths[5], paths[14]):
        path.write_bytes(path.read_bytes()[:200])
    return paths


@pytest.fixture(scope="module")
def undisturbed(images, tmp_path_factory):
    return extract_features(images, store=tmp_path_factory.mktemp("undisturbed"), batch_size=2)


def _files(folder):
    return len(list(folder.iterdir())) if folder.is_dir() else 0


@pytest.mark.slow
def test_resume_after_sigkill_at_30_moments_is_byte_identical(images, undisturbed, tmp_path):
    rng = np.random.default_rng(2024)
    kept = []
    for attempt in range(30):
        root = tmp_path / str(attempt)
        folder = root / plan_recipe().folder
        # A moment is a number of files that the store has come to, from none to nearly all, and
        # a little later: the stages of the run, however fast the machine is.
        files = attempt * 16 // 30
        delay = rng.uniform(0, 0.4 if files == 0 else 0.02)
        process = subprocess.Popen([sys.executable, "-c", RUN, root, *images])
        while _files(folder) < files and process.poll() is None:
            time.sleep(0.0005)
        time.sleep(delay)
        process.kill()
        process.wait()

        before = len(FeatureStore(root, plan_recipe()))
        kept.append(before)
        after = extract_features(images, store=root, batch_size=2, shard_rows=SHARD_ROWS)
        assert after.computed == 21 - before
        assert after.X.tobytes() == undisturbed.X.tobytes()
        assert after.skipped == undisturbed.skipped
        assert verify_store(root).damages == ()
    assert min(kept) == 0
    assert len(set(kept)) > 4  # or the moments were none


@pytest.mark.slow
def test_concurrent_runs_over_the_same_images(images, undisturbed, tmp_path):
    orders = (images, images[::-1], images[10:] + images[:10])
    runs = [
        subprocess.Popen([sys.executable, "-c", RUN, tmp_path / "store", *order])
        for order in orders
    ]
    assert [run.wait() for run in runs] == [0, 0, 0]
    after = extract_features(images, store=tmp_path / "store", batch_size=2)
    assert after.computed == 0
    assert after.X.tobytes() == undisturbed.X.tobytes()
    assert verify_store(tmp_path / "store").damages == ()
