import io
import os
import threading
import time

import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config
from joblib.parallel import get_active_backend
from rich.console import Console
from threadpoolctl import threadpool_info, threadpool_limits

from catnocat.benchmarks.evaluation.cross_validation import compare
from catnocat.benchmarks.evaluation.methods import select_methods
from catnocat.benchmarks.evaluation.splits import outer_folds
from catnocat.benchmarks.utils import execution
from catnocat.benchmarks.utils.execution import (
    WORK_PER_THREAD,
    limit_threads,
    measure_time,
    use_scheduler,
    useful_threads,
)
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


def blas_threads():
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_threads_grow_with_the_problem_and_are_shared_by_workers(monkeypatch):
    monkeypatch.setattr("joblib.cpu_count", lambda: 8)
    assert useful_threads(WORK_PER_THREAD - 1) == 1
    assert useful_threads(3.5 * WORK_PER_THREAD) == 3
    assert useful_threads(100 * WORK_PER_THREAD) == 8
    assert useful_threads(100 * WORK_PER_THREAD, n_workers=4) == 2
    assert useful_threads(100 * WORK_PER_THREAD, n_workers=64) == 1


def test_small_problems_use_one_thread_for_any_setting_of_the_user(monkeypatch):
    monkeypatch.setattr("joblib.cpu_count", lambda: 8)
    with threadpool_limits(limits=4):
        with limit_threads(1000):
            assert set(blas_threads()) == {1}
        with limit_threads(2 * WORK_PER_THREAD):
            assert set(blas_threads()) == {2}
        assert set(blas_threads()) == {4}


def test_the_limit_of_the_user_is_never_raised(monkeypatch):
    monkeypatch.setattr("joblib.cpu_count", lambda: 8)
    with threadpool_limits(limits=1), limit_threads(100 * WORK_PER_THREAD):
        assert set(blas_threads()) == {1}


def test_workers_that_share_a_process_do_not_change_its_limits():
    def work():
        with limit_threads(1000):
            limits.update(blas_threads())

    limits = set()
    with threadpool_limits(limits=3):
        worker = threading.Thread(target=work)
        worker.start()
        worker.join()
    assert limits == {3}


def test_processor_time_does_not_include_waiting():
    with measure_time() as elapsed:
        time.sleep(0.2)
    assert elapsed.seconds >= 0.2
    assert elapsed.cpu_seconds < 0.1


def test_processor_time_of_a_worker_thread_is_its_own():
    times = {}

    def work(name, n):
        with measure_time() as times[name]:
            for _ in range(n):
                sum(range(1000))

    threads = [
        threading.Thread(target=work, args=arguments) for arguments in (("busy", 9000), ("idle", 1))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert times["busy"].cpu_seconds > 10 * times["idle"].cpu_seconds


def test_nothing_is_shown_without_a_terminal(capsys):
    with execution.show_progress("methods") as report_progress:
        report_progress(0, 2, "ridge")
    assert capsys.readouterr() == ("", "")


def test_step_and_part_are_shown_on_a_terminal(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(execution.sys.stderr, "isatty", lambda: True)
    console = Console(file=screen, force_terminal=True, width=80)
    monkeypatch.setattr("rich.console.Console", lambda **_: console)
    with execution.show_progress("methods") as report_progress:
        report_progress(2, 23, "ridge")
    assert "methods" in screen.getvalue()
    last_line = screen.getvalue().splitlines()[-1]
    assert "ridge" not in last_line, "a finished step has no current part"
