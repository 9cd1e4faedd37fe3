"""Execution of long steps: workers, threads, processor time, and progress on the terminal."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SCHEDULER_WAIT_SECONDS = 30

WORK_PER_THREAD = 2**27
"""Multiply-adds of one pass over the data from which a further thread pays. Below it, threads of
BLAS and OpenMP spend more time waiting for each other than computing."""

ProgressCallback = Callable[[int, int, str], None]
"""Called with the number of finished parts, their total number and the name of the next part."""


@contextmanager
def use_scheduler(scheduler: str | None) -> Iterator[None]:
    """Run all joblib tasks within the context on the workers of a Dask scheduler.

    Parameters
    ----------
    scheduler : str or None
        Address, for example ``"tcp://10.0.0.1:8786"``; None: processes of this machine.

    Raises
    ------
    catnocat.features.FeatureError
        If no scheduler answers at the address.
    """
    if scheduler is None:
        yield
        return
    from joblib import parallel_config  # late: `catnocat --help` must not import joblib

    from ...features import connect_scheduler

    with (
        connect_scheduler(scheduler) as client,
        parallel_config("dask", client=client, wait_for_workers_timeout=SCHEDULER_WAIT_SECONDS),
    ):
        yield


def useful_threads(work: float, n_workers: int = 1) -> int:
    """Return the number of threads that pay for a problem of a given size.

    Parameters
    ----------
    work : float
        Multiply-adds of one pass over the data, for example images x features x labels.
    n_workers : int
        Number of processes that share the cores.

    Examples
    --------
    >>> useful_threads(1500 * 1280 * 18)
    1
    """
    from joblib import cpu_count

    n_cores: int = cpu_count()
    cores_per_worker = max(1, n_cores // max(1, n_workers))
    return max(1, min(cores_per_worker, int(work // WORK_PER_THREAD)))


@contextmanager
def limit_threads(work: float, n_workers: int = 1) -> Iterator[None]:
    """Limit the threads of BLAS and OpenMP within the context by the size of the problem.

    A limit that the user has set, for example by ``OMP_NUM_THREADS``, is never raised. In other
    threads than the main one nothing is changed: the limits belong to the process, and workers that
    share it would restore them for each other. Dask limits the threads of such workers.

    Parameters
    ----------
    work, n_workers
        As in `useful_threads`.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    from threadpoolctl import ThreadpoolController

    n_threads = useful_threads(work, n_workers)
    controller = ThreadpoolController()
    current: dict[str, int] = {}
    for library in controller.info():
        api = library["user_api"]
        current[api] = min(current.get(api, library["num_threads"]), library["num_threads"])
    with controller.limit(limits={api: min(n_threads, n) for api, n in current.items()}):
        yield


@dataclass
class ElapsedTime:
    """Wall time and processor time of a block of code.

    Attributes
    ----------
    seconds : float
        Wall time.
    cpu_seconds : float
        Processor time of all threads of the process. In a worker thread, which shares the process
        with other workers, that of the thread.
    """

    seconds: float = 0.0
    cpu_seconds: float = 0.0


@contextmanager
def measure_time() -> Iterator[ElapsedTime]:
    """Measure the wall time and the processor time of a block of code.

    Yields
    ------
    ElapsedTime
        Complete once the block has ended.

    Examples
    --------
    >>> with measure_time() as elapsed:
    ...     total = sum(range(100_000))
    >>> elapsed.seconds > 0, elapsed.cpu_seconds > 0
    (True, True)
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    cpu_clock = time.process_time if in_main_thread else time.thread_time
    elapsed = ElapsedTime()
    started, cpu_started = time.perf_counter(), cpu_clock()
    try:
        yield elapsed
    finally:
        elapsed.seconds = time.perf_counter() - started
        elapsed.cpu_seconds = cpu_clock() - cpu_started


@contextmanager
def show_progress(description: str, *, show: bool = True) -> Iterator[ProgressCallback]:
    """Show the current step and its elapsed time on stderr; nothing if that is no terminal.

    The parts of a step take from milliseconds to minutes, so no rate and no remaining time is
    shown. Only image processing has these, see `catnocat.features.progress_bar`.

    Parameters
    ----------
    description : str
        Name of the step.
    show : bool
        False: show nothing.

    Yields
    ------
    callable
        To be called before each part, if the step has parts.

    Examples
    --------
    >>> with show_progress("methods") as report_progress:
    ...     report_progress(3, 10, "ridge")
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[part]}"),
        TimeElapsedColumn(),
    )
    silent = not (show and sys.stderr.isatty())
    # Twice a second: drawing takes time from what is being measured.
    with Progress(
        *columns, console=Console(stderr=True), disable=silent, refresh_per_second=2
    ) as bar:
        task = bar.add_task(description, total=None, part="")

        def report_progress(done: int, total: int, part: str) -> None:
            bar.update(task, completed=done, total=total, part=f"{done + 1}/{total} {part}")

        yield report_progress
        total = bar.tasks[task].total or 1
        bar.update(task, completed=total, total=total, part="")
