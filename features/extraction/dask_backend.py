"""Past one machine: lists of pictures for the workers of a Dask scheduler, through joblib.

Each worker loads the network once and writes its own shards into the store, which all of them see
under the same path, as they see the pictures. A worker that dies costs the list it was at: the
scheduler gives that to another one.
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
_TURN = threading.Lock()


@dataclass(frozen=True)
class Order:
    """What every worker must know.

    Parameters
    ----------
    run : str
        Unlike any other run's: a worker keeps its network until the next run.
    recipe : Recipe
        What the worker must arrive at by itself.
    weights : str or None
        Path of a file of weights.
    store : str
        The feature store's root.
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
    """Let the workers of a scheduler compute pictures; give a list's batch when it is finished.

    Parameters
    ----------
    scheduler : str
        Address, for example ``"tcp://10.0.0.1:8786"``.
    recipe : Recipe
    weights : path or None
    store : pathlib.Path
        Absolute, of the feature store's root.
    terms : Terms
        As many threads as a worker has if `n_jobs` is None.
    numbered : sequence of (int, str)
        Numbered absolute paths.

    Raises
    ------
    FeatureError
        When there is no such scheduler, it has no workers, or they cannot do it.
    """
    weights = None if weights is None else str(Path(weights).absolute())
    order = Order(uuid.uuid4().hex, recipe, weights, str(store), terms)
    with _quiet_client(), connect_scheduler(scheduler) as client, _watched(client) as gone:
        cores = max(1, sum(client.ncores().values()))
        # Short enough that all have something to do, twice over.
        length = max(1, min(terms.shard_rows, -(-len(numbered) // (2 * cores))))
        lists = (numbered[start : start + length] for start in range(0, len(numbered), length))
        with parallel_config(_backend(client)):
            parallel = Parallel(n_jobs=-1, batch_size=1, return_as="generator_unordered")
        try:
            for batch in parallel(delayed(compute_list)(order, some) for some in lists):
                if not isinstance(batch, Batch):  # what joblib makes of a scheduler that has gone
                    raise _lost(scheduler, str(batch))
                yield batch
        except FeatureError:
            raise
        except Exception as error:  # of the network, of Dask, or of what a worker has installed
            reason = one_line(error)
            if gone.is_set() or "has no worker" in reason:  # then joblib goes on about itself
                reason = f"no worker for {_WORKER_SECONDS} seconds"
            raise _lost(scheduler, reason) from error


def compute_list(order: Order, numbered: Sequence[tuple[int, str]]) -> Batch:
    """Compute and store one list of pictures; what a worker does.

    Returns
    -------
    Batch
        Without the vectors, which lie in the store.
    """
    whole = Batch(0)
    with _TURN:  # a worker may have many threads, but the network has its own
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
        wanted = order.recipe
        recipe = plan(backbone, wanted.views, wanted.engine, wanted.precision)
        if recipe != wanted:
            raise FeatureError(_difference(recipe, wanted))
        threads = order.terms.n_jobs or worker.state.nthreads
        terms = replace(order.terms, n_jobs=threads)
        return Computer(backbone, FeatureStore(order.store, recipe), terms)
    except FeatureError as error:
        raise FeatureError(f"the worker {worker.address}: {error}") from None


@contextmanager
def _watched(client: Any) -> Iterator[threading.Event]:
    """Give up when all workers have been gone for a while: a scheduler waits for ever for others.

    Yields
    ------
    threading.Event
        Set when that was so.
    """
    done, gone = threading.Event(), threading.Event()

    def watch() -> None:
        last = time.monotonic()
        while not done.wait(_LOOK_SECONDS):
            with suppress(Exception):  # the scheduler has gone: that is found out elsewhere
                if client.ncores():
                    last = time.monotonic()
                elif time.monotonic() - last > _WORKER_SECONDS:
                    gone.set()
                    client.close()  # which cancels what is waited for
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
    """Keep Dask's own report of a lost connection, a traceback, from the screen."""

    def none_of_it(record: logging.LogRecord) -> bool:
        return False

    # Not by its level, which Dask sets when it is imported.
    log = logging.getLogger("distributed.client")
    log.addFilter(none_of_it)
    try:
        yield
    finally:
        log.removeFilter(none_of_it)


def _backend(client: Any) -> Any:
    """Give joblib's Dask backend, which sends work out even where one thread is all there is.

    Of one job joblib thinks that it may as well do it here: but here is no worker. One thread is
    what there is, too, while the others are still on their way.
    """
    from joblib._dask import DaskDistributedBackend

    class Backend(DaskDistributedBackend):
        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, int(super().effective_n_jobs(n_jobs)))

    return Backend(client=client, wait_for_workers_timeout=_WORKER_SECONDS)


def _difference(here: Recipe, wanted: Recipe) -> str:
    ours, theirs = here.to_dict(), wanted.to_dict()
    name = next(name for name in ours if ours[name] != theirs[name])
    return (
        f"it would follow another recipe ({name} {ours[name]}, not {theirs[name]}): install the"
        " same versions everywhere"
    )


def connect_scheduler(scheduler: str) -> Any:
    """Connect to a Dask scheduler, for as long as a ``with`` lasts.

    Parameters
    ----------
    scheduler : str
        Address, for example ``"tcp://10.0.0.1:8786"``.

    Returns
    -------
    distributed.Client
        Which is not made the default.

    Raises
    ------
    FeatureError
        When none answers there, or `distributed` is not installed.
    """
    try:
        import distributed
    except ImportError:
        raise FeatureError(
            "a scheduler needs the package distributed: pip install 'catnocat[dask]'"
        ) from None
    try:
        client: Any = distributed.Client  # carries no types
        return client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, TypeError, ValueError) as error:
        raise FeatureError(
            f"no scheduler answers at {scheduler} ({one_line(error)}): start one with"
            " 'dask scheduler' and give the address that it prints, such as tcp://10.0.0.1:8786"
        ) from None


def _lost(scheduler: str, reason: str) -> FeatureError:
    reason = reason.rpartition("cancelled for reason: ")[2].rstrip(".")
    return FeatureError(
        f"the scheduler {scheduler} or its workers gave up ({reason}): what was finished is in the"
        " store, run the same command again"
    )
