"""Compute the vectors of images with one network and write them to a store."""

import hashlib
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ..backbones import Backbone
from ..engines import open_engine
from ..preprocessing import read_file
from ..store import FeatureStore, ShardWriter
from ..utils import FeatureError, UnreadableImage
from .pipeline import Batch, Pipeline


@dataclass(frozen=True)
class Terms:
    """Settings of a computation that do not change the features.

    Parameters
    ----------
    n_jobs : int or None
        Number of threads; None for the number of processors.
    batch_size : int or None
        Images per forward pass; None for the default of the engine.
    shard_rows : int
        Rows that are written at once.
    retry_failed : bool
        Try images again that could not be read in an earlier run.
    """

    n_jobs: int | None
    batch_size: int | None
    shard_rows: int
    retry_failed: bool

    def __post_init__(self) -> None:
        for name in ("n_jobs", "batch_size", "shard_rows"):
            number = getattr(self, name)
            if number is not None and number < 1:
                raise FeatureError(f"{name} must be at least 1, not {number}")

    @property
    def threads(self) -> int:
        """Number of threads on this machine."""
        from joblib import cpu_count  # respects the limits of containers

        return self.n_jobs or int(cpu_count())


class Computer:
    """Computation of the vectors that a store lacks; use it in a ``with`` statement.

    Parameters
    ----------
    backbone : Backbone
    store : FeatureStore
    terms : Terms
    """

    def __init__(self, backbone: Backbone, store: FeatureStore, terms: Terms) -> None:
        recipe = store.recipe
        n_jobs = terms.threads
        self.store = store
        self.terms = terms
        self._writable = False
        with ExitStack() as stack:
            engine = open_engine(
                recipe.engine, backbone, recipe.precision, n_jobs, terms.batch_size
            )
            stack.enter_context(engine)
            self._pipeline = Pipeline(engine, recipe, n_jobs, self._is_known)
            self._open = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def run(self, numbered: Sequence[tuple[int, str]]) -> Generator[Batch]:
        """Compute and store images; yield the results in batches."""
        with (
            ShardWriter(self.store, self.terms.shard_rows) as writer,
            # Closed on interruption too, so that no thread continues in the background.
            closing(self._pipeline.run(numbered)) as batches,
        ):
            for batch in batches:
                digests = dict(batch.read)
                failures = {
                    digests[number]: error.reason for number, error in batch.errors if error.lasting
                }
                writer.add(batch.digests, batch.vectors, failures)
                yield batch

    def _is_known(self, digest: bytes) -> bool:
        if digest in self.store:
            return True
        if digest in self.store.failures and not self.terms.retry_failed:
            return True
        if not self._writable:  # fail before the first image is computed, not after
            self.store.check_writable()
            self._writable = True
        return False


def compute_here(
    backbone: Backbone, store: FeatureStore, terms: Terms, numbered: Sequence[tuple[int, str]]
) -> Generator[Batch]:
    """Compute and store images in this process; yield the results in batches."""
    with Computer(backbone, store, terms) as computer:
        yield from computer.run(numbered)


def read_only(numbered: Iterable[tuple[int, str]]) -> Generator[Batch]:
    """Compute the digests of images but no vectors."""
    for number, path in numbered:
        try:
            yield Batch(1, read=[(number, hashlib.sha256(read_file(path)).digest())])
        except UnreadableImage as error:
            yield Batch(1, errors=[(number, error)])
