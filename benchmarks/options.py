"""The options of a comparison, declared once: for Python, the command line and its repetition."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from .data.tables import NAMES as TABLE_OPTIONS
from .data.tables import TableOptions
from .utils import InputError

DEFAULT_FOLDS = 5
DEFAULT_MAX_PREDICTIONS = 10_000_000
PROTOCOLS = ("catnocat", "vissl")
CROWDING = ("usual", "full")


@dataclass(frozen=True, kw_only=True)
class BenchOptions(TableOptions):
    """The options of `catnocat.benchmarks.bench`.

    The command line reads names, types, defaults and the descriptions below from this class. It
    adds the options of `catnocat.benchmarks.data.tables.TableOptions`, which this class inherits.

    Attributes
    ----------
    format : str or None
        Format of the data set; detected by default.
    data : path or None
        Folder of the named data sets; by default in the user's cache.
    store : path or None
        Folder of the feature store; by default in the user's cache.
    backbone : str
        lite0, lite1, lite2, torchvision:NAME, timm:NAME or openclip:NAME:WEIGHTS, see 'catnocat
        backbones'. Features of networks joined by '+' are concatenated; 'catnocat bench' compares
        networks separated by commas.
    weights : path or None
        File of the backbone's weights, .pth or .safetensors.
    views : sequence of str
        Views of an image, each CROP[@SIZE][:POOLING]. whole@320:avg+max is more accurate and takes
        twice as long; see docs/recipes.md. With several networks, ';' separates the views of one
        from those of the next; 'catnocat bench' compares choices of views separated by '|'.
    quality : {"fast", "balanced", "best"} or None
        Networks and views chosen by measurement, instead of backbone and views; see
        docs/quality.md.
    engine : {"auto", "torch", "openvino"}
        Library that runs the network; auto selects openvino if it is installed and there is no GPU.
    precision : {"float32", "bfloat16"}
        Numeric precision of the network; bfloat16 is faster on processors with instructions for it.
    methods : sequence of str
        Names of methods, or all; by default the main four.
    folds : int or None
        Number of folds of a cross-validation; by default the split of the table is used, if any.
    repeats : int
        Number of cross-validations, each with other folds.
    limit : int or None
        Maximum number of images; larger data sets are sampled, stratified by label.
    min_positives : int
        Leave out labels with fewer positive images.
    drop_duplicates_across_splits : bool
        Leave out training images of which a version is a test image.
    protocol : {"catnocat", "vissl"}
        vissl also fits linear SVMs as publications on VOC 2007 do; see docs/voc2007.md.
    crowding : {"usual", "full"}
        full also measures which views and classifiers help with crowded images; see
        docs/crowding.md.
    detections : sequence of str or Path
        File of detections in COCO's results format, [NAME=]FILE; compared like a method.
    detection_names : path or None
        File with the names of the detectors' categories, JSON or YAML.
    zero_shot : sequence of str
        Model of OpenCLIP that needs no training, such as CLIP or SigLIP, NAME:WEIGHTS; compared
        like a method. See docs/zero-shot.md.
    prompts : str or path
        Texts that describe the labels for zero-shot models: plain, contrast, or a JSON or YAML
        file.
    max_predictions : int
        Maximum number of predictions in predictions.parquet, counted as test images x labels x
        methods; of larger sets the file contains an evenly spaced part of the test images.
    seed : int
        Random seed.
    n_jobs : int
        Number of parallel processes; -1 for all cores.
    scheduler : str or None
        Address of a Dask scheduler whose workers compute the features and select parameters.

    Raises
    ------
    InputError
        If a value is invalid.

    Examples
    --------
    >>> BenchOptions(methods=("chain", "logistic"), folds=3).command("pets.csv")
    'catnocat bench pets.csv --methods chain,logistic --folds 3 --seed 0'
    >>> BenchOptions(views=["whole"]).command("pets.csv")
    'catnocat bench pets.csv --seed 0'

    A quality is replaced by its networks and views.

    >>> BenchOptions(quality="best").backbone
    'efficientnet_lite0+efficientnet_lite1+efficientnet_lite2'
    """

    format: str | None = None
    data: str | Path | None = None
    store: str | Path | None = None
    backbone: str = "efficientnet_lite0"
    weights: str | Path | None = None
    views: str | Sequence[str] = "whole"
    quality: Literal["fast", "balanced", "best"] | None = None
    engine: Literal["auto", "torch", "openvino"] = "auto"
    precision: Literal["float32", "bfloat16"] = "float32"
    methods: Sequence[str] = ()
    folds: int | None = field(default=None, metadata={"min": 2})
    repeats: int = field(default=1, metadata={"min": 1})
    limit: int | None = field(default=None, metadata={"min": 10})
    min_positives: int = field(default=0, metadata={"min": 0})
    drop_duplicates_across_splits: bool = False
    protocol: Literal["catnocat", "vissl"] = "catnocat"
    crowding: Literal["usual", "full"] = "usual"
    detections: Sequence[str | Path] = ()
    detection_names: str | Path | None = None
    zero_shot: Sequence[str] = ()
    prompts: str | Path = "plain"
    max_predictions: int = field(default=DEFAULT_MAX_PREDICTIONS, metadata={"min": 1})
    seed: int = field(default=0, metadata={"min": 0})
    n_jobs: int = -1
    scheduler: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_jobs == 0:
            raise InputError("--jobs 0: must be 1 or more, or -1 for all cores.")
        for name, choices in (("protocol", PROTOCOLS), ("crowding", CROWDING)):
            if getattr(self, name) not in choices:
                raise InputError(
                    f"--{name} {getattr(self, name)}: unknown; choose {' or '.join(choices)}"
                )
        backbone, views = resolve_quality(self.quality, self.backbone, self.views)
        for name, value in (("backbone", backbone), ("views", views), ("quality", None)):
            object.__setattr__(self, name, value)
        if self.repeats > 1 and self.folds is None:
            # The split of a table cannot be repeated.
            object.__setattr__(self, "folds", DEFAULT_FOLDS)

    @property
    def features(self) -> dict[str, Any]:
        """Return the options of `catnocat.features.extract_features`."""
        names = ("backbone", "weights", "views", "engine", "precision", "store", "scheduler")
        return {name: getattr(self, name) for name in names}

    def command(self, *datasets: str | Path) -> str:
        """Return the command line that repeats the comparison on any machine."""
        words = ["catnocat", "bench", *map(str, datasets)]
        for option in fields(self):
            value = getattr(self, option.name)
            is_default = _join(value) == _join(option.default) and option.name != "seed"
            if option.name in _WITHOUT_EFFECT or is_default:
                continue
            words += _option_words(option.name, value)
        return shlex.join(words)

    def fit_command(self, dataset: str | Path, method: str) -> str:
        """Return the command that fits a method on the same features.

        Examples
        --------
        >>> BenchOptions(methods=("chain",)).fit_command("pets.csv", "chain")
        'catnocat fit pets.csv --method chain --out model.catnocat'
        """
        words = ["catnocat", "fit", str(dataset), "--method", method, "--out", "model.catnocat"]
        return shlex.join(words + self._changed(_OPTIONS_OF_FIT))

    def data_command(self, dataset: str | Path) -> str:
        """Return the command that inspects the data set.

        Examples
        --------
        >>> BenchOptions(format="coco").data_command("pets.json")
        'catnocat data pets.json --format coco'
        """
        return shlex.join(["catnocat", "data", str(dataset), *self._changed(_OPTIONS_OF_DATA)])

    def _changed(self, names: Sequence[str]) -> list[str]:
        """Return the named options that differ from their defaults, as words of a command."""
        changed = [
            option
            for option in fields(self)
            if option.name in names and _join(getattr(self, option.name)) != _join(option.default)
        ]
        return [
            word
            for option in changed
            for word in _option_words(option.name, getattr(self, option.name))
        ]


def resolve_quality(
    quality: str | None, backbone: str, views: str | Sequence[str]
) -> tuple[str, str | Sequence[str]]:
    """Return backbone and views; those of a level of quality, if one is given.

    Raises
    ------
    InputError
        If a quality is given together with a backbone or with views.
    catnocat.features.FeatureError
        If there is no such quality.
    """
    if quality is None:
        return backbone, views
    if (backbone, _join(views)) != (BenchOptions.backbone, BenchOptions.views):
        raise InputError(
            f"--quality {quality}: chooses the networks and views; leave out --backbone and --views"
        )
    from ..features import find_quality

    chosen = find_quality(quality)
    return chosen.backbone, chosen.views


#: Options that are repeated on the command line for several values; others are comma-separated.
REPEATABLE = ("separator", "detections", "zero_shot")
# Options of `catnocat fit` and `catnocat data` that `catnocat bench` has too.
_OPTIONS_OF_FIT = (
    "format",
    "data",
    "store",
    "backbone",
    "weights",
    "views",
    "min_positives",
    "seed",
    *TABLE_OPTIONS,
)
_OPTIONS_OF_DATA = ("format", "data", "store", *TABLE_OPTIONS)
# Options that affect no result.
_WITHOUT_EFFECT = ("store", "n_jobs", "scheduler", "max_predictions")


def _option_words(name: str, value: Any) -> list[str]:
    """Return an option and its value as words of a command line."""
    flag = f"--{name.replace('_', '-')}"
    if value is True:
        return [flag]
    if name in REPEATABLE:
        return [word for item in value for word in (flag, str(item))]
    return [flag, _join(value)]


def _join(value: Any) -> str:
    """Return a value as on the command line: several values are comma-separated."""
    if isinstance(value, str | Path) or not isinstance(value, Sequence):
        return str(value)
    return ",".join(map(str, value))
