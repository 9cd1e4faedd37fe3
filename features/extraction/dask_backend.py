"""Distribute extraction over the workers of a Dask scheduler with joblib.

Each worker loads the network once and writes its own shards into the store. All workers must see
the store and the images under the same paths. If a worker dies, the scheduler assigns its current
list of images to another worker.
"""

import functools
import logging
import threading
import time
import uuid
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed, parallel_config

from ..backbones import find_backbone
from ..store import FeatureStore, Recipe
from ..utils import FeatureError, one_line
from .extractor import Computer, Terms
from .pipeline import Batch
from .planning import plan

_CONNECT_SECONDS = 10
_WORKER_SECONDS = 30
_LOOK_SECONDS = 2
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Order:
    """Parameters of a run that are sent to every worker.

    Parameters
    ----------
    run : str
        Unique identifier of the run: a worker keeps its network until the next run.
    recipe : Recipe
        The recipe that the worker must reproduce.
    weights : str or None
        Path of a weights file.
    store : str
        Root of the feature store.
    terms : Terms
    """

    run: str
    recipe: Recipe
    weights: str | None
    store: str
    terms: Terms


def compute_there(
    scheduler: str,
    recipe: Recipe,
    weights: str | PathLike[str] | None,
    store: Path,
    terms: Terms,
    numbered: Sequence[tuple[int, str]],
) -> Generator[Batch]:
    """Compute images on the workers of a scheduler; yield a batch for each finished list.

    Parameters
    ----------
    scheduler : str
        Address, for example ``"tcp://10.0.0.1:8786"``.
    recipe : Recipe
    weights : path or None
    store : pathlib.Path
        Absolute path of the root of the feature store.
    terms : Terms
        If `n_jobs` is None, each worker uses all its threads.
    numbered : sequence of (int, str)
        Numbers and absolute paths of the images.

    Raises
    ------
    FeatureError
        If the scheduler cannot be reached, has no workers, or the workers fail.
    """
    weights = None if weights is None else str(Path(weights).absolute())
    order = Order(uuid.uuid4().hex, recipe, weights, str(store), terms)
    with _quiet_client(), connect_scheduler(scheduler) as client, _watched(client) as gone:
        cores = max(1, sum(client.ncores().values()))
        # Short enough that every core gets at least two lists.
        length = max(1, min(terms.shard_rows, -(-len(numbered) // (2 * cores))))
        lists = (numbered[start : start + length] for start in range(0, len(numbered), length))
        with parallel_config(_backend(client)):
            parallel = Parallel(n_jobs=-1, batch_size=1, return_as="generator_unordered")
        try:
            for batch in parallel(delayed(compute_list)(order, chunk) for chunk in lists):
                if not isinstance(batch, Batch):  # joblib's value for a lost scheduler
                    raise _lost(scheduler, str(batch))
                yield batch
        except FeatureError:
            raise
        except Exception as error:  # from the network, Dask, or a package of the worker
            reason = one_line(error)
            if gone.is_set() or "has no worker" in reason:  # joblib's own message does not help
                reason = f"no worker for {_WORKER_SECONDS} seconds"
            raise _lost(scheduler, reason) from error


def compute_list(order: Order, numbered: Sequence[tuple[int, str]]) -> Batch:
    """Compute and store one list of images on a worker.

    Returns
    -------
    Batch
        Without the vectors, which are in the store.
    """
    whole = Batch(0)
    with _LOCK:  # a worker may run several tasks at once; the network has its own threads
        for batch in _computer(order).run(numbered):
            whole.size += batch.size
            whole.read += batch.read
            whole.errors += batch.errors
            whole.digests += batch.digests
    return replace(whole, vectors=np.empty((0, 0), np.float32))


@functools.lru_cache(maxsize=1)
def _computer(order: Order) -> Computer:
    from distributed import get_worker

    worker = get_worker()
    try:
        backbone = find_backbone(order.recipe.backbone, order.weights)
        expected = order.recipe
        recipe = plan(
            backbone,
            expected.views,
            expected.engine,
            expected.precision,
            expected.bit_depth,
        )
        if recipe != expected:
            raise FeatureError(_difference(recipe, expected))
        threads = order.terms.n_jobs or worker.state.nthreads
        terms = replace(order.terms, n_jobs=threads)
        return Computer(backbone, FeatureStore(order.store, recipe), terms)
    except FeatureError as error:
        raise FeatureError(f"the worker {worker.address}: {error}") from None


@contextmanager
def _watched(client: Any) -> Iterator[threading.Event]:
    """Close the client if there has been no worker for a while; a scheduler waits without limit.

    Yields
    ------
    threading.Event
        Set if the client was closed for this reason.
    """
    done, gone = threading.Event(), threading.Event()

    def watch() -> None:
        last = time.monotonic()
        while not done.wait(_LOOK_SECONDS):
            with suppress(Exception):  # lost scheduler: reported by the call that waits for it
                if client.ncores():
                    last = time.monotonic()
                elif time.monotonic() - last > _WORKER_SECONDS:
                    gone.set()
                    client.close()  # cancels the tasks that are waited for
                    return

    watching = threading.Thread(target=watch, name="workers", daemon=True)
    watching.start()
    try:
        yield gone
    finally:
        done.set()
        watching.join()


@contextmanager
def _quiet_client() -> Iterator[None]:
    """Silence the traceback that Dask logs for a lost connection."""

    def reject(record: logging.LogRecord) -> bool:
        return False

    # A filter instead of a level, since Dask sets the level when it is imported.
    log = logging.getLogger("distributed.client")
    log.addFilter(reject)
    try:
        yield
    finally:
        log.removeFilter(reject)


def _backend(client: Any) -> Any:
    """Return joblib's Dask backend, changed to use the workers even for a single job.

    joblib runs a single job in the calling process, which is not a worker. The count can also be
    one while other workers are still starting.
    """
    from joblib._dask import DaskDistributedBackend

    class Backend(DaskDistributedBackend):
        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, int(super().effective_n_jobs(n_jobs)))

    return Backend(client=client, wait_for_workers_timeout=_WORKER_SECONDS)


def _difference(actual: Recipe, expected: Recipe) -> str:
    ours, theirs = actual.to_dict(), expected.to_dict()
    name = next(name for name in ours if ours[name] != theirs[name])
    return (
        f"it would follow another recipe ({name} {ours[name]}, not {theirs[name]}): install the"
        " same versions everywhere"
    )


def connect_scheduler(scheduler: str) -> Any:
    """Connect to a Dask scheduler; use the client in a ``with`` statement.

    Parameters
    ----------
    scheduler : str
        Address, for example ``"tcp://10.0.0.1:8786"``.

    Returns
    -------
    distributed.Client
        The client, which is not set as the default client.

    Raises
    ------
    FeatureError
        If no scheduler answers at the address, or `distributed` is not installed.
    """
    try:
        import distributed
    except ImportError:
        raise FeatureError(
            "a scheduler needs the package distributed: pip install 'catnocat[dask]'"
        ) from None
    try:
        client: Any = distributed.Client  # not typed
        return client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, TypeError, ValueError) as error:
        raise FeatureError(
            f"no scheduler answers at {scheduler} ({one_line(error)}): start one with"
            " 'dask scheduler' and give the address that it prints, such as tcp://10.0.0.1:8786"
        ) from None


def _lost(scheduler: str, reason: str) -> FeatureError:
    reason = reason.rpartition("cancelled for reason: ")[2].rstrip(".")
    return FeatureError(
        f"the scheduler {scheduler} or its workers failed ({reason}): finished vectors are in the"
        " store; run the same command again"
    )
