"""What is told of each method: its figures, their certainty, and how it stands to cat/no-cat."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .comparison import Outcome
from .methods import independent_reference
from .metrics import Scorecard, evaluate
from .statistics import compare_with_references
from .tables import LabelTable

RESAMPLES = 2000


def with_statistics(
    outcomes: Sequence[Outcome],
    judged: LabelTable,
    *,
    averaged: NDArray[np.bool_] | None = None,
    test_to_train: float,
    seed: int = 0,
    n_jobs: int = 1,
    n_resamples: int = RESAMPLES,
) -> list[dict[str, Any]]:
    """Put outcomes into the form of `results.json`'s "methods".

    Parameters
    ----------
    outcomes : sequence of Outcome
    judged : LabelTable
        The images the outcomes are about, row by row.
    averaged : array of bool, shape (n_labels,), optional
        False for the labels that are too rare for macro averages.
    test_to_train : float
        Images judged by a model for every one it learned from.
    seed : int
        Of the resamples.
    n_jobs : int
        Parallel processes.
    n_resamples : int

    Returns
    -------
    list of dict
        An entry per outcome, in their order.
    """
    fitted = {outcome.method.name: outcome for outcome in outcomes if not outcome.failed}
    methods = [outcome.method for outcome in fitted.values()]
    references = {method.name: independent_reference(method, methods) for method in methods}
    cards = scorecards(list(fitted.values()), judged, averaged)
    verdicts = compare_with_references(
        cards,
        {
            name: None if reference is None else reference.name
            for name, reference in references.items()
        },
        units=units_of(list(fitted.values()), judged),
        test_to_train=test_to_train,
        n_resamples=n_resamples,
        seed=seed,
        n_jobs=n_jobs,
    )
    entries = []
    for outcome in outcomes:
        method = outcome.method
        told = {
            "name": method.name,
            "kind": method.kind,
            "base": method.base,
            "about": method.about,
        }
        if outcome.failed:
            entries.append(told | {"failed": outcome.failed})
            continue
        reference = references[method.name]
        found = verdicts[method.name]
        entries.append(
            told
            | {
                "metrics": evaluate(
                    judged.Y, outcome.scores, outcome.judged_answers, judged.known, averaged
                ),
                "intervals": found["intervals"],
                "per_label": _per_label(cards[method.name]),
                "reference": None if reference is None else reference.name,
                "same_base": reference is not None and reference.base == method.base,
                "against_independent": found["against_reference"],
                "fit_seconds": _rounded(outcome.fit_seconds, 4),
                "choose_seconds": _rounded(outcome.choose_seconds, 4),
                "predict_ms_per_image": _rounded(
                    1000 * outcome.predict_seconds / judged.n_images, 5
                ),
                "chosen": [
                    {name.rpartition("__")[2]: value for name, value in chosen.items()}
                    for chosen in outcome.chosen
                ],
                "warnings": outcome.warnings,
            }
            | ({"features": outcome.features} if outcome.features else {})
        )
    return entries


def scorecards(
    fitted: Sequence[Outcome], judged: LabelTable, averaged: NDArray[np.bool_] | None = None
) -> dict[str, Scorecard]:
    """Make ready to measure what each method said; see `with_statistics`."""
    return {
        outcome.method.name: Scorecard(
            judged.Y, outcome.scores, outcome.judged_answers, judged.known, averaged
        )
        for outcome in fitted
    }


def units_of(fitted: Sequence[Outcome], judged: LabelTable) -> Any:
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
