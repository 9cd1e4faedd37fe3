"""Fit one named method, with everything about it chosen inside the images it learns from."""

import time
import warnings
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from ...classifiers import ConstantLabelWarning
from ..data.tables import LabelTable
from .joint_parameters import choose_joint
from .methods import Method
from .model_selection import SearchResult, check_scores, fit_pipeline, grid_search_cv, takes_known
from .shared_parameters import SharedParameters, parameter_source
from .splits import inner_folds
from .thresholding import SetRule, apply_thresholds, choose_set_rule, choose_thresholds

Array = NDArray[Any]


@dataclass(frozen=True)
class FittedMethod:
    """A fitted method, and what was chosen for it.

    Attributes
    ----------
    method : Method
    model : Pipeline
        Fitted to all training images with the chosen parameters.
    chosen : dict
        These parameters.
    thresholds : dict of str to array of shape (n_labels,)
        By aim, see `catnocat.benchmarks.evaluation.thresholding`.
    set_rule : SetRule
        How the label set of an image is decided.
    choose_seconds, fit_seconds : float
        To choose the parameters, thresholds and set rule, and to fit once with them.
    warnings : list of str
        Of that fit.
    held_out : SearchResult
        What models with these parameters said of images that they had not seen.
    """

    method: Method
    model: Pipeline
    chosen: dict[str, Any]
    thresholds: dict[str, Array]
    set_rule: SetRule
    choose_seconds: float
    fit_seconds: float
    warnings: list[str]
    held_out: SearchResult

    def scores(self, X: Array) -> Array:
        """Give the probabilities (n_images, n_labels) of other images.

        Raises
        ------
        ValueError
            If one of them is not a finite number.
        """
        n_labels = len(next(iter(self.thresholds.values())))
        return check_scores(self.model.predict_proba(X), (len(X), n_labels))

    def predict(self, X: Array, scores: Array) -> dict[str, Array]:
        """Return the decisions (n_images, n_labels) for each aim, and label sets as ``"set"``.

        Parameters
        ----------
        X : array of shape (n_images, n_features)
        scores : array of shape (n_images, n_labels)
            Those of `scores`.
        """
        sets = self.model.predict(X) if self.set_rule.source == "sets" else None
        return apply_thresholds(scores, self.thresholds, sets, self.set_rule)


def build_pipeline(method: Method, seed: int) -> Pipeline:
    """Make a method's pipeline, with the parameters that it has by itself."""
    # Regions have one scale, whichever part of the picture they are of: their method sees to it.
    scale = StandardScaler() if method.features == "image" else "passthrough"
    return Pipeline([("scale", scale), ("method", method.make(seed))])


def fit_method(
    method: Method,
    X: Array,
    table: LabelTable,
    *,
    seed: int = 0,
    n_jobs: int = 1,
    shared: SharedParameters | None = None,
) -> FittedMethod:
    """Choose a method's parameters, thresholds and set rule, and fit it to all images given.

    Parameters
    ----------
    method : Method
    X : array of shape (n_images, n_features), or (n_images, n_regions, n_features)
        As `method.features` says.
    table : LabelTable
        The same images, row by row; all of them are learned from.
    seed : int
        Of the inner folds and of the method itself.
    n_jobs : int
        Processes used while parameters are chosen; the timed fit runs alone.
    shared : SharedParameters, optional
        The choices of other methods that were made on the same images; this one's are added.

    Returns
    -------
    FittedMethod

    Examples
    --------
    >>> import numpy as np
    >>> from catnocat.benchmarks.evaluation.methods import METHODS
    >>> rng = np.random.default_rng(0)
    >>> Y = rng.random((200, 2)) < 0.4
    >>> names = [f"{row}.jpg" for row in range(200)]
    >>> table = LabelTable("made", "made.csv", names, names, ["cat", "dog"], Y, np.ones_like(Y))
    >>> X = Y + 0.3 * rng.normal(size=Y.shape)
    >>> fitted = fit_method(METHODS["logistic"], X[:150], table.take(range(150)))
    >>> scores = fitted.scores(X[150:])
    >>> f"{(fitted.predict(X[150:], scores)['set'] == Y[150:]).mean():.2f}"
    '0.92'
    """
    model = build_pipeline(method, seed)
    Y, known = table.Y, table.known
    started = time.perf_counter()
    choice, seconds_before = _choose(method, model, X, table, seed, n_jobs, shared)
    thresholds = choose_thresholds(choice, Y)
    set_rule = choose_set_rule(choice, thresholds, Y, known)
    choose_seconds = time.perf_counter() - started + seconds_before
    model[-1].set_params(**choice.parameters)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", ConstantLabelWarning)  # told once, of the table
        started = time.perf_counter()
        fit_pipeline(model, X, Y, known, table.group)
        fit_seconds = time.perf_counter() - started
    messages = dict.fromkeys(str(warning.message).splitlines()[0] for warning in caught)
    if not known.all() and not takes_known(model):
        messages["It cannot leave out single labels: unknown ones were taken as absent."] = None
    return FittedMethod(
        method,
        model,
        choice.parameters,
        thresholds,
        set_rule,
        choose_seconds,
        fit_seconds,
        list(messages),
        choice,
    )


def _choose(
    method: Method,
    model: Pipeline,
    X: Array,
    table: LabelTable,
    seed: int,
    n_jobs: int,
    shared: SharedParameters | None,
) -> tuple[SearchResult, float]:
    """Return the choice of a method, and the seconds that a choice made before had taken."""
    source, grid, before = parameter_source(method), method.grid, 0.0
    if source is not None:
        shared = shared or SharedParameters()
        made_before = shared.has(source, method)
        choice, seconds = shared.choose(
            source, method, build_pipeline(source, seed), X, table, seed, n_jobs
        )
        before = seconds if made_before else 0.0
        if source.name == method.name and source.make is method.make:
            return choice, before
        grid = {
            name: (value,)
            for name, value in zip(method.grid, choice.parameters.values(), strict=True)
        }
    folds, groups = inner_folds(table, seed), table.group
    base = grid_search_cv(
        model,
        grid,
        X,
        table.Y,
        table.known,
        folds,
        with_sets=method.decides == "sets",
        n_jobs=n_jobs,
        groups=groups,
    )
    chosen = choose_joint(
        model,
        method.joint_grid,
        base,
        X,
        table.Y,
        table.known,
        folds,
        n_jobs=n_jobs,
        groups=groups,
    )
    return chosen, before
