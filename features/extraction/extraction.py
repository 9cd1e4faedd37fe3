"""Extract feature vectors: read the stored ones, compute and store the others."""

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
    """Feature vectors of images, and the reasons for images without one.

    Attributes
    ----------
    recipe : Recipe
    X : numpy.ndarray
        float32 (n_readable, recipe.dimension): vectors of the readable images, in the given order.
    readable : numpy.ndarray
        bool (n,): for each path, whether it has a vector.
    sha256 : numpy.ndarray
        uint8 (n, 32): the digest of each file, zeros where it could not be read.
    skipped : tuple of (str, str)
        Path and reason of each image without a vector.
    computed : int
        Number of vectors that were not in the store before.
    seconds : float
        Duration.
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
    bit_depth: int | None = None,
    batch_size: int | None = None,
    n_jobs: int | None = None,
    retry_failed: bool = False,
    scheduler: str | None = None,
    shard_rows: int = SHARD_ROWS,
    progress: Progress | None = None,
) -> Extraction:
    """Extract feature vectors; read stored ones and add new ones to the store.

    An image that cannot be read is skipped and listed. An interrupted run loses at most the last
    seconds of work; the next run continues from there.

    Parameters
    ----------
    paths : iterable of str or path
    backbone, weights
        See `find_backbone`. ``"imported:NAME"`` selects vectors that `import_vectors` put into the
        store; no others can be computed for this backbone.
    views : str, or sequence of str or View, default=("whole",)
        Crop, input size and pooling, see `View`. The default size is that of the backbone.
    store : path, optional
        Root of the feature store; by default ``features`` in the `cache_folder`.
    engine : {"auto", "openvino", "torch"}
        ``"auto"`` is OpenVINO if it is installed and there is no GPU, otherwise torch.
    precision : {"float32", "bfloat16"}
        bfloat16 is about twice as fast on processors with bfloat16 instructions, and not faster on
        others, see `has_bfloat16`.
    bit_depth : int, optional
        Bits that the values of images with more than 8 bits use, for example 12 for a microscope
        that writes 16-bit files; by default derived from the largest value of each file.
    batch_size : int, optional
        Images per forward pass; by default chosen by the engine. It does not change the features.
    n_jobs : int, optional
        Number of threads; by default the number of processors.
    retry_failed : bool, default=False
        Try images again that could not be read in an earlier run. Otherwise they are skipped with
        the earlier reason.
    scheduler : str, optional
        Address of a Dask scheduler whose workers compute the vectors, for example
        ``"tcp://10.0.0.1:8786"``. They must see images and store under the same paths.
    shard_rows : int, default=1024
        Rows that are written at once, and images in a worker's list. A killed process loses at most
        this many.
    progress : callable, optional
        Called with the number of finished images and the total, see `progress_bar`.

    Returns
    -------
    Extraction

    Raises
    ------
    FeatureError
        If a parameter is invalid, weights are missing or the store cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> from catnocat.features import extract_features
    >>> from sklearn.datasets import __file__ as datasets
    >>> from pathlib import Path
    >>> images = [Path(datasets).parent / "images" / name for name in ("china.jpg", "none.jpg")]
    >>> with tempfile.TemporaryDirectory() as store:
    ...     extraction = extract_features(images, store=store, engine="torch")
    >>> extraction.X.shape, extraction.readable.tolist(), extraction.computed
    ((1, 1280), [True, False], 1)
    >>> extraction.skipped[0][1]
    'no such file'
    """
    started = time.perf_counter()
    terms = Terms(n_jobs, batch_size, shard_rows, retry_failed)
    root = Path(cache_folder() / "features" if store is None else store).absolute()
    default_reason = "a copy of it cannot be read"
    batches: Generator[Batch]  # starts no work until the first batch is requested
    if backbone.startswith(IMPORTED):
        job = Job(tuple(paths), FeatureStore(root, find_imported(root, backbone)))
        batches = read_only(job.todo())
        default_reason = f"nothing was imported for it as {backbone}"
    else:
        network = find_backbone(backbone, weights)
        recipe = plan(network, views, engine, precision, bit_depth)
        job = Job(tuple(paths), FeatureStore(root, recipe), retry_failed)
        if scheduler is None:
            batches = compute_here(network, job.store, terms, job.todo())
        else:
            from .dask_backend import compute_there

            batches = compute_there(scheduler, recipe, weights, root, terms, job.todo())
    job.store.mend()
    job.carry_out(batches, progress)
    if scheduler is not None:
        _check_workers_wrote(job)
    readable = job.found()
    return Extraction(
        recipe=job.store.recipe,
        X=job.store.read(job.digests[readable]).reshape(-1, *job.store.recipe.shape),
        readable=readable,
        sha256=job.digests,
        skipped=job.skipped(readable, default_reason),
        computed=job.computed,
        seconds=time.perf_counter() - started,
    )


def _check_workers_wrote(job: Job) -> None:
    job.store.reload()
    if lost := len(job.unexplained()):
        raise FeatureError(
            f"{lost} images that the workers computed are not in {job.store.folder}: the store"
            " must be a folder that all machines see under the same path"
        )
