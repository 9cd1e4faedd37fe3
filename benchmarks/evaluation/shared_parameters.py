"""One choice of the base learner's parameters per training set, shared by all methods that use it.

A comparison of methods with the same base learner holds the base learner fixed. If each method
chose its own C, the choice would differ between methods by chance, and a difference between two
values of C would look like a difference between two methods.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from ..data.tables import LabelTable
from .methods import LOGISTIC, METHODS, NEIGHBOURS, Method
from .model_selection import SearchResult, grid_search_cv
from .splits import inner_folds

PARAMETER_SOURCES = {LOGISTIC: "logistic", NEIGHBOURS: "mlknn"}
"""The independent method that chooses the parameters of a base learner, for all its methods."""


def parameter_source(method: Method) -> Method | None:
    """Return the independent method that chooses a method's base-learner parameters.

    The source does not depend on which methods are compared, so a method has the same figures in
    every table.

    Parameters
    ----------
    method : Method

    Returns
    -------
    Method or None
        None where a method chooses its own: its base learner has no source, it has no parameter,
        other features or other parameters than the source.

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
    return source if [*map(_plain, source.grid)] == [*map(_plain, method.grid)] else None


@dataclass
class SharedParameters:
    """The choices that were made on one training set.

    Attributes
    ----------
    choices : dict
        By source and candidates: the choice and the seconds that it took.
    """

    choices: dict[Any, tuple[SearchResult, float]] = field(default_factory=dict)

    def has(self, source: Method, method: Method) -> bool:
        """Return whether the choice of a method's source was made already."""
        return _key(source, method) in self.choices

    def choose(
        self,
        source: Method,
        method: Method,
        model: Pipeline,
        X: NDArray[Any],
        table: LabelTable,
        seed: int,
        n_jobs: int,
    ) -> tuple[SearchResult, float]:
        """Return the choice of a method's source among the method's candidates, and its seconds.

        Parameters
        ----------
        source : Method
            That of `parameter_source`.
        method : Method
        model : Pipeline
            The unfitted source.
        X, table, seed, n_jobs
            As for `catnocat.benchmarks.evaluation.fit.fit_method`.
        """
        key = _key(source, method)
        if key not in self.choices:
            started = time.perf_counter()
            choice = grid_search_cv(
                model,
                dict(key[1]),
                X,
                table.Y,
                table.known,
                inner_folds(table, seed),
                n_jobs=n_jobs,
                groups=table.group,
            )
            self.choices[key] = choice, time.perf_counter() - started
        return self.choices[key]


def _key(source: Method, method: Method) -> tuple[str, tuple[tuple[str, tuple[Any, ...]], ...]]:
    """Return the source and the method's candidates under the source's names of parameters."""
    grid = zip(source.grid, method.grid.values(), strict=True)
    return source.name, tuple((name, tuple(values)) for name, values in grid)


def _plain(name: str) -> str:
    """Return a parameter's name without the steps that lead to it."""
    return name.rpartition("__")[2]
