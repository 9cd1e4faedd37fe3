"""The content of a model file, and its validation."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

from ...evaluation import AIMS, SetRule
from ..novelty import NoveltyDetector
from .archive import InvalidModelFileError, pack, read_archive, read_json, unpack, write_archive
from .encoding import Decoder, Encoder

MODEL, ARRAYS = "model.json", "arrays.safetensors"
MAX_JSON = 16 * 2**20
_COMMON = ("labels", "method", "recipe", "training", "pipeline", "thresholds", "check")
#: The members of model.json in each format version.
_MEMBERS = {
    1: {*_COMMON, "decides"},
    2: {*_COMMON, "set_rule"},
    3: {*_COMMON, "set_rule", "novelty"},
}
_UNSCALED = {"label_scale": 1.0}
#: The attributes that format version 2 added, with the values that version 1 implies.
_ADDED_IN_2: dict[str, dict[str, Any]] = {
    "ClassifierChain": _UNSCALED,
    "ClassifierChainEnsemble": _UNSCALED,
    "ProbabilisticClassifierChain": _UNSCALED,
    "DependentBinaryRelevance": _UNSCALED,
    "StackedBinaryRelevance": _UNSCALED | {"stack_method": "predict_proba"},
    "EstimatorModels": {"seen_scale": 1.0},
}


@dataclass(frozen=True)
class ModelRecord:
    """A fitted pipeline with its labels, recipe and thresholds, and how it was fitted.

    Attributes
    ----------
    labels : tuple of str
    method : str
    set_rule : SetRule
        How the label set of an image is predicted.
    recipe : dict
        As returned by `Recipe.to_dict`; for ready features, their description.
    training : dict
        The training data and the settings of the fit; plain JSON values.
    pipeline : estimator
    thresholds : dict of str to ndarray of shape (n_labels,)
        For each aim, see `catnocat.benchmarks.evaluation.thresholding`.
    check : tuple of ndarray
        A few rows of features, and the probabilities that the pipeline predicted for them when it
        was fitted.
    versions : dict of str to str
        Versions of the libraries at the time of fitting.
    novelty : NoveltyDetector or None
        None for models of few images, and in files of older format versions.
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
    novelty: NoveltyDetector | None = None

    def write(self, path: Path) -> None:
        """Write the file in the newest format version."""
        encoder = Encoder()
        content = {
            "labels": list(self.labels),
            "method": self.method,
            "set_rule": self.set_rule.to_dict(),
            "recipe": self.recipe,
            "training": self.training,
            "pipeline": encoder.encode(self.pipeline),
            "thresholds": encoder.encode(dict(self.thresholds)),
            "check": encoder.encode(list(self.check)),
            "novelty": encoder.encode(None if self.novelty is None else vars(self.novelty)),
        }
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        members = {MODEL: text.encode(), ARRAYS: pack(encoder.arrays)}
        write_archive(path, {"versions": self.versions}, members)


def read_model_record(path: Path) -> ModelRecord:
    """Read a model file of any format version.

    Raises
    ------
    InvalidModelFileError
        If the content is not what `ModelRecord.write` writes.
    OSError
    """
    format_version, manifest, members = read_archive(path)
    return LOADERS[format_version](manifest, members)


def _load_version_1(manifest: dict[str, Any], members: dict[str, bytes]) -> ModelRecord:
    """Load version 1, where methods for label sets always predict by them."""
    return _load(manifest, members, 1, _ADDED_IN_2)


def _load_version_2(manifest: dict[str, Any], members: dict[str, bytes]) -> ModelRecord:
    """Load version 2, with the rule for label sets and the scale of label inputs."""
    return _load(manifest, members, 2, {})


def _load_version_3(manifest: dict[str, Any], members: dict[str, bytes]) -> ModelRecord:
    """Load version 3, with the detector of images that are unlike the training images."""
    return _load(manifest, members, 3, {})


def _load(
    manifest: dict[str, Any],
    members: dict[str, bytes],
    format_version: int,
    added: Mapping[str, Mapping[str, Any]],
) -> ModelRecord:
    """Load one format version; `added` are attributes of fitted objects in later versions."""
    if list(members) != [MODEL, ARRAYS]:
        raise InvalidModelFileError("damaged: its members are not those of a model")
    if len(members[MODEL]) > MAX_JSON:
        raise InvalidModelFileError(f"damaged: its model.json is larger than {MAX_JSON:,} bytes")
    content = read_json(members[MODEL], MODEL)
    if not isinstance(content, dict) or set(content) != _MEMBERS[format_version]:
        raise InvalidModelFileError("damaged: its model.json has missing or unknown members")
    arrays = unpack(members.pop(ARRAYS))
    decoder = Decoder(arrays, added)
    try:
        pipeline = decoder.decode(content["pipeline"])
        thresholds = decoder.decode(content["thresholds"])
        check = decoder.decode(content["check"])
        novelty = decoder.decode(content.get("novelty"))
    except InvalidModelFileError as reason:
        raise InvalidModelFileError(f"it contains {reason}") from None
    if decoder.used != set(arrays):
        raise InvalidModelFileError("damaged: it contains arrays that nothing refers to")
    labels = _check_labels(content["labels"])
    texts = (content["recipe"], content["method"], manifest)
    for text in (*labels, *(text for value in texts for text in _iterate_texts(value))):
        if has_control_characters(text):
            raise InvalidModelFileError(f"damaged: control characters in {text[:80]!r}")
    return ModelRecord(
        labels=labels,
        method=_check_type(content["method"], str),
        set_rule=(
            _rule_of_version_1(content["decides"])
            if format_version == 1
            else _check_set_rule(content["set_rule"])
        ),
        recipe=_check_type(content["recipe"], dict),
        training=_check_type(content["training"], dict),
        pipeline=pipeline,
        thresholds=_check_thresholds(thresholds, len(labels)),
        check=_check_sample(check),
        versions={str(key): str(value) for key, value in _check_versions(manifest).items()},
        novelty=_check_novelty(novelty, check),
    )


#: The loader of each format version; old loaders are kept.
LOADERS = {1: _load_version_1, 2: _load_version_2, 3: _load_version_3}


def _check_labels(value: Any) -> tuple[str, ...]:
    names = _check_type(value, list)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise InvalidModelFileError("damaged: its labels have no names")
    if len(set(names)) < len(names):
        raise InvalidModelFileError("damaged: two labels have the same name")
    return tuple(names)


def has_control_characters(text: str) -> bool:
    r"""Return whether a text contains control characters, such as terminal escapes or newlines.

    Examples
    --------
    >>> has_control_characters("a cat\x1b[2J"), has_control_characters("a\nb")
    (True, True)
    >>> has_control_characters("chat élégant 👨‍👩‍👧")
    False
    """
    return any(category(character) == "Cc" for character in text)


def _iterate_texts(value: Any) -> Iterator[str]:
    """Yield all texts in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from _iterate_texts(item)


def _rule_of_version_1(value: Any) -> SetRule:
    if value not in ("labels", "sets"):
        raise InvalidModelFileError("damaged: it predicts neither labels nor label sets")
    return SetRule("sets" if value == "sets" else "thresholds")


def _check_set_rule(value: Any) -> SetRule:
    match value:
        case {
            "source": "thresholds" | "sets" as source,
            "at_least_one": bool() as at_least_one,
            **unknown,
        } if not unknown:
            return SetRule(source, at_least_one)
    raise InvalidModelFileError("damaged: its rule for label sets is invalid")


def _check_thresholds(value: Any, n_labels: int) -> dict[str, NDArray[Any]]:
    if not isinstance(value, dict) or set(value) != set(AIMS):
        raise InvalidModelFileError("damaged: its thresholds are missing or unknown")
    for row in value.values():
        if not isinstance(row, np.ndarray) or row.shape != (n_labels,) or row.dtype.kind != "f":
            raise InvalidModelFileError("damaged: its thresholds do not match its labels")
    return value


def _check_sample(value: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    match value:
        case [np.ndarray() as X, np.ndarray() as P] if len(X) == len(P):
            return X, P
    raise InvalidModelFileError("damaged: its check sample is invalid")


def _check_novelty(value: Any, check: Any) -> NoveltyDetector | None:
    match value:
        case None:
            return None
        case {
            "references": np.ndarray(ndim=2) as references,
            "threshold": float(threshold),
            "false_flag_rate": float(rate),
            **unknown,
        } if not unknown and references.dtype == np.float16 and len(references):
            if references.shape[1] == int(np.prod(check[0].shape[1:])) and 0 < rate < 1:
                return NoveltyDetector(references, threshold, rate)
    raise InvalidModelFileError("damaged: its novelty detector is invalid")


def _check_versions(manifest: dict[str, Any]) -> dict[str, Any]:
    return _check_type(manifest.get("versions", {}), dict)  # type: ignore[no-any-return]


def _check_type(value: Any, expected: type) -> Any:
    if not isinstance(value, expected):
        raise InvalidModelFileError(
            f"damaged: its model.json has a {type(value).__name__} in place of a"
            f" {expected.__name__}"
        )
    return value
