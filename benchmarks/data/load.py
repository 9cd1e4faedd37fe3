"""Load a data set by its name or its path."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from ...features import cache_folder
from ..utils import announce
from .download import NAMED_DATASETS, find_or_download
from .formats import read_dataset
from .scenes import menagerie
from .tables import (
    LabelTable,
    TableOptions,
    check_label_names,
    merge_same_image,
    refuse_for_other_formats,
)


def load_dataset(
    dataset: str | Path,
    *,
    format: str | None = None,
    data: str | Path | None = None,
    n_jobs: int = -1,
    progress: bool = False,
    needs_split: bool = False,
    **reading: Any,
) -> LabelTable:
    """Read a data set and check its label names.

    Deviations from a plain reading, such as label names that are split, are listed in its `notes`
    and logged as warnings of the logger ``catnocat``.

    Parameters
    ----------
    dataset : str or Path
        ``"menagerie"``, one of ``"voc2007"``, ``"voc2012"``, ``"coco2014"`` and ``"coco2017"``, or
        the path of a label table or of a file or folder in a known format. A name takes
        precedence over a file of the same name; ``./voc2007`` is the file.
    format : str, optional
        Format of the path, if it cannot be detected.
    data : path, optional
        Folder of the named data sets; by default ``data`` in the cache folder.
    n_jobs : int
        Processes that draw scenes that do not exist yet.
    progress : bool
        Show the progress of drawing or downloading.
    needs_split : bool
        Refuse a label table whose split has no training or no test images, instead of ignoring the
        split.
    **reading
        How a label table is read: `image_column`, `separator` and so on, see
        `catnocat.benchmarks.data.tables.TableOptions`.

    Returns
    -------
    LabelTable

    Raises
    ------
    InputError
        If the data set does not exist, cannot be read or cannot be downloaded.
    """
    name = str(dataset)
    options = TableOptions(**reading)
    if name == "menagerie" or name in NAMED_DATASETS:
        refuse_for_other_formats(options, name, "a data set of that name")
    if name == "menagerie":
        drawn = read_dataset(menagerie(n_jobs=n_jobs, progress=progress))
        return replace(drawn, name=name)  # its folder is named by a digest
    if name in NAMED_DATASETS:
        named = NAMED_DATASETS[name]
        folder = cache_folder() / "data" if data is None else Path(data)
        return replace(named.read(find_or_download(named, folder, progress=progress)), name=name)
    table = read_dataset(dataset, format, options, needs_split=needs_split)
    table = merge_same_image(check_label_names(table, options))
    table = replace(table, bit_depth=options.bit_depth)
    announce(table.notes)
    return table
