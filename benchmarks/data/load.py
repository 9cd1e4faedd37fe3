"""Loading a data set by its name or its path."""

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
    """Read a data set and question its label names.

    How it was read where that is not plain, such as label names that were split, is told in its
    `notes`, which are logged as warnings of the logger ``catnocat``.

    Parameters
    ----------
    dataset : str or Path
        ``"menagerie"``, one of ``"voc2007"``, ``"voc2012"``, ``"coco2014"`` and ``"coco2017"``, or
        the path of a label table or of a file or folder in a known format. A name is a name even
        where a file is called so; ``./voc2007`` is the file.
    format : str, optional
        The format of a path, where it cannot be told from what lies there.
    data : path, optional
        Where the named data sets lie, or are put; ``data`` in the cache folder if not given.
    n_jobs : int
        Processes that draw scenes, where they are not drawn yet.
    progress : bool
        Show how far the drawing or the download is.
    needs_split : bool
        Refuse a label table whose split lacks training or test images, instead of leaving the split
        out.
    **reading
        How a label table is read: `image_column`, `separator` and so on, see
        `catnocat.benchmarks.data.tables.TableOptions`.

    Returns
    -------
    LabelTable

    Raises
    ------
    InputError
        If there is nothing of that name, or it cannot be read or fetched.
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
