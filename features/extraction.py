"""Pictures in, vectors out: each picture is shown to the network once in its life."""

import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from os import PathLike, fspath

import numpy as np

from .backbones import Backbone, find_backbone
from .cache import cache_folder
from .digests import DigestCache, Stamp, take_stamp
from .engines import open_engine
from .errors import FeatureError
from .pipeline import Pipeline
from .planning import DEFAULT_VIEWS, plan
from .progress import Progress
from .recipe import Recipe
from .store import FeatureStore, ShardWriter
from .views import View


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
    digests : tuple of (str or None)
        The sha256 of each file, None where it could not be read.
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
    digests: tuple[str | None, ...]
    skipped: tuple[tuple[str, str], ...]
    computed: int
    seconds: float


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
    progress: Progress | None = None,
) -> Extraction:
    """Turn pictures into vectors, taking from the store what is there and adding the rest.

    A picture that cannot be read is skipped and listed. An interrupted run loses at most the last
    seconds of work: the next one goes on where it stopped.

    Parameters
    ----------
    paths : iterable of str or path
    backbone, weights
        See `find_backbone`.
    views : str, or sequence of str or View, default=("whole",)
        What is shown, how large and how it is pooled, see `View`. Without a size it is the
        backbone's own.
    store : path, optional
        Root of the feature store; ``features`` in the `cache_folder` if not given.
    engine : {"auto", "openvino", "torch"}
        ``"auto"`` is OpenVINO where it is installed and there is no graphics processor.
    precision : {"float32", "bfloat16"}
        bfloat16 is about twice as fast on processors made for it.
    batch_size : int, optional
        Pictures per pass; chosen by the engine if not given. It changes no feature.
    n_jobs : int, optional
        Threads; as many as there are processors if not given.
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
    for name, number in (("batch_size", batch_size), ("n_jobs", n_jobs)):
        if number is not None and number < 1:
            raise FeatureError(f"{name} must be at least 1, not {number}")
    network = find_backbone(backbone, weights)
    recipe = plan(network, views, engine, precision)
    vectors = FeatureStore(cache_folder() / "features" if store is None else store, recipe)
    job = _Job([fspath(path) for path in paths], vectors, progress)
    before = len(vectors)
    if job.missing:
        job.compute(network, n_jobs or _processors(), batch_size)
    return job.result(len(vectors) - before, started)


class _Job:
    """What is known so far of one list of pictures."""

    def __init__(self, paths: list[str], store: FeatureStore, progress: Progress | None) -> None:
        self.paths = paths
        self.store = store
        self.progress = progress
        self.cache = DigestCache()
        self.stamps: list[Stamp | None] = [take_stamp(path) for path in paths]
        known = enumerate(self.cache.lookup(self.stamps))
        self.digests = {number: digest for number, digest in known if digest is not None}
        self.reasons: dict[int, str] = {}
        self.missing = self._missing()
        self._report(0)

    def compute(self, backbone: Backbone, n_jobs: int, batch_size: int | None) -> None:
        """Read what is not known, compute what is not stored, and store it as it comes."""
        recipe = self.store.recipe
        numbered = [(number, self.paths[number]) for number in self.missing]
        done = 0
        with (
            open_engine(recipe.engine, backbone, recipe.precision, n_jobs, batch_size) as engine,
            ShardWriter(self.store) as writer,
            # Closed even when interrupted, so that no thread goes on behind our back.
            closing(Pipeline(engine, recipe, n_jobs, self._is_known).run(numbered)) as batches,
        ):
            for batch in batches:
                self.digests.update(batch.read)
                self.reasons.update((number, error.reason) for number, error in batch.errors)
                failures = {
                    self.digests[number]: error.reason
                    for number, error in batch.errors
                    if error.lasting
                }
                writer.add(batch.digests, batch.vectors, failures)
                done += batch.size
                self._report(done)
        self.cache.remember(
            (stamp, self.digests[number])
            for number in self.missing
            if (stamp := self.stamps[number]) is not None and number in self.digests
        )

    def result(self, computed: int, started: float) -> Extraction:
        """Put together what was asked for."""
        numbers = range(len(self.paths))
        found = [self.digests.get(number) in self.store for number in numbers]
        skipped = tuple(
            (path, self._reason(number))
            for number, path in enumerate(self.paths)
            if not found[number]
        )
        return Extraction(
            recipe=self.store.recipe,
            X=self.store.read([self.digests[number] for number in numbers if found[number]]),
            readable=np.array(found, dtype=bool),
            digests=tuple(
                self.digests[number].hex() if number in self.digests else None for number in numbers
            ),
            skipped=skipped,
            computed=computed,
            seconds=time.perf_counter() - started,
        )

    def _is_known(self, digest: bytes) -> bool:
        return digest in self.store or digest in self.store.failures

    def _missing(self) -> list[int]:
        """Give the numbers of the pictures to be opened, each content once as far as is known."""
        met: set[bytes] = set()
        missing = []
        for number in range(len(self.paths)):
            digest = self.digests.get(number)
            if digest is None:
                missing.append(number)
            elif digest not in met and not self._is_known(digest):
                met.add(digest)
                missing.append(number)
        return missing

    def _reason(self, number: int) -> str:
        if number in self.reasons:
            return self.reasons[number]
        # A copy of what failed for a passing reason has no reason of its own.
        return self.store.failures.get(self.digests[number], "a copy of it cannot be read")

    def _report(self, done: int) -> None:
        if self.progress is not None:
            total = len(self.paths)
            self.progress(total - len(self.missing) + done, total)


def _processors() -> int:
    from joblib import cpu_count  # knows of containers' limits

    return int(cpu_count())
