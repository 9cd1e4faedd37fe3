"""Parameters that methods share, and parameters that only joint methods have.

A comparison of methods with the same base learner must keep the base learner fixed. If each method
chose its own C, the choice would differ between methods by chance, and a difference between two
values of C would look like a difference between two methods. So the parameters of a base learner
are chosen once per training set. The parameters that only a joint method has are chosen afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from ..data.tables import LabelTable
from ..utils import ElapsedTime, measure_time
from .methods import LOGISTIC, METHODS, NEIGHBOURS, Grid, Method
from .model_selection import SearchResult, grid_search_cv, resampled_macro_aps
from .splits import Fold, inner_folds
from .thresholding import choose_set_rule, choose_thresholds, exact_matches, is_clearly_better

Array = NDArray[Any]

PARAMETER_SOURCES = {LOGISTIC: "logistic", NEIGHBOURS: "mlknn"}
"""Independent method that chooses the parameters of a base learner, for all methods that use it."""


def parameter_source(method: Method) -> Method | None:
    """Return the independent method that chooses a method's base-learner parameters.

    The source does not depend on which methods are compared, so a method has the same results in
    every comparison.

    Parameters
    ----------
    method : Method

    Returns
    -------
    Method or None
        None if the method chooses its own parameters: its base learner has no source, it has no
        parameters, or its features or parameters differ from those of the source.

    Examples
    --------
    >>> for name in ("one-vs-rest", "chain", "iblr", "softmax"):
    ...     source = parameter_source(METHODS[name])
    ...     print(name, source and source.name)
    one-vs-rest logistic
    chain logistic
    iblr mlknn
    softmax None
    """
    name = PARAMETER_SOURCES.get(method.base)
    if name is None or method.features != "image" or not method.grid:
        return None
    source = METHODS[name]
    same_parameters = [*map(_base_name, source.grid)] == [*map(_base_name, method.grid)]
    return source if same_parameters else None


@dataclass
class SharedParameters:
    """Searches over base-learner parameters that were made on one training set.

    Attributes
    ----------
    searches : dict
        By source and candidates: the result, and the time that it took.
    """

    searches: dict[Any, tuple[SearchResult, ElapsedTime]] = field(default_factory=dict)

    def has(self, source: Method, method: Method) -> bool:
        """Return whether the search for a method's source was already made."""
        return _search_key(source, method) in self.searches

    def search(
        self,
        source: Method,
        method: Method,
        model: Pipeline,
        X: Array,
        table: LabelTable,
        seed: int,
        n_jobs: int,
    ) -> tuple[SearchResult, ElapsedTime]:
        """Search the method's candidates with its source, or return the result of that search.

        Parameters
        ----------
        source : Method
            See `parameter_source`.
        method : Method
        model : Pipeline
            The unfitted source.
        X, table, seed, n_jobs
            As in `catnocat.benchmarks.evaluation.fit.fit_method`.

        Returns
        -------
        SearchResult
        ElapsedTime
            Time of the search, when it was made.
        """
        key = _search_key(source, method)
        if key not in self.searches:
            with measure_time() as elapsed:
                result = grid_search_cv(
                    model,
                    dict(key[1]),
                    X,
                    table.Y,
                    table.known,
                    inner_folds(table, seed),
                    n_jobs=n_jobs,
                    groups=table.group,
                )
            elapsed.cpu_seconds = result.cpu_seconds
            self.searches[key] = result, elapsed
        return self.searches[key]


def _search_key(
    source: Method, method: Method
) -> tuple[str, tuple[tuple[str, tuple[Any, ...]], ...]]:
    """Return the source, and the method's candidates under the parameter names of the source."""
    grid = zip(source.grid, method.grid.values(), strict=True)
    return source.name, tuple((name, tuple(values)) for name, values in grid)


def _base_name(name: str) -> str:
    """Return a parameter's name without the names of nested steps."""
    return name.rpartition("__")[2]


def choose_joint_parameters(
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
    """Choose among the combinations of a joint grid, for fixed base-learner parameters.

    Methods that predict label sets are compared by subset accuracy, with the set rule that would be
    chosen; other methods by macro AP. Both are computed on out-of-fold predictions. The search
    starts with the combination of `model`, which is not fitted again. Another combination replaces
    it if it is better by more than one standard error of the paired difference: of matched pairs
    for subset accuracy (`is_clearly_better`), of a bootstrap of the images for macro AP.

    Parameters
    ----------
    model : Pipeline
        Unfitted.
    joint_grid : mapping
        Candidate values of each parameter of the last step.
    base : SearchResult
        Base-learner parameters, with the defaults of the joint parameters; with label sets if the
        method predicts label sets.
    X, Y, known, folds, n_jobs, groups
        As in `catnocat.benchmarks.evaluation.model_selection.grid_search_cv`.

    Returns
    -------
    SearchResult
        With the parameters of both grids.
    """
    if not joint_grid:
        return base
    default = {name: model[-1].get_params()[name] for name in joint_grid}
    best = replace(base, parameters=base.parameters | default)
    cpu_seconds = base.cpu_seconds
    for values in product(*joint_grid.values()):
        combination = dict(zip(joint_grid, values, strict=True))
        if combination == default:
            continue
        grid = {name: (value,) for name, value in (base.parameters | combination).items()}
        with_sets = base.sets is not None
        try:
            result = grid_search_cv(
                model, grid, X, Y, known, folds, with_sets=with_sets, n_jobs=n_jobs, groups=groups
            )
        except Exception:  # a combination that fails is not chosen
            continue
        cpu_seconds += result.cpu_seconds
        if _is_better(result, best, Y, known):
            best = result
    return replace(best, cpu_seconds=cpu_seconds)


def _is_better(result: SearchResult, best: SearchResult, Y: Array, known: Array) -> bool:
    if best.sets is None:
        aps, best_aps = (resampled_macro_aps(Y, each.scores, known) for each in (result, best))
        gain = aps - best_aps
        return bool(gain[0] > np.nanstd(gain[1:])) if np.isfinite(gain[0]) else False
    return is_clearly_better(
        _out_of_fold_matches(result, Y, known), _out_of_fold_matches(best, Y, known)
    )


def _out_of_fold_matches(result: SearchResult, Y: Array, known: Array) -> Array:
    """Return which images have an exactly right label set, by the set rule that would be chosen."""
    thresholds = choose_thresholds(result, Y)
    rule = choose_set_rule(result, thresholds, Y, known)
    predicted = rule.apply(result.scores, thresholds["hamming"], result.sets)
    return exact_matches(predicted, Y, known)
