"""Drawing all scenes: in parallel, into a folder that is whole or not there."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ...utils import InputError
from .config import MenagerieSettings
from .manifest import Animal, digest_in, digest_of, identity, image_name, truth_tables, write_papers


def is_whole(out: Path, digest: str) -> bool:
    """Tell whether these scenes are there already.

    Raises
    ------
    InputError
        If anything else is there.
    """
    if digest_in(out) == digest:
        return True
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            f"{out}: is there already and does not hold these scenes; "
            "choose another folder or remove it"
        )
    return False


@contextmanager
def published(out: Path, digest: str) -> Iterator[Path]:
    """Give a folder to write into, which becomes `out` when the block ends well.

    A block that fails leaves nothing; a process that is killed leaves a hidden folder that nobody
    takes for scenes. Of two processes that are at it at once, the first wins.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    # A neighbour of `out`, so that the last step is a mere renaming.
    partial = out.with_name(f".{out.name}.{uuid.uuid4().hex}.partial")
    try:
        partial.mkdir(parents=True)
        yield partial
        try:
            partial.rename(out)
        except OSError:
            if not is_whole(out, digest):
                raise
    except OSError as error:
        raise InputError(
            f"{out}: the scenes cannot be written there ({error.strerror or error}); "
            "choose another folder or make room"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


if TYPE_CHECKING:
    from .scene import Studio


JPEG_QUALITY = 90
CHUNK = 20  # scenes per task: long enough to pay for sending it, short enough for the progress bar


def menagerie(
    settings: MenagerieSettings | None = None, *, n_jobs: int = -1, progress: bool = False
) -> Path:
    """Give the label table of the scenes, drawn into the cache folder if they are not there yet.

    Parameters
    ----------
    settings : MenagerieSettings, optional
        What to draw; the default data set if not given.
    n_jobs : int
        Processes that draw; -1 for one per core. The scenes do not depend on it.
    progress : bool
        Show a progress bar on the terminal.

    Returns
    -------
    Path
        The label table ``labels.csv``.
    """
    from ....features import cache_folder

    settings = settings or MenagerieSettings()
    out = cache_folder() / "menagerie" / digest_of(identity(settings))
    return draw_scenes(settings, out, n_jobs=n_jobs, progress=progress)


def draw_scenes(
    settings: MenagerieSettings, out: str | Path, *, n_jobs: int = -1, progress: bool = False
) -> Path:
    """Draw scenes into a folder, which appears when it is whole.

    Parameters
    ----------
    settings : MenagerieSettings
        What to draw.
    out : path-like
        A folder that is not there, is empty, or holds these very scenes already: then nothing is
        drawn.
    n_jobs : int
        Processes that draw; -1 for one per core. The scenes do not depend on it.
    progress : bool
        Show a progress bar on the terminal.

    Returns
    -------
    Path
        The label table ``labels.csv`` in `out`, beside ``objects.csv`` (the truth about every
        animal), ``scenes.json`` (the settings), ``CREDITS.txt`` and the folder ``images``.

    Raises
    ------
    InputError
        If `out` holds anything else or cannot be written, or a sprite is of no use.

    Examples
    --------
    >>> import tempfile
    >>> settings = MenagerieSettings(number=2, labels=("cat", "dog"), canvas=64)
    >>> table = draw_scenes(settings, Path(tempfile.mkdtemp()) / "scenes", n_jobs=1)
    >>> print(table.read_text().splitlines()[0])
    image,labels,split
    """
    out = Path(out).absolute()
    what = identity(settings)
    digest = digest_of(what)
    if not is_whole(out, digest):
        _studio(settings, digest)  # a sprite of no use is told before anything is begun
        with published(out, digest) as folder:
            _draw(settings, digest, folder, n_jobs, progress)
            write_papers(folder, what, settings)
    return out / "labels.csv"


def _draw(
    settings: MenagerieSettings, digest: str, folder: Path, n_jobs: int, progress: bool
) -> None:
    """Draw all scenes, and write down the truth about them as they come in, in order."""
    from joblib import Parallel, delayed

    from ....features import progress_bar

    (folder / "images").mkdir()
    chunks = [
        range(start, min(start + CHUNK, settings.number))
        for start in range(0, settings.number, CHUNK)
    ]
    tasks = (delayed(_draw_chunk)(settings, digest, folder, chunk) for chunk in chunks)
    parallel = Parallel(n_jobs=n_jobs, return_as="generator")
    with (
        progress_bar("drawing scenes", show=progress) as report,
        closing(parallel(tasks)) as drawn,  # an interrupted run must not go on drawing
        truth_tables(folder) as write_truth,
    ):
        for chunk, scenes in zip(chunks, drawn, strict=True):
            for index, animals in zip(chunk, scenes, strict=True):
                write_truth(index, animals)
            report(chunk.stop, settings.number)


def _draw_chunk(
    settings: MenagerieSettings, digest: str, folder: Path, indices: range
) -> list[list[Animal]]:
    from .scene import draw_scene

    studio = _studio(settings, digest)
    truth = []
    for index in indices:
        picture, animals = draw_scene(settings, studio, index)
        picture.save(folder / image_name(index), quality=JPEG_QUALITY)
        truth.append(animals)
    return truth


@lru_cache(maxsize=1)
def _studio(settings: MenagerieSettings, digest: str) -> "Studio":
    """Open the studio once per process; the digest notices sprites that changed since."""
    from .scene import Studio
    from .sprites import catalogue

    return Studio(settings, catalogue(settings))
