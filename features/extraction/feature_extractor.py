"""Extract features with a network that is loaded once, on first use.

`extract_features` is for a single list of images. This class is for repeated calls, and for images
in memory.
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
from ..preprocessing import PRELOGITS, MapView, ViewBatching, quiet_pillow
from ..store import SHARD_ROWS, FeatureStore, MemoryStore, Recipe
from ..utils import FeatureError, Progress, cache_folder
from .attribution import CropContributions
from .extraction import Extraction
from .extractor import Computer, Terms
from .pending_images import Job
from .pipeline import Batch


class FeatureExtractor:
    """Feature extractor that keeps its network loaded; use it in a ``with`` statement.

    `vectors` may be called from several threads; `extract` only from one at a time.

    Parameters
    ----------
    backbone : Backbone
    recipe : Recipe
        Made with the same backbone.
    store : path, optional
        As in `extract_features`.
    keep : bool, default=True
        If False, `extract` neither reads vectors from a store nor writes any.
    n_jobs : int, optional
        Number of threads; by default the number of processors.

    Examples
    --------
    >>> from PIL import Image
    >>> from catnocat.features import FeatureExtractor, find_backbone, plan_recipe
    >>> with FeatureExtractor(find_backbone(), plan_recipe(engine="torch"), keep=False) as features:
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
        self._shared = ViewBatching(recipe.views, recipe.channels)
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
        """Release the network; the next call would load it again."""
        self._open.close()
        self._computer = self._engine = self._networks = self._map_networks = self._store = None

    def extract(
        self, paths: Sequence[str | PathLike[str]], progress: Progress | None = None
    ) -> Extraction:
        """Return the vectors of image files, as `extract_features` does.

        Parameters
        ----------
        paths : sequence of str or path
        progress : callable, optional
            Called with the number of finished images and the total.

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
        readable = job.found()
        return Extraction(
            recipe=self.recipe,
            X=self._store.read(job.digests[readable]).reshape(-1, *self.recipe.shape),
            readable=readable,
            sha256=job.digests,
            skipped=job.skipped(readable, "a copy of it cannot be read"),
            computed=job.computed,
            seconds=time.perf_counter() - started,
        )

    def vectors(self, images: Sequence[Image.Image]) -> np.ndarray:
        """Compute the vectors of images in memory, without using a store.

        Parameters
        ----------
        images : sequence of PIL.Image.Image
            Upright RGB images, as `read_image` and `decode_image` return them.

        Returns
        -------
        numpy.ndarray
            float32 (n_images, *recipe.shape), identical to the vectors that `extract` returns for
            the same images in files.
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

    def attribute(
        self, image: Image.Image, directions: np.ndarray
    ) -> tuple[np.ndarray, list[CropContributions]]:
        """Attribute weighted sums of an image's features to its regions, see `crop_contributions`.

        Parameters
        ----------
        image : PIL.Image.Image
        directions : numpy.ndarray
            Weights of each sum, (n_sums, *recipe.shape).

        Returns
        -------
        row : numpy.ndarray
            The features of the image, (*recipe.shape,).
        places : list of CropContributions
            Their values add up to the sums, unless the pooling is ``regions``.
        """
        from .attribution import crop_contributions

        if any(PRELOGITS in view.poolings for view in self.recipe.views):
            raise FeatureError("pre-logits are not pooled from a feature map: they have no places")

        with self._loading:
            if self._map_networks is None:
                engine = self._open_engine()
                views = self._shared.networks
                self._map_networks = [engine.network(MapView(view.size)) for view in views]
        shown = self._shared.show(image, self.recipe.preprocessing)
        answers = [run(crops) for run, crops in zip(self._map_networks, shown, strict=True)]
        flat = directions.reshape(len(directions), -1)
        row, places = crop_contributions(self.recipe, image, answers, flat)
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
