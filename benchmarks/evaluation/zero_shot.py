"""Zero-shot models of images and texts (CLIP, SigLIP) as external methods of the comparison."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator

from ...features import (
    encode_texts,
    extract_features,
    native_view,
    open_features,
    progress_bar,
    read_image,
)
from ..data.tables import LabelTable, read_text, shown
from ..utils import ElapsedTime, InputError, join_names, measure_time
from .cross_validation import MethodResult, run_method, scored_rows
from .methods import Method, select_methods
from .model_selection import SearchResult
from .splits import Fold
from .thresholding import apply_thresholds, choose_set_rule, choose_thresholds

Floats = NDArray[np.float64]

TEMPLATES = (
    "a photo of {a_label}",
    "a photo with {a_label} in it",
    "an image that shows {a_label}",
)
CONTRAST_TEMPLATES = ("a photo without {a_label}", "a photo of something else than {a_label}")
PROMPT_KINDS = ("plain", "contrast")
BASE = "zero-shot"
TIMED_IMAGES = 8
MAX_BIAS = 200.0  # beyond, a probability is 0 or 1 for every similarity


@dataclass(frozen=True)
class Prompts:
    """Texts that describe images with a label, and images without it.

    Attributes
    ----------
    present : tuple of str
    absent : tuple of str
        If there are any, the similarity to them is subtracted.
    """

    present: tuple[str, ...]
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class ZeroShotModel:
    """Similarities of the images of a table to the prompts of its labels.

    Attributes
    ----------
    name : str
        Name of the model, as the user wrote it.
    similarities : array, shape (n_images, n_labels)
        Mean cosine similarity to the texts with the label, less that to the texts without it.
    scale : float
        The model's own factor of similarities.
    vectors : array, shape (n_images, length)
        Image vectors of the model's image tower.
    description : dict
        Prompts and cost, for `results.json`.
    """

    name: str
    similarities: Floats
    scale: float
    vectors: NDArray[np.float32]
    description: dict[str, Any]

    def method_results(
        self, table: LabelTable, folds: Sequence[Fold], *, seed: int = 0, n_jobs: int = 1
    ) -> list[MethodResult]:
        """Return four entries of the comparison.

        - ``NAME similarity``: the similarities as they are. They rank the images of a label, but
          decide nothing.
        - ``NAME thresholds``: the same with a threshold for each label, chosen on the training
          images of each fold.
        - ``NAME calibrated``: probabilities ``sigmoid(scale * similarity + bias)`` with one
          parameter for each label, its bias, fitted to the training images of each fold.
        - ``NAME logistic``: logistic regression on the image vectors of the same model.

        Parameters
        ----------
        table : LabelTable
            The images of the similarities, row by row.
        folds : sequence of Fold
        seed, n_jobs
            As in `run_method`.
        """
        rows = scored_rows(folds)
        calibrated = np.concatenate([self._calibrate(table, fold) for fold in folds])
        decided = self._decide(table, folds, [self.similarities[fold.test] for fold in folds])
        parts = np.split(calibrated, np.cumsum([len(fold.test) for fold in folds])[:-1])
        decided_calibrated = self._decide(table, folds, parts, calibrate=True)
        tower = self._tower_time(len(rows))
        unknown = ("choose_seconds", "choose_cpu_seconds", "fit_seconds", "fit_cpu_seconds")
        common: dict[str, Any] = {
            **dict.fromkeys(unknown, np.nan),
            "predict_seconds": tower.seconds,
            "predict_cpu_seconds": tower.cpu_seconds,
            "features": self.description,
        }
        similarities = self.similarities[rows]
        entries = [
            MethodResult(self._method("similarity"), rows, similarities, {}, **common),
            MethodResult(self._method("thresholds"), rows, similarities, **decided, **common),
            MethodResult(
                self._method("calibrated"), rows, calibrated, **decided_calibrated, **common
            ),
        ]
        return [*entries, self._trained(table, folds, seed, n_jobs)]

    def _tower_time(self, n_images: int) -> ElapsedTime:
        """Return the time to compute the image vectors."""
        return ElapsedTime(
            self.description["ms_per_image"] * n_images / 1000,
            self.description["cpu_ms_per_image"] * n_images / 1000,
        )

    def _method(self, variant: str) -> Method:
        return Method(
            f"{self.name} {variant}",
            "independent",
            _raise_unfittable,
            _ABOUT[variant],
            BASE,
            external=True,
        )

    def _trained(
        self, table: LabelTable, folds: Sequence[Fold], seed: int, n_jobs: int
    ) -> MethodResult:
        """Fit logistic regression on the image vectors of the same model."""
        (logistic,) = select_methods(["logistic"])
        method = replace(
            logistic,
            name=f"{self.name} logistic",
            about="logistic regression on the image vectors of the zero-shot model",
            base=f"{logistic.base} on other features",
            external=True,
        )
        result = run_method(method, self.vectors, table, folds, seed=seed, n_jobs=n_jobs)
        result.add_time(ElapsedTime(), ElapsedTime(), self._tower_time(len(result.rows)))
        result.features = self.description
        return result

    def _calibrate(self, table: LabelTable, fold: Fold) -> Floats:
        """Return the probabilities of the test images of a fold."""
        biases = [
            fit_bias(
                self.scale * self.similarities[fold.train, label],
                table.Y[fold.train, label],
                table.known[fold.train, label],
            )
            for label in range(table.n_labels)
        ]
        return np.asarray(expit(self.scale * self.similarities[fold.test] + np.array(biases)))

    def _decide(
        self,
        table: LabelTable,
        folds: Sequence[Fold],
        scores: Sequence[Floats],
        calibrate: bool = False,
    ) -> dict[str, Any]:
        """Choose thresholds and the rule for label sets on the training images of each fold."""
        predictions, rules = [], []
        for fold, test_scores in zip(folds, scores, strict=True):
            training = self.similarities[fold.train]
            if calibrate:
                training = self._calibrate(table, Fold(fold.train, fold.train))
            search = SearchResult({}, training, table.known[fold.train])
            truth = table.Y[fold.train]
            thresholds = choose_thresholds(search, truth)
            rules.append(choose_set_rule(search, thresholds, truth, table.known[fold.train]))
            predictions.append(apply_thresholds(test_scores, thresholds, rule=rules[-1]))
        by_aim = {
            aim: np.concatenate([part[aim] for part in predictions]) for aim in predictions[0]
        }
        return {"predictions_by_aim": by_aim, "set_rules": rules}


_ABOUT = {
    "similarity": "similarity of image and text, which ranks images but decides nothing",
    "thresholds": "the same with a threshold per label from the training images",
    "calibrated": "the same with a calibrated bias per label from the training images",
}


def _raise_unfittable(seed: int) -> BaseEstimator:
    raise InputError("a zero-shot model is not trained; it cannot be fitted")


def fit_bias(logits: Floats, y: NDArray[Any], known: NDArray[np.bool_]) -> float:
    """Fit the bias of calibrated probabilities by maximum likelihood.

    Parameters
    ----------
    logits : array, shape (n_images,)
        Scaled similarities.
    y : array, shape (n_images,)
        0 or 1.
    known : array of bool, shape (n_images,)

    Returns
    -------
    float
        The bias with which the mean probability equals the prevalence. It is limited, for a label
        without positive or without negative images.

    Examples
    --------
    >>> logits = np.zeros(4)
    >>> round(fit_bias(logits, np.array([1, 0, 0, 0]), np.ones(4, bool)), 4)  # log(1/3)
    -1.0986
    """
    logits, y = logits[known], y[known]
    if not len(y):
        return 0.0
    low, high = -MAX_BIAS - float(np.max(logits)), MAX_BIAS - float(np.min(logits))
    for _ in range(80):  # the mean probability increases with the bias
        middle = (low + high) / 2
        if expit(logits + middle).mean() < y.mean():
            low = middle
        else:
            high = middle
    return (low + high) / 2


def make_prompts(labels: Sequence[str], source: str | Path = "plain") -> list[Prompts]:
    """Return the prompts of labels.

    Parameters
    ----------
    labels : sequence of str
    source : str or path
        ``"plain"``: templates such as "a photo of a cat"; ``"contrast"``: less the similarity to "a
        photo without a cat"; or a JSON or YAML file that maps labels to a text, a list of texts, or
        an object of such lists, ``present`` and ``absent``. In the texts, ``{label}`` is the label
        and ``{a_label}`` the label with its article. The entry ``*`` is for all other labels.

    Raises
    ------
    InputError
        If the file cannot be read, or names no prompts for a label.

    Examples
    --------
    >>> make_prompts(["traffic_light"], "contrast")[0].absent[0]
    'a photo without a traffic light'
    """
    if str(source) in PROMPT_KINDS:
        contrasts = CONTRAST_TEMPLATES if str(source) == "contrast" else ()
        return [_filled(TEMPLATES, contrasts, label) for label in labels]
    content = _read_prompts(Path(source))
    unknown = [key for key in content if key != "*" and key not in labels]
    missing = [label for label in labels if label not in content and "*" not in content]
    if unknown:
        raise InputError(
            f"{source}: {shown(unknown[0])} is not a label; the labels are"
            f" {join_names(list(labels))}"
        )
    if missing:
        raise InputError(
            f"{source}: there are no prompts for the label {shown(missing[0])}; add them, or an"
            " entry '*' for all other labels"
        )
    prompts = []
    for label in labels:
        entry = content.get(label, content.get("*"))
        parts = entry if isinstance(entry, Mapping) else {"present": entry}
        present, absent = (_texts(source, label, parts.get(key)) for key in ("present", "absent"))
        if not present or set(parts) - {"present", "absent"}:
            raise InputError(
                f"{source}: the prompts of {shown(label)} must be a text, a list of texts, or an"
                " object with the lists present and absent"
            )
        prompts.append(_filled(present, absent, label))
    return prompts


def _filled(present: Sequence[str], absent: Sequence[str], label: str) -> Prompts:
    name = " ".join(label.replace("_", " ").split())
    article = "an" if name[:1].lower() in "aeiou" else "a"

    def fill(template: str) -> str:
        return template.replace("{a_label}", f"{article} {name}").replace("{label}", name)

    return Prompts(tuple(map(fill, present)), tuple(map(fill, absent)))


def _texts(source: str | Path, label: str, value: Any) -> tuple[str, ...]:
    texts = () if value is None else (value,) if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise InputError(f"{source}: a prompt of {shown(label)} is not a text")
    return tuple(texts)


def _read_prompts(file: Path) -> dict[str, Any]:
    text = read_text(str(file))
    try:
        if file.suffix.lower() == ".json":
            content = json.loads(text)
        else:
            import yaml  # type: ignore[import-untyped]

            content = yaml.safe_load(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: not JSON ({' '.join(str(error).split())})") from None
    except yaml.YAMLError as error:
        raise InputError(f"{file}: not YAML ({' '.join(str(error).split())})") from None
    if not isinstance(content, dict) or not content:
        raise InputError(f'{file}: contains no prompts; write {{"cat": ["a photo of a cat"]}}')
    return {str(key): value for key, value in content.items()}


def similarities_of(
    images: NDArray[Any], texts: NDArray[Any], prompts: Sequence[Prompts]
) -> Floats:
    """Return the similarity of each image to the prompts of each label.

    Parameters
    ----------
    images : array, shape (n_images, length)
        Image vectors of any length.
    texts : array, shape (n_texts, length)
        Text vectors of length 1: for each label those of `present`, then those of `absent`.
    prompts : sequence of Prompts

    Returns
    -------
    array, shape (n_images, n_labels)
        Cosine similarity to the normalised mean of the vectors of `present`, less that to the
        normalised mean of `absent`.
    """
    norms = np.linalg.norm(images, axis=1, keepdims=True)
    unit = images / np.maximum(norms, 1e-12)
    columns, start = [], 0
    for prompt in prompts:
        column = np.zeros(len(images))
        for sign, count in ((1, len(prompt.present)), (-1, len(prompt.absent))):
            if count:
                mean = texts[start : start + count].mean(axis=0)
                column += sign * (unit @ (mean / np.linalg.norm(mean)))
            start += count
        columns.append(column)
    return np.stack(columns, axis=1)


def run_zero_shot(
    table: LabelTable,
    name: str,
    *,
    prompts: str | Path = "plain",
    progress: bool = False,
    **options: Any,
) -> ZeroShotModel:
    """Compute the similarities of images and labels by a zero-shot model.

    Parameters
    ----------
    table : LabelTable
        Images that can all be read.
    name : str
        ``ARCHITECTURE:WEIGHTS`` of OpenCLIP, ``hf-hub:NAME`` or ``local-dir:FOLDER``.
    prompts : str or path
        See `make_prompts`.
    progress : bool
    **options
        ``store``, ``engine``, ``precision``, ``n_jobs`` and ``scheduler`` of `extract_features`.

    Raises
    ------
    InputError
        If the data set has no images.
    catnocat.features.FeatureError
        If the model is not available.
    """
    if table.X is not None:
        raise InputError(
            f"--zero-shot {name}: needs images, and {table.name} comes with feature vectors"
        )
    wording = make_prompts(table.labels, prompts)
    texts = [text for prompt in wording for text in (*prompt.present, *prompt.absent)]
    text_vectors, scale = encode_texts(name, texts)
    recipe = {"backbone": f"openclip:{name}", "views": native_view(name)}
    with progress_bar(name, show=progress) as bar:
        extraction = extract_features(
            table.paths, progress=bar, bit_depth=table.bit_depth, **recipe, **options
        )
    if not extraction.readable.all():
        raise InputError(f"{extraction.skipped[0][0]}: cannot be read any more")
    similarities = similarities_of(extraction.X, text_vectors, wording)
    engine = {key: options[key] for key in ("engine", "precision") if key in options}
    return ZeroShotModel(
        name,
        similarities,
        scale,
        extraction.X,
        {
            "backbone": recipe["backbone"],
            "view": recipe["views"],
            "prompts": {
                label: {"present": list(one.present), "absent": list(one.absent)}
                for label, one in zip(table.labels, wording, strict=True)
            },
            "computed_now": extraction.computed,
            "seconds": round(extraction.seconds, 3),
            **_time_tower(table.paths, recipe | engine),
        },
    )


def _time_tower(paths: Sequence[str], recipe: dict[str, Any]) -> dict[str, float]:
    """Return the milliseconds per image to read an image and compute its vector."""
    listed = list(paths[:TIMED_IMAGES])
    with open_features(**recipe, use_store=False) as features:
        features.vectors([read_image(listed[0])])  # loads the network
        with measure_time() as elapsed:
            features.vectors([read_image(path) for path in listed])
    per_image = 1000 / len(listed)
    return {
        "ms_per_image": round(per_image * elapsed.seconds, 3),
        "cpu_ms_per_image": round(per_image * elapsed.cpu_seconds, 3),
    }
