"""Extraction by real Dask workers, some of which are killed."""

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest

from catnocat.features import FeatureError, FeatureStore, extract_features, plan_recipe
from catnocat.features.extraction import dask_backend as module

SERVE = (sys.executable, "-m", "distributed.cli.dask_scheduler")
WORK = (sys.executable, "-m", "distributed.cli.dask_worker")
RUN = """
import json, sys
from catnocat.features import FeatureError, extract_features
calls = []
try:
    extraction = extract_features(
        sys.argv[3:],
        store=sys.argv[1],
        scheduler=sys.argv[2],
        batch_size=2,
        shard_rows=4,
        progress=lambda *counts: calls.append(counts),
    )
except FeatureError as error:
    sys.exit(str(error))
print(json.dumps([extraction.computed, extraction.skipped, calls]))
"""


@contextmanager
def running(*command, **options):
    with subprocess.Popen(list(map(str, command)), **options) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def scheduler():
    """Run a scheduler on a free port of this machine; return its address."""
    command = (*SERVE, "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
    with running(*command, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if match := re.search(r"tcp://127\.0\.0\.1:\d+", line):
                break
        yield match[0]


@pytest.fixture
def workers(scheduler, tmp_path):
    """Run two workers."""
    options = ("--nthreads", 1, "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
    command = (*WORK, scheduler, *options, "--local-directory", tmp_path / "workers")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with running(*command, **quiet) as first, running(*command, **quiet) as second:
        yield [first, second]


@pytest.fixture(scope="module")
def images(photograph, tmp_path_factory):
    """Return 60 small images, of which one is broken and one a copy, and a missing one."""
    folder = tmp_path_factory.mktemp("images")
    paths = [folder / f"{number}.png" for number in range(60)]
    for number, path in enumerate(paths):
        photograph.crop((number, 0, number + 40, 30)).save(path)
    paths[7].write_bytes(b"no image")
    paths[9].write_bytes(paths[8].read_bytes())
    for path in paths:
        os.utime(path, (1e9, 1e9))  # settled, so that the copy is known before it is sent out
    return [*paths, folder / "missing.png"]


@pytest.mark.slow
def test_killed_worker_loses_only_its_current_list(images, scheduler, workers, tmp_path):
    here = extract_features(images, store=tmp_path / "here", batch_size=2)
    root = tmp_path / "there"
    folder = root / plan_recipe().folder
    command = (sys.executable, "-c", RUN, root, scheduler, *images)
    with running(*command, stdout=subprocess.PIPE, text=True) as run:
        while run.poll() is None and len(list(folder.glob("*.idx"))) < 3:
            time.sleep(0.001)
        workers[0].kill()
        out, _ = run.communicate(timeout=300)
    assert run.returncode == 0
    computed, skipped, calls = json.loads(out)

    store = FeatureStore(root, plan_recipe())
    readable = here.sha256[here.readable]
    assert np.array_equal(store.read(readable), here.X)
    assert [tuple(entry) for entry in skipped] == list(here.skipped)
    # Finished images that the killed worker had not reported were computed twice: its list.
    rows = sum(len(np.load(path)) for path in folder.glob("*.npy"))
    assert len(store) == 58
    assert rows <= 58 + 4
    assert 58 - 4 <= computed <= 58
    assert calls[0] == [2, 61]  # the missing and the copy
    assert calls[-1] == [61, 61]
    assert len(calls) >= 1 + 15  # finished lists; there are more of them with many processors


@pytest.mark.slow
def test_single_worker_with_one_thread(images, scheduler, workers, tmp_path):
    workers[0].kill()
    workers[0].wait()
    command = (sys.executable, "-c", RUN, tmp_path / "there", scheduler, *images[:9])
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0] == 8


@pytest.mark.slow
def test_stored_images_are_not_sent_to_workers(images, scheduler, tmp_path):
    here = extract_features(images, store=tmp_path)
    again = extract_features(images, store=tmp_path, scheduler=scheduler)
    assert again.computed == 0
    assert np.array_equal(again.X, here.X)


@pytest.mark.slow
def test_worker_error_is_reported_in_one_line(images, scheduler, workers, tmp_path):
    (tmp_path / "file").touch()
    command = (sys.executable, "-c", RUN, tmp_path / "file" / "store", scheduler, *images)
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot write to the feature store" in done.stderr.splitlines()[-1]


@pytest.mark.slow
def test_scheduler_without_workers_is_reported(images, scheduler, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_WORKER_SECONDS", 1)
    with pytest.raises(FeatureError, match="no worker for 1 seconds") as caught:
        extract_features(images, store=tmp_path, scheduler=scheduler)
    assert "\n" not in str(caught.value)


class ClientWithoutWorkers:
    """Client of a scheduler that has lost its workers."""

    closed = False

    def ncores(self):
        return {}

    def close(self):
        self.closed = True


def test_client_is_closed_when_all_workers_are_gone(monkeypatch):
    monkeypatch.setattr(module, "_WORKER_SECONDS", 0)
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0)
    client = ClientWithoutWorkers()
    with module._watched(client) as gone:
        gone.wait()
    assert client.closed


@pytest.mark.slow
def test_missing_scheduler_is_reported(images, tmp_path):
    for address in ("tcp://127.0.0.1:1", "nonsense://there", "127.0.0.1:many"):
        with pytest.raises(FeatureError, match=f"no scheduler answers at {address}") as caught:
            extract_features(images, store=tmp_path, scheduler=address)
        assert "\n" not in str(caught.value)


def test_missing_distributed_package_names_the_extra(images, tmp_path):
    hidden = "import sys; sys.modules['distributed'] = None\n" + RUN
    command = (sys.executable, "-c", hidden, tmp_path, "tcp://127.0.0.1:1", *images)
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'catnocat[dask]'" in done.stderr
    assert done.stderr.count("\n") == 1
