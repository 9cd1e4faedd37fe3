"""What a model file says, once it is read and before anything is made of it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

from ...evaluation import AIMS, SetRule
from .archive import read_archive, write_archive
from .coding import Decoder, Encoder
from .json_and_arrays import RefusalError, pack, read_json, unpack

MODEL, ARRAYS = "model.json", "arrays.safetensors"
MAX_JSON = 16 * 2**20
_COMMON = ("labels", "method", "recipe", "training", "pipeline", "thresholds", "check")
#: The fields of model.json in each protocol.
_FIELDS = {1: {*_COMMON, "decides"}, 2: {*_COMMON, "set_rule"}}
_ONE_SCALE = {"label_scale": 1.0}
#: What protocol 2 added to fitted objects, as it was before.
_ADDED_BY_2: dict[str, dict[str, Any]] = {
    "ClassifierChain": _ONE_SCALE,
    "ClassifierChainEnsemble": _ONE_SCALE,
    "ProbabilisticClassifierChain": _ONE_SCALE,
    "DependentBinaryRelevance": _ONE_SCALE,
    "StackedBinaryRelevance": _ONE_SCALE | {"stack_method": "predict_proba"},
    "EstimatorModels": {"seen_scale": 1.0},
}


@dataclass(frozen=True)
class Sheet:
    """A fitted pipeline with all that is known about it.

    Attributes
    ----------
    labels : tuple of str
    method : str
    set_rule : SetRule
        How the label set of an image is decided.
    recipe : dict
        As `Recipe.to_dict` gives it; of a data set with ready features what that says.
    training : dict
        What it learned from, and how; plain JSON values.
    pipeline : estimator
    thresholds : dict of str to ndarray of shape (n_labels,)
        By aim, see `catnocat.benchmarks.evaluation.thresholding`.
    check : tuple of ndarray
        Some rows of features, and the probabilities that the pipeline gave for them where it was
        fitted.
    versions : dict of str to str
        Of the libraries it was fitted with.
    """

    labels: tuple[str, ...]
    method: str
    set_rule: SetRule
    recipe: dict[str, Any]
    training: dict[str, Any]
    pipeline: Any
    thresholds: dict[str, NDArray[Any]]
    check: tuple[NDArray[Any], NDArray[Any]]
    versions: dict[str, str]

    def write(self, path: Path) -> None:
        """Write the file of the newest protocol."""
        encoder = Encoder()
        told = {
            "labels": list(self.labels),
            "method": self.method,
            "set_rule": self.set_rule.to_dict(),
            "recipe": self.recipe,
            "training": self.training,
            "pipeline": encoder.encode(self.pipeline),
            "thresholds": encoder.encode(dict(self.thresholds)),
            "check": encoder.encode(list(self.check)),
        }
        text = json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False)
        members = {MODEL: text.encode(), ARRAYS: pack(encoder.arrays)}
        write_archive(path, {"versions": self.versions}, members)


def read_sheet(path: Path) -> Sheet:
    """Read a file of any protocol there has been.

    Raises
    ------
    RefusalError
        If it is not what `Sheet.write` wrote.
    OSError
    """
    manifest, members = read_archive(path)
    return LOADERS[manifest["protocol"]](manifest, members)


def _read_first(manifest: dict[str, Any], members: dict[str, bytes]) -> Sheet:
    """Read protocol 1, in which a method that finds label sets always decides by them."""
    return _read(manifest, members, 1, _ADDED_BY_2)


def _read_second(manifest: dict[str, Any], members: dict[str, bytes]) -> Sheet:
    """Read protocol 2, which holds the rule for label sets and the scale of label inputs."""
    return _read(manifest, members, 2, {})


def _read(
    manifest: dict[str, Any],
    members: dict[str, bytes],
    protocol: int,
    added: Mapping[str, Mapping[str, Any]],
) -> Sheet:
    """Read a file of one protocol; `added` is what later ones added to fitted objects."""
    if list(members) != [MODEL, ARRAYS]:
        raise RefusalError("damaged: its members are not those of a model")
    if len(members[MODEL]) > MAX_JSON:
        raise RefusalError(f"damaged: its model.json is larger than {MAX_JSON:,} bytes")
    told = read_json(members[MODEL], MODEL)
    if not isinstance(told, dict) or set(told) != _FIELDS[protocol]:
        raise RefusalError("damaged: its model.json is not that of a model")
    arrays = unpack(members.pop(ARRAYS))
    decoder = Decoder(arrays, added)
    try:
        pipeline = decoder.decode(told["pipeline"])
        thresholds = decoder.decode(told["thresholds"])
        check = decoder.decode(told["check"])
    except RefusalError as reason:
        raise RefusalError(f"it holds {reason}") from None
    if decoder.used != set(arrays):
        raise RefusalError("damaged: it holds arrays that belong to nothing")
    labels = _labels(told["labels"])
    for text in (*labels, *_texts(told["recipe"]), *_texts(told["method"]), *_texts(manifest)):
        if has_controls(text):
            raise RefusalError(f"damaged: control characters in {text[:80]!r}")
    return Sheet(
        labels=labels,
        method=_of_kind(told["method"], str),
        set_rule=_decides(told["decides"]) if protocol == 1 else _set_rule(told["set_rule"]),
        recipe=_of_kind(told["recipe"], dict),
        training=_of_kind(told["training"], dict),
        pipeline=pipeline,
        thresholds=_thresholds(thresholds, len(labels)),
        check=_check(check),
        versions={str(key): str(value) for key, value in _versions(manifest).items()},
    )


#: The loader of every protocol there has been; an old one stays.
LOADERS = {1: _read_first, 2: _read_second}


def _labels(value: Any) -> tuple[str, ...]:
    names = _of_kind(value, list)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise RefusalError("damaged: its labels have no names")
    if len(set(names)) < len(names):
        raise RefusalError("damaged: two labels have one name")
    return tuple(names)


def has_controls(text: str) -> bool:
    r"""Say whether a text would do something to a terminal, or break a line.

    Examples
    --------
    >>> has_controls("a cat\x1b[2J"), has_controls("a\nb"), has_controls("chat élégant 👨‍👩‍👧")
    (True, True, False)
    """
    return any(category(one) == "Cc" for one in text)


def _texts(value: Any) -> Iterator[str]:
    """Give all texts in JSON values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from _texts(one)


def _decides(value: Any) -> SetRule:
    if value not in ("labels", "sets"):
        raise RefusalError("damaged: it decides on neither labels nor sets")
    return SetRule("sets" if value == "sets" else "thresholds")


def _set_rule(value: Any) -> SetRule:
    match value:
        case {"source": "thresholds" | "sets" as source, "at_least_one": bool() as filled, **more}:
            if not more:
                return SetRule(source, filled)
    raise RefusalError("damaged: its rule for label sets is none")


def _thresholds(value: Any, n_labels: int) -> dict[str, NDArray[Any]]:
    if not isinstance(value, dict) or set(value) != set(AIMS):
        raise RefusalError("damaged: its thresholds are none")
    for line in value.values():
        if not isinstance(line, np.ndarray) or line.shape != (n_labels,) or line.dtype.kind != "f":
            raise RefusalError("damaged: its thresholds do not fit its labels")
    return value


def _check(value: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    match value:
        case [np.ndarray() as rows, np.ndarray() as answers] if len(rows) == len(answers):
            return rows, answers
    raise RefusalError("damaged: its check is none")


def _versions(manifest: dict[str, Any]) -> dict[str, Any]:
    return _of_kind(manifest.get("versions", {}), dict)  # type: ignore[no-any-return]


def _of_kind(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise RefusalError(
            f"damaged: its model.json has a {type(value).__name__} where it has none"
        )
    return value
