"""The options of a comparison, from which its call and its command line are made."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..data.tables import TableOptions
from ..utils import InputError
from .splits import DEFAULT_FOLDS

PROTOCOLS = ("catnocat", "vissl")
CROWDING = ("usual", "full")


@dataclass(frozen=True, kw_only=True)
class BenchOptions(TableOptions):
    """The options of `catnocat.benchmarks.bench`, each under the name it has on the command line.

    Those of `catnocat.benchmarks.data.tables.TableOptions` say how a label table is read.

    Attributes
    ----------
    format, data
        How a path is to be read and where the named data sets lie, see `load_dataset`.
    store : path or None
        Folder of the feature store; None takes the one in the user's cache.
    backbone, weights, views, engine, precision
        What the features are and what computes them; see `catnocat.features.extract_features`.
    methods : sequence of str
        Names of methods; none takes the main four, ``("all",)`` every one.
    folds : int or None
        Cross-validate in so many folds; None takes the table's own split where there is one.
    repeats : int
        Cross-validate so many times, each in other folds; the intervals know that an image is
        judged more than once.
    limit : int or None
        Use at most so many images, drawn stratified.
    min_positives : int
        Leave out labels with fewer positive images than that.
    drop_duplicates_across_splits : bool
        Leave out training images that are judged images too, by their bytes or nearly, by their
        features; in folds, all but the first of those that are the same.
    protocol : {"catnocat", "vissl"}
        "vissl" also fits linear SVMs as publications on VOC 2007 do, and tells every method's AP
        in its three forms. See `docs/voc2007.md`.
    crowding : {"usual", "full"}
        "full" also measures what helps in crowded pictures, other views, regions and resolution
        against other classifiers, and on drawn scenes what is left of the crowding where every
        object keeps its size. See `docs/crowding.md`.
    detections : sequence of str or Path
        Files of detections in the COCO results format, each ``FILE`` or ``NAME=FILE``;
        each becomes an entry of the comparison. See `docs/detectors.md`.
    detection_names : path or None
        Names of the detectors' categories, see
        `catnocat.benchmarks.evaluation.detectors.category_matching.read_category_names`.
    zero_shot : sequence of str
        Models of OpenCLIP, ``ARCHITECTURE:WEIGHTS`` each, which become entries of the comparison
        without training. See `docs/zero-shot.md`.
    prompts : {"plain", "contrast"} or path
        Texts that describe the labels for these models, see
        `catnocat.benchmarks.evaluation.zero_shot.make_prompts`.
    seed : int
    n_jobs : int
        Parallel processes; -1 for all cores.
    scheduler : str or None
        Address of a Dask scheduler whose workers extract the features and choose the parameters;
        only the timed fits are done here.

    Raises
    ------
    InputError
        If a value makes no sense.

    Examples
    --------
    >>> BenchOptions(methods=("chain", "logistic"), folds=3).command("pets.csv")
    'catnocat bench pets.csv --methods chain,logistic --folds 3 --seed 0'
    >>> BenchOptions(views=["whole"]).command("pets.csv")
    'catnocat bench pets.csv --seed 0'
    """

    backbone: str = "efficientnet_lite0"
    weights: str | Path | None = None
    views: str | Sequence[str] = "whole"
    engine: str = "auto"
    precision: str = "float32"
    methods: Sequence[str] = ()
    folds: int | None = None
    repeats: int = 1
    limit: int | None = None
    format: str | None = None
    data: str | Path | None = None
    store: str | Path | None = None
    min_positives: int = 0
    drop_duplicates_across_splits: bool = False
    protocol: str = "catnocat"
    crowding: str = "usual"
    detections: Sequence[str | Path] = ()
    detection_names: str | Path | None = None
    zero_shot: Sequence[str] = ()
    prompts: str | Path = "plain"
    seed: int = 0
    n_jobs: int = -1
    scheduler: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_jobs == 0:
            raise InputError(
                "--jobs 0: nobody would do the work; give 1 or more, or -1 for all cores."
            )
        for name, known in (("protocol", PROTOCOLS), ("crowding", CROWDING)):
            if getattr(self, name) not in known:
                raise InputError(
                    f"--{name} {getattr(self, name)}: unknown; known are {' and '.join(known)}"
                )
        if self.repeats > 1 and self.folds is None:
            # There is but one way to take a table's own split.
            object.__setattr__(self, "folds", DEFAULT_FOLDS)

    @property
    def features(self) -> dict[str, Any]:
        """Return the options of `catnocat.features.extract_features`."""
        names = ("backbone", "weights", "views", "engine", "precision", "store", "scheduler")
        return {name: getattr(self, name) for name in names}

    def command(self, *datasets: str | Path) -> str:
        """Return the command line that repeats the comparison on any machine."""
        words = ["catnocat", "bench", *map(str, datasets)]
        for field in fields(self):
            value = getattr(self, field.name)
            usual = _joined(value) == _joined(field.default) and field.name != "seed"
            if field.name in _NOT_REPEATED or usual:
                continue
            option = f"--{field.name.replace('_', '-')}"
            if value is True:
                words.append(option)
            elif field.name in ("detections", "separator", "zero_shot"):
                words += [word for file in value for word in (option, str(file))]
            else:
                words += [option, _joined(value)]
        return shlex.join(words)

    def fit_command(self, dataset: str | Path, method: str) -> str:
        """Return the command that fits a method on the same features.

        Examples
        --------
        >>> BenchOptions(methods=("chain",)).fit_command("pets.csv", "chain")
        'catnocat fit pets.csv --method chain --out model.catnocat'
        """
        words = ["catnocat", "fit", str(dataset), "--method", method, "--out", "model.catnocat"]
        return shlex.join(words + self._changed(_OF_FIT))

    def data_command(self, dataset: str | Path) -> str:
        """Return the command that looks at the data set.

        Examples
        --------
        >>> BenchOptions(format="coco").data_command("pets.json")
        'catnocat data pets.json --format coco'
        """
        return shlex.join(["catnocat", "data", str(dataset), *self._changed(_OF_DATA)])

    def _changed(self, names: Sequence[str]) -> list[str]:
        """Return those of some options that differ from their defaults, as words of a command."""
        changed = [
            field
            for field in fields(self)
            if field.name in names and _joined(getattr(self, field.name)) != _joined(field.default)
        ]
        return [
            word
            for field in changed
            for word in (f"--{field.name.replace('_', '-')}", _joined(getattr(self, field.name)))
        ]


# BenchOptions that `catnocat fit` and `catnocat data` share with `catnocat bench`.
_OF_FIT = ("format", "data", "store", "backbone", "weights", "views", "min_positives", "seed")
_OF_DATA = ("format", "data", "store")
# Where things lie and who does the work changes no figure.
_NOT_REPEATED = ("store", "n_jobs", "scheduler")


def _joined(value: Any) -> str:
    """Write a value as the command line takes it: several with commas between them."""
    if isinstance(value, str | Path) or not isinstance(value, Sequence):
        return str(value)
    return ",".join(map(str, value))
