"""Measure how well label errors are found: flip labels of the training images and look for them.

Run as ``python -m catnocat.benchmarks.experiments.label_errors DATASET``. If cleanlab is installed,
its label-quality scores are measured on the same probabilities. cleanlab is licensed under the AGPL
and not a dependency: install it in an environment of its own.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from ...classifiers import LogisticBinaryRelevanceCV
from ..analysis.label_errors import estimate_label_quality, predict_out_of_fold
from ..data import load_dataset, load_vectors
from ..data.tables import LabelTable
from ..metrics import average_precision, macro_aps
from ..significance import Resamples
from ..utils import InputError
from .command import log, run_measurement

KINDS = ("uniform", "confusable")
RATES = (0.03, 0.10)
N_RESAMPLES = 200
_CS = (1e-4, 1e-3, 1e-2, 1e-1)

CLEANLAB_SCORES: dict[str, dict[str, Any]] = {
    "self-confidence": {"method": "self_confidence"},
    "adjusted self-confidence": {"method": "self_confidence", "adjust_pred_probs": True},
}
"""For binary labels, its normalised margins and confidence-weighted entropies rank as these do."""

Floats = NDArray[np.float64]
Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class Ranking:
    """Quality of a ranking of (image, label) pairs, with 95 % intervals.

    Attributes
    ----------
    probabilities, score : str
    at_100, at_flips, ap : tuple of float
        Precision at 100 and at the number of flips, and average precision; each with the limits of
        its interval.
    """

    probabilities: str
    score: str
    at_100: tuple[float, float, float]
    at_flips: tuple[float, float, float]
    ap: tuple[float, float, float]


def flip_labels(
    Y: Labels, rate: float, kind: str, partners: NDArray[np.intp], rng: np.random.Generator
) -> Labels:
    """Flip a share of the positive labels and as many negative ones.

    Parameters
    ----------
    Y : array of {0, 1}, shape (n_images, n_labels)
    rate : float
        Share of the positives that become negative.
    kind : {"uniform", "confusable"}
        "uniform": positives and negatives are drawn independently. "confusable": a label is
        replaced in the same image by the label that it is confused with.
    partners : array of int, shape (n_labels,)
        The label that each label is confused with.
    rng : numpy.random.Generator

    Returns
    -------
    array of {0, 1}, shape (n_images, n_labels)

    Examples
    --------
    >>> Y = np.array([[1, 0], [0, 1], [1, 0], [0, 1]], np.uint8)
    >>> flipped = flip_labels(Y, 0.5, "confusable", np.array([1, 0]), np.random.default_rng(0))
    >>> (flipped != Y).sum(axis=1).tolist().count(2), flipped.sum(axis=1).tolist()
    (2, [1, 1, 1, 1])
    """
    flipped = Y.copy()
    positives = rng.permutation(np.argwhere(Y == 1))
    count = round(rate * len(positives))
    if kind == "uniform":
        negatives = rng.permutation(np.argwhere(Y == 0))[:count]
        flipped[tuple(positives[:count].T)] = 0
        flipped[tuple(negatives.T)] = 1
        return flipped
    swapped = 0
    for row, label in positives.tolist():
        other = partners[label]
        if (
            swapped < count
            and flipped[row, label]
            and not Y[row, other]
            and not flipped[row, other]
        ):
            flipped[row, label], flipped[row, other] = 0, 1
            swapped += 1
    return flipped


def find_partners(Y: Labels, probabilities: Floats) -> NDArray[np.intp]:
    """Return for each label the one whose probability rises most on images with the label.

    Only images without the other label count, so that the rise is a confusion.
    """
    n_labels = Y.shape[1]
    partners = np.zeros(n_labels, dtype=np.intp)
    for label in range(n_labels):
        rise = np.full(n_labels, -np.inf)
        for other in range(n_labels):
            absent = Y[:, other] == 0
            shown = absent & (Y[:, label] == 1)
            if other != label and shown.any():
                rise[other] = (
                    probabilities[shown, other].mean() / probabilities[absent, other].mean()
                )
        partners[label] = int(rise.argmax())
    return partners


def cleanlab_scores(Y: Labels, probabilities: Floats) -> dict[str, Floats]:
    """Return cleanlab's label-quality scores with their sign changed; empty if not installed."""
    try:
        from cleanlab.multilabel_classification.rank import get_label_quality_scores_per_class
    except ImportError:
        return {}
    lists = [np.flatnonzero(row).tolist() for row in Y]
    scores = {}
    for name, options in CLEANLAB_SCORES.items():
        quality = get_label_quality_scores_per_class(lists, probabilities, **options)
        scores[f"cleanlab, {name}"] = -np.asarray(quality)
    return scores


def measure_rankings(
    Y: Labels, flipped: Labels, probabilities: dict[str, Floats], seed: int = 0
) -> Iterator[Ranking]:
    """Measure catnocat's and cleanlab's rankings of the same pairs, with bootstrap intervals.

    Parameters
    ----------
    Y, flipped : arrays of {0, 1}, shape (n_images, n_labels)
        True labels, and those in which errors are to be found.
    probabilities : dict of str to array of shape (n_images, n_labels)
        Out-of-fold probabilities by the name of the models.
    seed : int, default=0
        Seed of the bootstrap of the images.
    """
    errors = flipped != Y
    for name, P in probabilities.items():
        scores = {"catnocat": estimate_label_quality(flipped, P).error_probability}
        for score, values in (scores | cleanlab_scores(flipped, P)).items():
            yield _ranking(name, score, errors, np.nan_to_num(values, nan=-1.0), seed)


def _ranking(
    probabilities: str, score: str, errors: NDArray[np.bool_], values: Floats, seed: int
) -> Ranking:
    n_images, n_labels = errors.shape
    order = np.argsort(-values.ravel(), kind="stable")
    wrong, image = errors.ravel()[order], order // n_labels
    resamples = np.concatenate(list(Resamples(np.arange(n_images), N_RESAMPLES, seed=seed)))
    figures = np.array(
        [_figures(wrong, weights[image]) for weights in [np.ones(n_images), *resamples]]
    )
    low, high = np.quantile(figures[1:], [0.025, 0.975], axis=0)
    at_100, at_flips, ap = ((float(figures[0, k]), float(low[k]), float(high[k])) for k in range(3))
    return Ranking(probabilities, score, at_100, at_flips, ap)


def _figures(wrong: NDArray[np.bool_], weight: Floats) -> tuple[float, float, float]:
    """Return precision at 100 and at the number of errors, and AP; the best pair is first."""
    found, seen = np.cumsum(weight * wrong), np.cumsum(weight)
    total = found[-1]
    first, last = np.searchsorted(seen, [100, total])
    ranks = -np.arange(len(wrong))
    return (
        float(found[first] / seen[first]),
        float(found[last] / seen[last]),
        average_precision(wrong, ranks, weight),
    )


def measure_repair(
    X: Floats, table: LabelTable, train: NDArray[np.bool_], flipped: Labels, error: Floats
) -> dict[str, tuple[float, float, float]]:
    """Measure macro AP on the true labels of the test images, after training on several labels.

    Parameters
    ----------
    X : array of shape (n_images, n_features)
    table : LabelTable
        With the true labels.
    train : array of bool, shape (n_images,)
    flipped : array of {0, 1}, shape (n_training_images, n_labels)
    error : array of float, shape (n_training_images, n_labels)
        Probability of an error of each training label.

    Returns
    -------
    dict of str to tuple of float
        Difference in macro AP to training on the flipped labels, with its 95 % interval (bootstrap
        of the test images), if probable errors are dropped, if they are corrected, if a person
        reviews as many pairs as there are errors, and if all labels are true. "flipped": macro AP
        itself.
    """
    error = np.nan_to_num(error, nan=0.0)
    suspect = error >= 0.5
    true = table.Y[train]
    reviewed = flipped.copy()
    first = np.argsort(-error.ravel(), kind="stable")[: int((flipped != true).sum())]
    reviewed.ravel()[first] = true.ravel()[first]
    known = np.ones(flipped.shape, dtype=bool)
    versions: dict[str, tuple[Labels, NDArray[np.bool_]]] = {
        "flipped": (flipped, known),
        "dropped": (np.where(suspect, 0, flipped).astype(np.uint8), ~suspect),
        "corrected": (np.where(suspect, 1 - flipped, flipped).astype(np.uint8), known),
        "reviewed": (reviewed, known),
        "true": (true, known),
    }
    scaler = StandardScaler().fit(X[train])
    X_train, X_test = scaler.transform(X[train]), scaler.transform(X[~train])
    resamples = np.concatenate(list(Resamples(np.arange(int((~train).sum())), N_RESAMPLES, seed=0)))
    weights = np.vstack([np.ones(resamples.shape[1]), resamples])
    values = {}
    for name, (Y, answered) in versions.items():
        model = LogisticBinaryRelevanceCV(_CS, cv=3, tol=1e-5)
        model.fit(X_train, Y, known=answered)
        scores = model.predict_proba(X_test)
        values[name] = macro_aps(table.Y[~train], scores, table.known[~train], weights)
    base = values.pop("flipped")
    gains = {name: _with_interval(value - base) for name, value in values.items()}
    return {"flipped": _with_interval(base)} | gains


def _with_interval(values: Floats) -> tuple[float, float, float]:
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return float(values[0]), float(low), float(high)


def _text(figure: tuple[float, float, float]) -> str:
    return f"{figure[0]:.3f} ({figure[1]:.3f} to {figure[2]:.3f})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table per kind and rate of errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", help="a data set with a split into train and test")
    parser.add_argument("--store", default=None, help="folder of the feature store")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--rates", default=",".join(map(str, RATES)))
    parser.add_argument("--seed", type=int, default=0)
    return run_measurement(parser, _measure, arguments)


def _measure(options: argparse.Namespace, show: Callable[[str], None] = print) -> int:
    table = load_dataset(options.dataset)
    vectors = load_vectors(table, store=options.store)
    table, X = vectors.table, np.asarray(vectors.X, dtype=np.float64)
    if table.split is None:
        raise InputError(f"{table.source}: no split; this experiment needs train and test images.")
    train = table.split == "train"
    training = table.take(train)
    clean = predict_out_of_fold(X[train], training, joint=False)
    partners = find_partners(training.Y, clean)
    for kind in options.kinds.split(","):
        for rate in map(float, options.rates.split(",")):
            log(f"{options.dataset}: {kind}, {rate:g}")
            rng = np.random.default_rng(options.seed)
            flipped = flip_labels(training.Y, rate, kind, partners, rng)
            _report(X, table, train, flipped, options.seed, f"{kind}, {rate:.0%}", show)
    return 0


def _report(
    X: Floats,
    table: LabelTable,
    train: NDArray[np.bool_],
    flipped: Labels,
    seed: int,
    title: str,
    show: Callable[[str], None],
) -> None:
    noisy = replace(table.take(train), Y=flipped, counts=None)
    probabilities = {
        "logistic": predict_out_of_fold(X[train], noisy, seed=seed, joint=False),
        "logistic and powerset": predict_out_of_fold(X[train], noisy, seed=seed),
    }
    n_flips = int((flipped != table.Y[train]).sum())
    show(f"\n{title}: {n_flips} of {flipped.size} labels flipped\n")
    show("| probabilities | score | precision at 100 | at the number of flips | AP |")
    show("|---|---|---|---|---|")
    for entry in measure_rankings(table.Y[train], flipped, probabilities, seed):
        cells = (entry.at_100, entry.at_flips, entry.ap)
        show(f"| {entry.probabilities} | {entry.score} | " + " | ".join(map(_text, cells)) + " |")
    both = probabilities["logistic and powerset"]
    error = estimate_label_quality(flipped, both).error_probability
    gains = measure_repair(X, table, train, flipped, error)
    show("\n| training labels | macro AP on the test images |\n|---|---|")
    show(f"| flipped | {_text(gains.pop('flipped'))} |")
    for name, (value, low, high) in gains.items():
        show(f"| {name} | {value:+.3f} ({low:+.3f} to {high:+.3f}) |")


if __name__ == "__main__":
    raise SystemExit(main())
