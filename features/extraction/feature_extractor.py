"""Extract feature vectors: read the stored ones, compute and store the others."""

import threading
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from PIL import Image

from ..backbones import Backbone
from ..engines import Engine, Network, open_engine
from ..preprocessing import PRELOGITS, MapView, ViewBatching, quiet_pillow
from ..store import (
    IMPORTED,
    BatchResult,
    FeatureStore,
    MemoryStore,
    PendingImages,
    Recipe,
    find_imported,
)
from ..utils import FeatureError, Progress, cache_folder
from .attribution import CropContributions, crop_contributions
from .config import ExtractionConfig
from .dask_backend import compute_on_workers
from .image_pipeline import ImagePipeline


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


class FeatureExtractor:
    """Feature extractor; use it in a ``with`` statement.

    The network is loaded on first use and stays loaded until the end of the statement. `vectors`
    and `attribute` may be called from several threads, `run` only from one at a time.

    Parameters
    ----------
    config : ExtractionConfig, optional
    store : path, optional
        Root of the feature store; by default ``features`` in the `cache_folder`.
    use_store : bool, default=True
        If False, `run` neither reads vectors from a store nor writes any.
    backbone : Backbone, optional
        The configured backbone, if it was built already.

    Attributes
    ----------
    recipe : Recipe

    Raises
    ------
    FeatureError
        If the configuration is invalid or weights are missing.

    Examples
    --------
    >>> from PIL import Image
    >>> from catnocat.features import ExtractionConfig, FeatureExtractor
    >>> config = ExtractionConfig(engine="torch")
    >>> with FeatureExtractor(config, use_store=False) as extractor:
    ...     extractor.vectors([Image.new("RGB", (64, 48)), Image.new("RGB", (9, 9))]).shape
    (2, 1280)
    """

    def __init__(
        self,
        config: ExtractionConfig | None = None,
        *,
        store: str | PathLike[str] | None = None,
        use_store: bool = True,
        backbone: Backbone | None = None,
    ) -> None:
        self.config = ExtractionConfig() if config is None else config
        self.backbone = backbone
        self._root = Path(cache_folder() / "features" if store is None else store).absolute()
        self._imported = self.config.backbone.startswith(IMPORTED)
        if self._imported:
            self.recipe = find_imported(self._root, self.config.backbone)
        else:
            self.backbone = backbone or self.config.find_backbone()
            self.recipe = self.config.recipe(self.backbone)
        self._use_store = use_store
        self._store: FeatureStore | None = None
        self._engine: Engine | None = None
        self._networks: list[Network] | None = None
        self._map_networks: list[Network] | None = None
        self._batching = ViewBatching(self.recipe.views, self.recipe.channels)
        self._loading = threading.Lock()
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        self._resources.enter_context(quiet_pillow())
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
        self._resources.close()
        self._engine = self._networks = self._map_networks = self._store = None

    def run(
        self, paths: Iterable[str | PathLike[str]], progress: Progress | None = None
    ) -> Extraction:
        """Return the vectors of image files; compute and store those that the store lacks.

        An image that cannot be read is skipped and listed.

        Parameters
        ----------
        paths : iterable of str or path
        progress : callable, optional
            Called with the number of finished images and the total, see `progress_bar`.

        Returns
        -------
        Extraction
        """
        started = time.perf_counter()
        store = self._open_store()
        with PendingImages(tuple(paths), store, self.config.retry_failed, progress) as pending:
            store.repair_description()
            if self._imported:
                pending.compute_digests()
            elif len(pending):
                with closing(self._compute(pending, store)) as results:
                    for result in results:
                        pending.record(result)
        if self.config.scheduler is not None and not self._imported:
            _check_workers_wrote(pending)
        readable = pending.has_vector()
        reason = "a copy of it cannot be read"
        if self._imported:
            reason = f"nothing was imported for it as {self.config.backbone}"
        return Extraction(
            recipe=self.recipe,
            X=store.read(pending.digests[readable]).reshape(-1, *self.recipe.shape),
            readable=readable,
            sha256=pending.digests,
            skipped=pending.skipped(readable, reason),
            computed=pending.computed,
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
            float32 (n_images, *recipe.shape), identical to the vectors that `run` returns for the
            same images in files.
        """
        networks = self._load_networks()
        if not len(images):
            return np.empty((0, *self.recipe.shape), np.float32)
        inputs = [
            self._batching.network_inputs(image, self.recipe.preprocessing) for image in images
        ]
        outputs = [
            network(np.concatenate(crops))
            for network, crops in zip(networks, zip(*inputs, strict=True), strict=True)
        ]
        return self._batching.vectors(outputs).reshape(-1, *self.recipe.shape)

    def attribute(
        self, image: Image.Image, directions: np.ndarray
    ) -> tuple[np.ndarray, list[CropContributions]]:
        """Attribute weighted sums of an image's features to its regions.

        Parameters
        ----------
        image : PIL.Image.Image
        directions : numpy.ndarray
            Weights of each sum, (n_sums, *recipe.shape).

        Returns
        -------
        row : numpy.ndarray
            The features of the image, (*recipe.shape,).
        contributions : list of CropContributions
            Their values add up to the sums, unless the pooling is ``regions``.

        See Also
        --------
        crop_contributions : The method.
        """
        if any(PRELOGITS in view.poolings for view in self.recipe.views):
            raise FeatureError(
                "pre-logits are not pooled from a feature map: they have no contributions of"
                " regions"
            )
        with self._loading:
            if self._map_networks is None:
                engine = self._load_engine()
                views = self._batching.networks
                self._map_networks = [engine.network(MapView(view.size)) for view in views]
        inputs = self._batching.network_inputs(image, self.recipe.preprocessing)
        maps = [run(crops) for run, crops in zip(self._map_networks, inputs, strict=True)]
        flat = directions.reshape(len(directions), -1)
        row, contributions = crop_contributions(self.recipe, image, maps, flat)
        return row.reshape(self.recipe.shape), contributions

    def _open_store(self) -> FeatureStore:
        if self._store is None:
            self._store = (
                FeatureStore(self._root, self.recipe)
                if self._use_store
                else MemoryStore(self.recipe)
            )
        elif not self._use_store:
            self._store.reload()
        return self._store

    def _compute(self, pending: PendingImages, store: FeatureStore) -> Generator[BatchResult]:
        """Return a generator that computes the pending images, here or on Dask workers."""
        if self.config.scheduler is not None:
            return compute_on_workers(self.config, self.recipe, self._root, pending)
        networks = self._load_networks()
        return ImagePipeline(networks, self._load_engine().batch_size, store, self.config).run(
            pending
        )

    def _load_networks(self) -> list[Network]:
        with self._loading:
            if self._networks is None:
                engine = self._load_engine()
                self._networks = [engine.network(view) for view in self._batching.networks]
            return self._networks

    def _load_engine(self) -> Engine:
        if self._engine is None:
            if self.backbone is None:
                raise FeatureError(
                    f"{self.config.backbone}: the vectors of new images cannot be computed"
                )
            self._engine = self._resources.enter_context(
                open_engine(
                    self.recipe.engine,
                    self.backbone,
                    self.recipe.precision,
                    self.config.count_threads(),
                    self.config.batch_size,
                )
            )
        return self._engine


def _check_workers_wrote(pending: PendingImages) -> None:
    pending.store.reload()
    if lost := len(pending.unexplained()):
        raise FeatureError(
            f"{lost} images that the workers computed are not in {pending.store.folder}: the store"
            " must be a folder that all machines see under the same path"
        )
