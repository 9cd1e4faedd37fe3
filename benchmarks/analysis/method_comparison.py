"""What is told of each method: its figures, their certainty, and how it stands to cat/no-cat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.tables import LabelTable
from ..evaluation import Fold, Outcome, fold_numbers
from ..evaluation.methods import independent_reference
from ..metrics import Scorecard, figures
from ..significance import Resampled, resample

RESAMPLES = 2000


@dataclass(frozen=True)
class Judged:
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


def resample_outcomes(
    outcomes: Sequence[Outcome],
    judged: LabelTable,
    *,
    averaged: NDArray[np.bool_] | None = None,
    folds: Sequence[Fold] | None = None,
    test_to_train: float,
    seed: int = 0,
    n_jobs: int = 1,
    n_resamples: int = RESAMPLES,
) -> Judged:
    """Measure what every method said, on the judged images and on resamples of them.

    Parameters
    ----------
    outcomes : sequence of Outcome
    judged : LabelTable
        The images the outcomes are about, row by row.
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
    fitted = [outcome for outcome in outcomes if not outcome.failed]
    cards = {
        outcome.method.name: Scorecard(
            judged.Y, outcome.scores, outcome.judged_answers, judged.known, averaged
        )
        for outcome in fitted
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
    return Judged(cards, resampled)


def with_statistics(outcomes: Sequence[Outcome], judged: Judged) -> list[dict[str, Any]]:
    """Put outcomes into the form of `results.json`'s "methods".

    Parameters
    ----------
    outcomes : sequence of Outcome
    judged : Judged
        What `resample_outcomes` made of them.

    Returns
    -------
    list of dict
        An entry per outcome, in their order.
    """
    methods = [outcome.method for outcome in outcomes if not outcome.failed]
    references = {method.name: independent_reference(method, methods) for method in methods}
    verdicts = judged.resampled.against(
        {name: other.name for name, other in references.items() if other and other.name != name}
    )
    entries = []
    for outcome in outcomes:
        method = outcome.method
        told: dict[str, Any] = {
            "name": method.name,
            "kind": method.kind,
            "base": method.base,
            "about": method.about,
        }
        if outcome.failed:
            entries.append(told | {"failed": outcome.failed})
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
                "fit_seconds": _rounded(outcome.fit_seconds, 4),
                "choose_seconds": _rounded(outcome.choose_seconds, 4),
                "predict_ms_per_image": _rounded(1000 * outcome.predict_seconds / card.n_images, 5),
                "chosen": [
                    {name.rpartition("__")[2]: value for name, value in chosen.items()}
                    for chosen in outcome.chosen
                ],
                "set_rules": [rule.to_dict() for rule in outcome.set_rules],
                "warnings": outcome.warnings,
            }
            | ({"features": outcome.features} if outcome.features else {})
        )
    return entries


def _units_of(fitted: Sequence[Outcome], judged: LabelTable) -> Any:
    """Tell which judgements belong together: of one image in all repeats, of a whole group."""
    if judged.group is not None or not fitted:
        return judged.group
    return fitted[0].rows


def _per_label(card: Scorecard) -> dict[str, list[float | None]]:
    return {
        name: [_rounded(value, 5) for value in values] for name, values in card.per_label().items()
    }


def _rounded(value: float, digits: int) -> float | None:
    return None if value != value else round(float(value), digits)
