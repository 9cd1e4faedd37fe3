"""Draw all scenes in parallel into a folder that appears only when it is complete."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ...utils import InputError
from .config import MenagerieSettings
from .manifest import (
    Animal,
    compute_digest,
    identity,
    image_name,
    open_ground_truth,
    read_digest,
    write_manifest,
)

if TYPE_CHECKING:
    from .scene import SceneAssets


JPEG_QUALITY = 90
CHUNK_SIZE = 20  # scenes per task: amortises the transfer, keeps the progress bar smooth


def menagerie(
    settings: MenagerieSettings | None = None, *, n_jobs: int = -1, progress: bool = False
) -> Path:
    """Return the label table of the scenes; draw them into the cache folder if necessary.

    Parameters
    ----------
    settings : MenagerieSettings, optional
        Default: the default data set.
    n_jobs : int
        Number of processes; -1 for one per core. The scenes do not depend on it.
    progress : bool
        Show a progress bar on the terminal.

    Returns
    -------
    Path
        The label table ``labels.csv``.
    """
    from ....features import cache_folder

    settings = settings or MenagerieSettings()
    out = cache_folder() / "menagerie" / compute_digest(identity(settings))
    return draw_scenes(settings, out, n_jobs=n_jobs, progress=progress)


def draw_scenes(
    settings: MenagerieSettings, out: str | Path, *, n_jobs: int = -1, progress: bool = False
) -> Path:
    """Draw scenes into a folder, which appears when it is complete.

    Parameters
    ----------
    settings : MenagerieSettings
    out : path-like
        A folder that does not exist, is empty, or already contains these scenes (then nothing is
        drawn).
    n_jobs : int
        Number of processes; -1 for one per core. The scenes do not depend on it.
    progress : bool
        Show a progress bar on the terminal.

    Returns
    -------
    Path
        The label table ``labels.csv`` in `out`. The folder also contains ``objects.csv`` (ground
        truth of each animal), ``scenes.json`` (settings), ``CREDITS.txt`` and ``images/``.

    Raises
    ------
    InputError
        If `out` contains anything else or cannot be written, or a sprite is invalid.

    Examples
    --------
    >>> import tempfile
    >>> settings = MenagerieSettings(number=2, labels=("cat", "dog"), canvas=64)
    >>> table = draw_scenes(settings, Path(tempfile.mkdtemp()) / "scenes", n_jobs=1)
    >>> print(table.read_text().splitlines()[0])
    image,labels,split
    """
    out = Path(out).absolute()
    scenes_identity = identity(settings)
    digest = compute_digest(scenes_identity)
    if not is_complete(out, digest):
        _open_assets(settings, digest)  # reports invalid sprites before anything is written
        with atomic_folder(out, digest) as folder:
            _draw(settings, digest, folder, n_jobs, progress)
            write_manifest(folder, scenes_identity, settings)
    return out / "labels.csv"


def _draw(
    settings: MenagerieSettings, digest: str, folder: Path, n_jobs: int, progress: bool
) -> None:
    """Draw all scenes and write their ground truth in order."""
    from joblib import Parallel, delayed

    from ....features import progress_bar

    (folder / "images").mkdir()
    chunks = [
        range(start, min(start + CHUNK_SIZE, settings.number))
        for start in range(0, settings.number, CHUNK_SIZE)
    ]
    tasks = (delayed(_draw_chunk)(settings, digest, folder, chunk) for chunk in chunks)
    parallel = Parallel(n_jobs=n_jobs, return_as="generator")
    with (
        progress_bar("drawing scenes", show=progress) as update_progress,
        closing(parallel(tasks)) as drawn,  # stops the workers of an interrupted run
        open_ground_truth(folder) as write_ground_truth,
    ):
        for chunk, scenes in zip(chunks, drawn, strict=True):
            for index, animals in zip(chunk, scenes, strict=True):
                write_ground_truth(index, animals)
            update_progress(chunk.stop, settings.number)


def _draw_chunk(
    settings: MenagerieSettings, digest: str, folder: Path, indices: range
) -> list[list[Animal]]:
    from .scene import draw_scene

    assets = _open_assets(settings, digest)
    ground_truth = []
    for index in indices:
        image, animals = draw_scene(settings, assets, index)
        image.save(folder / image_name(index), quality=JPEG_QUALITY)
        ground_truth.append(animals)
    return ground_truth


@lru_cache(maxsize=1)
def _open_assets(settings: MenagerieSettings, digest: str) -> "SceneAssets":
    """Open the assets once per process; the digest in the cache key detects changed sprites."""
    from .scene import SceneAssets
    from .sprites import catalogue

    return SceneAssets(settings, catalogue(settings))


def is_complete(out: Path, digest: str) -> bool:
    """Return whether a folder already contains these scenes.

    Raises
    ------
    InputError
        If it contains anything else.
    """
    if read_digest(out) == digest:
        return True
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            f"{out}: exists and does not contain these scenes; choose another folder or remove it"
        )
    return False


@contextmanager
def atomic_folder(out: Path, digest: str) -> Iterator[Path]:
    """Yield a temporary folder, which is renamed to `out` when the block succeeds.

    A block that fails leaves nothing. A killed process leaves a hidden folder that is never used
    as scenes. If two processes write the same scenes at the same time, the first one wins.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    # In the same parent folder as `out`, so that the last step is a rename.
    partial = out.with_name(f".{out.name}.{uuid.uuid4().hex}.partial")
    try:
        partial.mkdir(parents=True)
        yield partial
        try:
            partial.rename(out)
        except OSError:
            if not is_complete(out, digest):
                raise
    except OSError as error:
        raise InputError(
            f"{out}: the scenes cannot be written there ({error.strerror or error}); "
            "choose another folder or free disk space"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
