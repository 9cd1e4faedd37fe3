"""Drawing all scenes: in parallel, into a folder that is whole or not there."""

from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from .identity import digest_of, identity
from .papers import write_papers
from .publish import is_whole, published
from .settings import MenagerieSettings
from .truth import Animal, image_name, truth_tables

if TYPE_CHECKING:
    from .scene import Studio

__all__ = ["draw_scenes", "menagerie"]

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
    from ...features import cache_folder

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

    from ...features import progress_bar

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
    from .catalogue import catalogue
    from .scene import Studio

    return Studio(settings, catalogue(settings))
