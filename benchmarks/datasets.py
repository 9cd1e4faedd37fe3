"""The data sets that can be asked for by name or by path."""

from dataclasses import replace
from pathlib import Path

from .formats import read_dataset
from .menagerie import menagerie
from .tables import LabelTable


def load_dataset(dataset: str | Path, *, n_jobs: int = -1, progress: bool = False) -> LabelTable:
    """Read a data set.

    Parameters
    ----------
    dataset : str or Path
        ``"menagerie"``, or the path of a label table or of a folder that holds one.
    n_jobs : int
        Processes that draw scenes, where they are not drawn yet.
    progress : bool
        Show how far the drawing is.

    Raises
    ------
    InputError
        If there is nothing of that name, or it cannot be read.
    """
    if str(dataset) == "menagerie":
        drawn = read_dataset(menagerie(n_jobs=n_jobs, progress=progress))
        return replace(drawn, name="menagerie")  # its folder is named by a digest
    return read_dataset(dataset)
