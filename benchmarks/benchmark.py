"""Comparison of multi-label methods on one or several data sets, behind `catnocat bench`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .analysis import JointResults, ScoredPredictions, analyse, rank_over_datasets
from .data import DataLike
from .evaluation import BenchOptions, evaluate, load, write_predictions
from .report import Result, write_joint_reports
from .report.text import joint_answer, summarise
from .utils import (
    InputError,
    check_output_folder,
    open_output_folder,
    show_progress,
    translate_write_errors,
    write_json,
)


def bench(
    dataset: DataLike = "menagerie",
    *,
    out: str | Path | None = None,
    progress: bool = False,
    on_scored: Callable[[ScoredPredictions], Any] | None = None,
    **options: Any,
) -> Result:
    """Compare multi-label methods on frozen features of the images of a data set.

    Parameters
    ----------
    dataset : str, path, LabelTable, DataFrame or pair (X, Y)
        A name such as ``"menagerie"`` or a path, see `catnocat.benchmarks.load_dataset`; a pandas
        DataFrame with the columns of a label table, whose image paths are absolute or relative to
        the working directory; or a pair of feature vectors ``X`` and ground truth ``Y``, with one
        column of 0, 1 or NaN (unknown) per label.
    out : path or None
        Folder for `results.json`, `predictions.parquet`, `report.html` and `report.md`; None: write
        nothing.
    progress : bool
        Show the current step on stderr, if that is a terminal.
    on_scored : callable, optional
        Called with the metrics of all methods on all resamples, which are not part of the results.
    **options
        Fields of `catnocat.benchmarks.evaluation.BenchOptions`: ``methods``, ``folds``, ``views``,
        ``seed`` and so on. ``methods`` may be a list or ``"logistic,chain"``.

    Returns
    -------
    Result
        The content of `results.json` as a dictionary, with data frames and plots.

    Raises
    ------
    TypeError
        If there is no option of that name.
    InputError, catnocat.features.FeatureError
        In one line: what is wrong, where, and what to do.

    See Also
    --------
    bench_several : Compare methods on several data sets.
    bench_backbones : Compare methods on the features of several networks.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(120, 5))
    >>> result = bench((X, X[:, :3] > 0), methods="logistic,chain", folds=2, n_jobs=1)
    >>> result["dataset"]["images"], [entry["name"] for entry in result["methods"]]
    (120, ['logistic', 'chain', 'constant'])
    """
    config = parse_options(options)
    folder = check_output_folder(out)
    data = load(dataset, config, progress=progress)
    predictions = evaluate(data, config, progress=progress)
    analysis = analyse(data, predictions, config, progress=progress, on_scored=on_scored)
    result = Result(summarise(analysis, data, config))
    if folder is not None:
        with show_progress("report", show=progress), translate_write_errors(folder):
            result["predictions"] = write_predictions(
                folder / "predictions.parquet",
                predictions.methods,
                data.table,
                data.folds,
                max_predictions=config.max_predictions,
            )
            result.save(folder)
    return result


def bench_several(
    datasets: Sequence[DataLike], *, out: str | Path | None = None, **options: Any
) -> JointResults:
    """Compare multi-label methods on each of several data sets, and over all of them.

    Parameters
    ----------
    datasets : sequence
        At least two different data sets, each as in `bench`.
    out : path or None
        Folder for the joint `results.json`, `report.html` and `report.md`. The files of each data
        set go into a sub-folder, see `folder_names`. None: write nothing.
    **options
        As in `bench`, the same for all data sets.

    Returns
    -------
    JointResults
        The content of the joint `results.json`: the results of each data set, ranks and tests.

    Raises
    ------
    InputError, catnocat.features.FeatureError
        In one line: what is wrong, where, and what to do.
    """
    if len({str(dataset) for dataset in datasets}) < max(2, len(datasets)):
        raise InputError("bench of several data sets: name at least two, each of them once.")
    config = parse_options({key: value for key, value in options.items() if key != "progress"})
    with open_output_folder(out) as folder:
        results: Any = [
            bench(dataset, out=None if folder is None else folder / name, **options)
            for dataset, name in zip(datasets, folder_names(datasets), strict=True)
        ]
    ranking = rank_over_datasets(results)
    joint: JointResults = {
        "datasets": results,
        **ranking,
        "answer": joint_answer(results, ranking),
        "command": config.command(*datasets),
    }
    if folder is not None:
        with translate_write_errors(folder):
            write_json(folder / "results.json", joint)
            write_joint_reports(joint, folder)
    return joint


def parse_options(options: Mapping[str, Any]) -> BenchOptions:
    """Return the options of a comparison from keyword arguments.

    Raises
    ------
    TypeError
        If there is no option of that name; the message names similar ones.
    InputError
        If a value is invalid.

    Examples
    --------
    >>> parse_options({"methods": "logistic, chain"}).methods
    ('logistic', 'chain')
    >>> parse_options({"method": "chain"})
    Traceback (most recent call last):
    ...
    TypeError: bench() has no option 'method'; did you mean 'methods'?
    """
    names = [field.name for field in fields(BenchOptions)]
    for name in options:
        if name not in names:
            near = get_close_matches(name, [*names, "out", "progress"], n=3)
            hint = (
                f"did you mean {' or '.join(map(repr, near))}?"
                if near
                else f"there are: {', '.join(['out', 'progress', *names])}."
            )
            raise TypeError(f"bench() has no option {name!r}; {hint}")
    methods = options.get("methods", ())
    if isinstance(methods, str):
        methods = tuple(name.strip() for name in methods.split(",") if name.strip())
    return BenchOptions(**{**options, "methods": methods})


_GENERIC_NAMES = ("", "labels", "data", "annotations", "train", "test")


def folder_names(datasets: Sequence[DataLike]) -> list[str]:
    """Return a name for the folder of each data set; of generic file names their folder's name.

    Examples
    --------
    >>> folder_names(["menagerie", "pets/labels.csv", "cars.csv.gz"])
    ['1-menagerie', '2-pets', '3-cars']
    """
    names = []
    for number, dataset in enumerate(datasets, start=1):
        path = Path(dataset if isinstance(dataset, str | Path) else "data")
        stem = path.name.partition(".")[0]
        if stem.lower() in _GENERIC_NAMES:
            stem = path.absolute().parent.name
        safe = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in stem)
        names.append(f"{number}-{safe or 'data'}")
    return names
