import os
import threading

import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config
from joblib.parallel import get_active_backend

from catnocat.benchmarks.evaluation.cross_validation import compare
from catnocat.benchmarks.evaluation.methods import select_methods
from catnocat.benchmarks.evaluation.splits import outer_folds
from catnocat.benchmarks.utils.parallel import use_scheduler
from catnocat.features import FeatureError


@pytest.fixture(scope="module")
def scheduler():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


@pytest.mark.slow
def test_dask_workers_give_the_same_results(scheduler, make_table, rng):
    table = make_table(120, split=["train"] * 80 + ["test"] * 40)
    X = (table.Y @ rng.normal(size=(4, 6)) + rng.normal(size=(120, 6))).astype(np.float32)
    folds = outer_folds(table, None, 0)
    methods = select_methods(["one-vs-rest", "chain", "mlknn"])
    local_results = compare(X, table, methods, folds)
    with use_scheduler(scheduler):
        names = Parallel(n_jobs=-1)(delayed(threading.current_thread)() for _ in range(1))
        remote_results = compare(X, table, methods, folds, n_jobs=-1)
    assert names[0] is not threading.main_thread()
    for local, remote in zip(local_results, remote_results, strict=True):
        assert remote.failed == ""
        assert local.chosen == remote.chosen
        np.testing.assert_allclose(local.scores, remote.scores, atol=1e-5)


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_without_scheduler_the_backend_is_unchanged(backend):
    with parallel_config(backend):
        expected = type(get_active_backend()[0])
        with use_scheduler(None):
            assert type(get_active_backend()[0]) is expected
            pids = set(Parallel(n_jobs=2)(delayed(os.getpid)() for _ in range(4)))
    assert (os.getpid() in pids) is (backend == "threading")


def test_missing_scheduler_is_one_line():
    pytest.importorskip("distributed")
    with (
        pytest.raises(FeatureError, match="no scheduler answers at nowhere"),
        use_scheduler("nowhere:none"),
    ):
        pass
