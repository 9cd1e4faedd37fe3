"""Extraction by real Dask workers, which die as real processes do."""

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
reports = []
try:
    found = extract_features(
        sys.argv[3:],
        store=sys.argv[1],
        scheduler=sys.argv[2],
        batch_size=2,
        shard_rows=4,
        progress=lambda *counts: reports.append(counts),
    )
except FeatureError as error:
    sys.exit(str(error))
print(json.dumps([found.computed, found.skipped, reports]))
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
    """Run a scheduler on a free port of this machine and give its address."""
    command = (*SERVE, "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
    with running(*command, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if found := re.search(r"tcp://127\.0\.0\.1:\d+", line):
                break
        yield found[0]


@pytest.fixture
def workers(scheduler, tmp_path):
    """Run two workers."""
    options = ("--nthreads", 1, "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
    command = (*WORK, scheduler, *options, "--local-directory", tmp_path / "workers")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with running(*command, **quiet) as first, running(*command, **quiet) as second:
        yield [first, second]


@pytest.fixture(scope="module")
def pictures(photograph, tmp_path_factory):
    """Return 60 small pictures, one of which is broken, one a copy and one missing."""
    folder = tmp_path_factory.mktemp("pictures")
    paths = [folder / f"{number}.png" for number in range(60)]
    for number, path in enumerate(paths):
        photograph.crop((number, 0, number + 40, 30)).save(path)
    paths[7].write_bytes(b"no picture")
    paths[9].write_bytes(paths[8].read_bytes())
    for path in paths:
        os.utime(path, (1e9, 1e9))  # settled, so that the copy is known before it is sent out
    return [*paths, folder / "missing.png"]


@pytest.mark.slow
def test_a_worker_that_dies_costs_its_current_list(pictures, scheduler, workers, tmp_path):
    here = extract_features(pictures, store=tmp_path / "here", batch_size=2)
    root = tmp_path / "there"
    folder = root / plan_recipe().folder
    command = (sys.executable, "-c", RUN, root, scheduler, *pictures)
    with running(*command, stdout=subprocess.PIPE, text=True) as run:
        while run.poll() is None and len(list(folder.glob("*.idx"))) < 3:
            time.sleep(0.001)
        workers[0].kill()
        out, _ = run.communicate(timeout=300)
    assert run.returncode == 0
    computed, skipped, reports = json.loads(out)

    store = FeatureStore(root, plan_recipe())
    readable = here.sha256[here.readable]
    assert np.array_equal(store.read(readable), here.X)
    assert [tuple(entry) for entry in skipped] == list(here.skipped)
    # What the dead one had finished, but not reported, was computed twice: its list.
    rows = sum(len(np.load(path)) for path in folder.glob("*.npy"))
    assert len(store) == 58
    assert rows <= 58 + 4
    assert 58 - 4 <= computed <= 58
    assert reports[0] == [2, 61]  # the missing and the copy
    assert reports[-1] == [61, 61]
    # One report per finished list; more and shorter lists where there are many processors.
    assert len(reports) >= 1 + 15


@pytest.mark.slow
def test_one_worker_of_one_thread_does_it_all(pictures, scheduler, workers, tmp_path):
    workers[0].kill()
    workers[0].wait()
    command = (sys.executable, "-c", RUN, tmp_path / "there", scheduler, *pictures[:9])
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0] == 8


@pytest.mark.slow
def test_what_is_known_is_not_sent_out(pictures, scheduler, tmp_path):
    here = extract_features(pictures, store=tmp_path)
    again = extract_features(pictures, store=tmp_path, scheduler=scheduler)
    assert again.computed == 0
    assert np.array_equal(again.X, here.X)


@pytest.mark.slow
def test_what_a_worker_cannot_do_is_one_line(pictures, scheduler, workers, tmp_path):
    (tmp_path / "file").touch()
    command = (sys.executable, "-c", RUN, tmp_path / "file" / "store", scheduler, *pictures)
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot write to the feature store" in done.stderr.splitlines()[-1]


@pytest.mark.slow
def test_no_worker_is_one_line(pictures, scheduler, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_WORKER_SECONDS", 1)
    with pytest.raises(FeatureError, match="no worker for 1 seconds") as error:
        extract_features(pictures, store=tmp_path, scheduler=scheduler)
    assert "\n" not in str(error.value)


class Deserted:
    """A client whose scheduler has no workers any more."""

    closed = False

    def ncores(self):
        return {}

    def close(self):
        self.closed = True


def test_when_all_workers_have_gone_the_client_is_closed(monkeypatch):
    monkeypatch.setattr(module, "_WORKER_SECONDS", 0)
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0)
    client = Deserted()
    with module._watched(client) as gone:
        gone.wait()
    assert client.closed


@pytest.mark.slow
def test_no_scheduler_is_one_line(pictures, tmp_path):
    for address in ("tcp://127.0.0.1:1", "nonsense://there", "127.0.0.1:many"):
        with pytest.raises(FeatureError, match=f"no scheduler answers at {address}") as error:
            extract_features(pictures, store=tmp_path, scheduler=address)
        assert "\n" not in str(error.value)


def test_without_distributed_the_extra_is_named(pictures, tmp_path):
    hidden = "import sys; sys.modules['distributed'] = None\n" + RUN
    command = (sys.executable, "-c", hidden, tmp_path, "tcp://127.0.0.1:1", *pictures)
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'catnocat[dask]'" in done.stderr
    assert done.stderr.count("\n") == 1
