"""Choose the parameters that only a joint method has, once those of its base learner are chosen."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from ..metrics import macro_aps
from ..significance import Resamples
from .methods import Grid
from .model_selection import SearchResult, grid_search_cv
from .splits import Fold
from .thresholding import choose_set_rule, choose_thresholds, exact_matches, is_clearly_better

Array = NDArray[Any]

N_RESAMPLES = 100  # for a standard error to one part in 14


def choose_joint(
    model: Pipeline,
    joint_grid: Grid,
    base: SearchResult,
    X: Array,
    Y: Array,
    known: Array,
    folds: Sequence[Fold],
    *,
    n_jobs: int = 1,
    groups: Array | None = None,
) -> SearchResult:
    """Choose among the combinations of a joint grid, with the base learner's parameters given.

    A method that finds label sets is chosen by its share of images whose whole label set is right,
    decided as it would decide then; any other method by its macro AP. Both are of held-out images.
    The combination that `model` has is where the choice starts, and it is not fitted again. Another
    one takes its place if it is better by more than one standard error of the paired difference: of
    matched pairs for whole sets (`is_clearly_better`), of a bootstrap of the images for macro AP.

    Parameters
    ----------
    model : Pipeline
        Unfitted.
    joint_grid : mapping
        Names of parameters of the last step to their candidates.
    base : SearchResult
        The parameters chosen so far, with the defaults of the joint ones; with label sets if the
        method finds label sets.
    X, Y, known, folds, n_jobs, groups
        As for `catnocat.benchmarks.evaluation.model_selection.grid_search_cv`.

    Returns
    -------
    SearchResult
        With the parameters of both grids.
    """
    if not joint_grid:
        return base
    usual = {name: model[-1].get_params()[name] for name in joint_grid}
    best = replace(base, parameters=base.parameters | usual)
    for values in product(*joint_grid.values()):
        joint = dict(zip(joint_grid, values, strict=True))
        if joint == usual:
            continue
        alone = {name: (value,) for name, value in (base.parameters | joint).items()}
        with_sets = base.sets is not None
        try:
            choice = grid_search_cv(
                model, alone, X, Y, known, folds, with_sets=with_sets, n_jobs=n_jobs, groups=groups
            )
        except Exception:  # a candidate that fails is not chosen
            continue
        if _is_better(choice, best, Y, known):
            best = choice
    return best


def _is_better(choice: SearchResult, best: SearchResult, Y: Array, known: Array) -> bool:
    if best.sets is None:
        resamples = np.concatenate(list(Resamples(np.arange(len(Y)), N_RESAMPLES, seed=0)))
        weights = np.vstack([np.ones(len(Y)), resamples])
        values, reached = (macro_aps(Y, one.scores, known, weights) for one in (choice, best))
        gain = values - reached
        return bool(gain[0] > np.nanstd(gain[1:])) if np.isfinite(gain[0]) else False
    return is_clearly_better(_right(choice, Y, known), _right(best, Y, known))


def _right(choice: SearchResult, Y: Array, known: Array) -> Array:
    """Return which images have their whole label set right, by the rule that would be chosen."""
    thresholds = choose_thresholds(choice, Y)
    rule = choose_set_rule(choice, thresholds, Y, known)
    decided = rule.apply(choice.scores, thresholds["hamming"], choice.sets)
    return exact_matches(decided, Y, known)
