"""The way from paths to vectors: take what is stored, compute the rest, store it on the way."""

import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from ..backbones import find_backbone
from ..preprocessing import View
from ..store import IMPORTED, SHARD_ROWS, FeatureStore, Recipe, find_imported
from ..utils import FeatureError, Progress, cache_folder
from .extractor import Terms, compute_here, read_only
from .pending_images import Job
from .pipeline import Batch
from .planning import DEFAULT_VIEWS, plan


@dataclass(frozen=True)
class Extraction:
    """The vectors of some pictures, and what became of the others.

    Attributes
    ----------
    recipe : Recipe
    X : numpy.ndarray
        float32 (n_readable, recipe.dimension): the readable pictures in the order given.
    readable : numpy.ndarray
        bool (n,), one per path given.
    sha256 : numpy.ndarray
        uint8 (n, 32): the digest of each file, zeros where it could not be read.
    skipped : tuple of (str, str)
        Path and reason of each picture without a vector.
    computed : int
        How many vectors were not in the store yet.
    seconds : float
        How long it took.
    """

    recipe: Recipe
    X: np.ndarray
    readable: np.ndarray
    sha256: np.ndarray
    skipped: tuple[tuple[str, str], ...]
    computed: int
    seconds: float

    @property
    def digests(self) -> tuple[str | None, ...]:
        """The sha256 of each file in hexadecimal, None where it could not be read."""
        known = np.flatnonzero(self.sha256.any(axis=1)).tolist()
        digests: list[str | None] = [None] * len(self.sha256)
        for number in known:
            digests[number] = self.sha256[number].tobytes().hex()
        return tuple(digests)


def extract_features(
    paths: Iterable[str | PathLike[str]],
    *,
    backbone: str = "efficientnet_lite0",
    weights: str | PathLike[str] | None = None,
    views: str | Sequence[str | View] = DEFAULT_VIEWS,
    store: str | PathLike[str] | None = None,
    engine: str = "auto",
    precision: str = "float32",
    batch_size: int | None = None,
    n_jobs: int | None = None,
    retry_failed: bool = False,
    scheduler: str | None = None,
    shard_rows: int = SHARD_ROWS,
    progress: Progress | None = None,
) -> Extraction:
    """Turn pictures into vectors, taking from the store what is there and adding the rest.

    A picture that cannot be read is skipped and listed. An interrupted run loses at most the last
    seconds of work: the next one goes on where it stopped.

    Parameters
    ----------
    paths : iterable of str or path
    backbone, weights
        See `find_backbone`. ``"imported:NAME"`` stands for vectors that `import_vectors` put into
        the store; nothing else can be computed for it.
    views : str, or sequence of str or View, default=("whole",)
        What is shown, how large and how it is pooled, see `View`. Without a size it is the
        backbone's own.
    store : path, optional
        Root of the feature store; ``features`` in the `cache_folder` if not given.
    engine : {"auto", "openvino", "torch"}
        ``"auto"`` is OpenVINO where it is installed and there is no graphics processor.
    precision : {"float32", "bfloat16"}
        bfloat16 is about twice as fast on processors made for it, and not on others, see
        `has_bfloat16`.
    batch_size : int, optional
        Pictures per pass; chosen by the engine if not given. It changes no feature.
    n_jobs : int, optional
        Threads; as many as there are processors if not given.
    retry_failed : bool, default=False
        Try again the pictures that could not be read before. Otherwise they are skipped for the
        reason they had then.
    scheduler : str, optional
        Address of a Dask scheduler, for example ``"tcp://10.0.0.1:8786"``, whose workers do the
        work. They must see the pictures and the store under the same paths.
    shard_rows : int, default=1024
        Rows that are written at once, or pictures in a worker's list: what a kill may cost.
    progress : callable, optional
        Called with the numbers of pictures done and of all, see `progress_bar`.

    Returns
    -------
    Extraction

    Raises
    ------
    FeatureError
        When a parameter is unknown, weights are missing or the store cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> from catnocat.features import extract_features
    >>> from sklearn.datasets import __file__ as datasets
    >>> from pathlib import Path
    >>> pictures = [Path(datasets).parent / "images" / name for name in ("china.jpg", "none.jpg")]
    >>> with tempfile.TemporaryDirectory() as store:
    ...     found = extract_features(pictures, store=store, engine="torch")
    >>> found.X.shape, found.readable.tolist(), found.computed
    ((1, 1280), [True, False], 1)
    >>> found.skipped[0][1]
    'no such file'
    """
    started = time.perf_counter()
    terms = Terms(n_jobs, batch_size, shard_rows, retry_failed)
    root = Path(cache_folder() / "features" if store is None else store).absolute()
    untold = "a copy of it cannot be read"
    batches: Generator[Batch]  # nothing happens before the first one is asked for
    if backbone.startswith(IMPORTED):
        job = Job(tuple(paths), FeatureStore(root, find_imported(root, backbone)))
        batches = read_only(job.todo())
        untold = f"nothing was imported for it as {backbone}"
    else:
        network = find_backbone(backbone, weights)
        recipe = plan(network, views, engine, precision)
        job = Job(tuple(paths), FeatureStore(root, recipe), retry_failed)
        if scheduler is None:
            batches = compute_here(network, job.store, terms, job.todo())
        else:
            from .dask_backend import compute_there

            batches = compute_there(scheduler, recipe, weights, root, terms, job.todo())
    job.store.mend()
    job.carry_out(batches, progress)
    if scheduler is not None:
        _see_what_workers_wrote(job)
    found = job.found()
    return Extraction(
        recipe=job.store.recipe,
        X=job.store.read(job.digests[found]).reshape(-1, *job.store.recipe.shape),
        readable=found,
        sha256=job.digests,
        skipped=job.skipped(found, untold),
        computed=job.computed,
        seconds=time.perf_counter() - started,
    )


def _see_what_workers_wrote(job: Job) -> None:
    job.store.reload()
    if lost := len(job.unexplained()):
        raise FeatureError(
            f"{lost} pictures that the workers computed are not in {job.store.folder}: the store"
            " must be a folder that all machines see under the same path"
        )
