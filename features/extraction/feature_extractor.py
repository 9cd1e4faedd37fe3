"""A recipe at work for a long time: its network is loaded once, at the first picture that needs it.

`extract_features` is for one list of pictures. This is for one list after the other, and for
pictures that are in memory and in no file.
"""

import threading
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from PIL import Image

from ..backbones import Backbone
from ..engines import Engine, Network, open_engine
from ..preprocessing import PRELOGITS, MapView, SharedPasses, quiet_pillow
from ..store import SHARD_ROWS, FeatureStore, MemoryStore, Recipe
from ..utils import FeatureError, Progress, cache_folder
from .attribution import Places
from .extraction import Extraction
from .extractor import Computer, Terms
from .pending_images import Job
from .pipeline import Batch


class OpenFeatures:
    """Turns pictures into vectors for as long as it is open; use it in a ``with`` statement.

    Any number of threads may call `vectors`; one at a time may call `extract`.

    Parameters
    ----------
    backbone : Backbone
    recipe : Recipe
        Made with that backbone.
    store : path, optional
        As for `extract_features`.
    keep : bool, default=True
        False: `extract` neither takes vectors from a store nor adds any.
    n_jobs : int, optional
        Threads; as many as there are processors if not given.

    Examples
    --------
    >>> from PIL import Image
    >>> from catnocat.features import OpenFeatures, find_backbone, plan_recipe
    >>> with OpenFeatures(find_backbone(), plan_recipe(engine="torch"), keep=False) as features:
    ...     features.vectors([Image.new("RGB", (64, 48)), Image.new("RGB", (9, 9))]).shape
    (2, 1280)
    """

    def __init__(
        self,
        backbone: Backbone,
        recipe: Recipe,
        *,
        store: str | PathLike[str] | None = None,
        keep: bool = True,
        n_jobs: int | None = None,
    ) -> None:
        self.backbone = backbone
        self.recipe = recipe
        self._terms = Terms(n_jobs, None, SHARD_ROWS, retry_failed=False)
        self._root = Path(cache_folder() / "features" if store is None else store).absolute()
        self._keep = keep
        self._store: FeatureStore | None = None
        self._computer: Computer | None = None
        self._engine: Engine | None = None
        self._networks: list[Network] | None = None
        self._map_networks: list[Network] | None = None
        self._shared = SharedPasses(recipe.views, recipe.channels)
        self._loading = threading.Lock()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(quiet_pillow())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the network; the next picture would load it again."""
        self._open.close()
        self._computer = self._engine = self._networks = self._map_networks = self._store = None

    def extract(
        self, paths: Sequence[str | PathLike[str]], progress: Progress | None = None
    ) -> Extraction:
        """Give the vectors of the pictures in files, as `extract_features` does.

        Parameters
        ----------
        paths : sequence of str or path
        progress : callable, optional
            Called with the numbers of pictures done and of all.

        Returns
        -------
        Extraction
        """
        started = time.perf_counter()
        if self._store is None:
            self._store = (
                FeatureStore(self._root, self.recipe) if self._keep else MemoryStore(self.recipe)
            )
        elif not self._keep:
            self._store.reload()
        job = Job(tuple(paths), self._store)
        job.carry_out(self._compute(job), progress)
        found = job.found()
        return Extraction(
            recipe=self.recipe,
            X=self._store.read(job.digests[found]).reshape(-1, *self.recipe.shape),
            readable=found,
            sha256=job.digests,
            skipped=job.skipped(found, "a copy of it cannot be read"),
            computed=job.computed,
            seconds=time.perf_counter() - started,
        )

    def vectors(self, images: Sequence[Image.Image]) -> np.ndarray:
        """Give the vectors of pictures in memory; no store is asked.

        Parameters
        ----------
        images : sequence of PIL.Image.Image
            Upright RGB, as `read_image` and `decode_image` give them.

        Returns
        -------
        numpy.ndarray
            float32 (n_images, *recipe.shape): the same numbers that `extract` gives for their
            files.
        """
        networks = self._load()
        if not len(images):
            return np.empty((0, *self.recipe.shape), np.float32)
        shown = [self._shared.show(image, self.recipe.preprocessing) for image in images]
        answers = [
            network(np.concatenate(pile))
            for network, pile in zip(networks, zip(*shown, strict=True), strict=True)
        ]
        return self._shared.vectors(answers).reshape(-1, *self.recipe.shape)

    def places(self, image: Image.Image, directions: np.ndarray) -> tuple[np.ndarray, list[Places]]:
        """Share weighted sums of a picture's features out among its places, see `places_of`.

        Parameters
        ----------
        image : PIL.Image.Image
        directions : numpy.ndarray
            The weights of each sum, (n_sums, *recipe.shape).

        Returns
        -------
        row : numpy.ndarray
            The picture's features, (*recipe.shape,).
        places : list of Places
            Add up to the sums, unless the pooling is ``regions``.
        """
        from .attribution import places_of

        if any(PRELOGITS in view.poolings for view in self.recipe.views):
            raise FeatureError("pre-logits are no pooling of a feature map: they have no places")

        with self._loading:
            if self._map_networks is None:
                engine = self._open_engine()
                views = self._shared.networks
                self._map_networks = [engine.network(MapView(view.size)) for view in views]
        shown = self._shared.show(image, self.recipe.preprocessing)
        answers = [run(seen) for run, seen in zip(self._map_networks, shown, strict=True)]
        flat = directions.reshape(len(directions), -1)
        row, places = places_of(self.recipe, image, answers, flat)
        return row.reshape(self.recipe.shape), places

    def _compute(self, job: Job) -> Generator[Batch]:
        if self._computer is None:
            self._computer = self._open.enter_context(
                Computer(self.backbone, job.store, self._terms)
            )
        yield from self._computer.run(job.todo())

    def _load(self) -> list[Network]:
        with self._loading:
            if self._networks is None:
                engine = self._open_engine()
                self._networks = [engine.network(view) for view in self._shared.networks]
            return self._networks

    def _open_engine(self) -> Engine:
        if self._engine is None:
            recipe, threads = self.recipe, self._terms.threads
            self._engine = self._open.enter_context(
                open_engine(recipe.engine, self.backbone, recipe.precision, threads, None)
            )
        return self._engine
