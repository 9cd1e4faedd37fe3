"""The methods that can be compared, by the names that `--methods` takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from ..classifiers import (
    BinaryRelevance,
    ClassifierChain,
    LogisticBinaryRelevance,
    LogisticPowerset,
    MLkNN,
)
from .errors import InputError

Grid = Mapping[str, Sequence[Any]]

# Methods with the same base learner choose from the same grid, in the same inner folds.
PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
LOGISTIC: Grid = {"C": PENALTIES}
LOGISTIC_INSIDE: Grid = {"estimator__C": PENALTIES}
NEIGHBOURS: Grid = {"n_neighbors": (5, 10, 20, 40)}


@dataclass(frozen=True)
class Method:
    """One way to predict label sets from feature vectors.

    Attributes
    ----------
    name : str
        What `--methods` and `results.json` call it.
    kind : {"independent", "joint"}
        Whether each label is decided by a yes/no model of its own.
    make : callable
        From a seed to an unfitted estimator.
    base : str
        The base learner; a joint method is fairly compared with an independent one of the same.
    grid : mapping
        The parameters to be chosen inside the training images, and their candidates.
    about : str
        One line for the reports.
    """

    name: str
    kind: Literal["independent", "joint"]
    make: Callable[[int], BaseEstimator]
    about: str
    base: str
    grid: Grid = field(default_factory=dict)


def _logistic() -> LogisticRegression:
    return LogisticRegression(max_iter=1000)


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "one-vs-rest",
            "independent",
            lambda seed: BinaryRelevance(_logistic()),
            "cat/no-cat, dog/no-dog ...: one logistic regression per label",
            "logistic regression",
            LOGISTIC_INSIDE,
        ),
        Method(
            "logistic",
            "independent",
            lambda seed: LogisticBinaryRelevance(),
            "the same regressions, all labels solved together",
            "logistic regression",
            LOGISTIC,
        ),
        Method(
            "chain",
            "joint",
            lambda seed: ClassifierChain(
                LogisticBinaryRelevance(), order="random", random_state=seed
            ),
            "each label's logistic regression also sees the labels before it",
            "logistic regression",
            LOGISTIC_INSIDE,
        ),
        Method(
            "powerset",
            "joint",
            lambda seed: LogisticPowerset(),
            "one multinomial regression over the label sets that were seen",
            "logistic regression",
            LOGISTIC,
        ),
        Method(
            "mlknn",
            "joint",
            lambda seed: MLkNN(),
            "Bayes' rule on the labels of the nearest neighbours",
            "nearest neighbours",
            NEIGHBOURS,
        ),
    )
}

MAIN = ("one-vs-rest", "chain", "powerset", "mlknn")


def independent_reference(method: Method, among: Sequence[Method]) -> Method | None:
    """Find the independent method that one is compared with.

    Parameters
    ----------
    method : Method
    among : sequence of Method
        Those that were run.

    Returns
    -------
    Method or None
        The first independent one of the same base learner, else the first independent one; None
        where there is none but the method itself.

    Examples
    --------
    >>> independent_reference(METHODS["mlknn"], list(METHODS.values())).name
    'one-vs-rest'
    """
    others = [other for other in among if other.kind == "independent" and other is not method]
    same = [other for other in others if other.base == method.base]
    return next(iter(same or others), None)


def select_methods(names: Sequence[str] = ()) -> list[Method]:
    """Look methods up by name.

    Parameters
    ----------
    names : sequence of str
        None at all means the main ones, ``("all",)`` every one.

    Raises
    ------
    InputError
        If there is no method of such a name, or one is named twice.

    Examples
    --------
    >>> [method.name for method in select_methods(["chain", "mlknn"])]
    ['chain', 'mlknn']
    """
    wanted = list(METHODS) if list(names) == ["all"] else list(names or MAIN)
    for position, name in enumerate(wanted):
        if name not in METHODS:
            near = get_close_matches(name, METHODS, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(METHODS)}."
            raise InputError(f"--methods: no method is called '{name}'; {hint}")
        if name in wanted[:position]:
            raise InputError(f"--methods: '{name}' is named twice; name it once.")
    return [METHODS[name] for name in wanted]
