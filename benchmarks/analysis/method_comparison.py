"""What is told of each method: its figures, their certainty, and how it stands to cat/no-cat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.tables import LabelTable
from ..evaluation import Fold, MethodResult, fold_numbers
from ..evaluation.methods import independent_reference
from ..metrics import Scorecard, figures
from ..significance import Resampled, resample

RESAMPLES = 2000


@dataclass(frozen=True)
class ScoredPredictions:
    """What every method said of the judged images, ready to be compared.

    Attributes
    ----------
    cards : mapping of str to Scorecard
        By method, without those that failed.
    resampled : Resampled
        The same, on resamples of the images.
    """

    cards: Mapping[str, Scorecard]
    resampled: Resampled


def resample_results(
    method_results: Sequence[MethodResult],
    judged: LabelTable,
    *,
    averaged: NDArray[np.bool_] | None = None,
    folds: Sequence[Fold] | None = None,
    test_to_train: float,
    seed: int = 0,
    n_jobs: int = 1,
    n_resamples: int = RESAMPLES,
) -> ScoredPredictions:
    """Measure what every method said, on the judged images and on resamples of them.

    Parameters
    ----------
    method_results : sequence of MethodResult
    judged : LabelTable
        The images the method_results are about, row by row.
    averaged : array of bool, shape (n_labels,), optional
        False for the labels that are too rare for macro averages.
    folds : sequence of Fold, optional
        Those of the comparison. They show the part of a difference that depends on the training
        images; without them it is taken from `test_to_train` alone.
    test_to_train : float
        Images judged by a model for every one it learned from.
    seed : int
        Of the resamples.
    n_jobs : int
        Parallel processes.
    n_resamples : int
    """
    fitted = [method_result for method_result in method_results if not method_result.failed]
    cards = {
        method_result.method.name: Scorecard(
            judged.Y,
            method_result.scores,
            method_result.judged_answers if method_result.answers else None,
            judged.known,
            averaged,
        )
        for method_result in fitted
    }
    resampled = resample(
        cards,
        units=_units_of(fitted, judged),
        folds=None if folds is None else fold_numbers(folds),
        test_to_train=test_to_train,
        n_resamples=n_resamples,
        seed=seed,
        n_jobs=n_jobs,
    )
    return ScoredPredictions(cards, resampled)


def build_method_entries(
    method_results: Sequence[MethodResult], judged: ScoredPredictions
) -> list[dict[str, Any]]:
    """Put method_results into the form of `results.json`'s "methods".

    Parameters
    ----------
    method_results : sequence of MethodResult
    judged : ScoredPredictions
        What `resample_results` made of them.

    Returns
    -------
    list of dict
        An entry per method_result, in their order.
    """
    methods = [method_result.method for method_result in method_results if not method_result.failed]
    references = {method.name: independent_reference(method, methods) for method in methods}
    verdicts = judged.resampled.against(
        {name: other.name for name, other in references.items() if other and other.name != name}
    )
    entries = []
    for method_result in method_results:
        method = method_result.method
        told: dict[str, Any] = {
            "name": method.name,
            "kind": method.kind,
            "base": method.base,
            "about": method.about,
        }
        if method_result.failed:
            entries.append(told | {"failed": method_result.failed})
            continue
        reference = references[method.name]
        card = judged.cards[method.name]
        entries.append(
            told
            | {
                "metrics": figures(card),
                "intervals": judged.resampled.intervals(method.name),
                "per_label": _per_label(card),
                "reference": None if reference is None else reference.name,
                "same_base": reference is not None and reference.base == method.base,
                "against_independent": verdicts.get(method.name),
                "fit_seconds": _rounded(method_result.fit_seconds, 4),
                "choose_seconds": _rounded(method_result.choose_seconds, 4),
                "predict_ms_per_image": _rounded(
                    1000 * method_result.predict_seconds / card.n_images, 5
                ),
                "chosen": [
                    {name.rpartition("__")[2]: value for name, value in chosen.items()}
                    for chosen in method_result.chosen
                ],
                "set_rules": [rule.to_dict() for rule in method_result.set_rules],
                "warnings": method_result.warnings,
            }
            | ({"features": method_result.features} if method_result.features else {})
        )
    return entries


def _units_of(fitted: Sequence[MethodResult], judged: LabelTable) -> Any:
    """Tell which pooled belong together: of one image in all repeats, of a whole group."""
    if judged.group is not None or not fitted:
        return judged.group
    return fitted[0].rows


def _per_label(card: Scorecard) -> dict[str, list[float | None]]:
    return {
        name: [_rounded(value, 5) for value in values] for name, values in card.per_label().items()
    }


def _rounded(value: float, digits: int) -> float | None:
    return None if value != value else round(float(value), digits)
