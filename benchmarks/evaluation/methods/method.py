"""Description of a method, base learners, and grids of parameters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sklearn.base import BaseEstimator

from ...utils import InputError

Grid = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Method:
    """A multi-label classifier with its parameter grid.

    Attributes
    ----------
    name : str
        Name in `--methods` and `results.json`.
    kind : {"independent", "joint", "baseline"}
        "independent": one binary classifier per label; "joint": the prediction of a label depends
        on the other labels; "baseline": the image is not used.
    make : callable
        Returns an unfitted estimator for a seed.
    about : str
        One line for the reports.
    base : str
        Base learner; a joint method is compared with an independent method of the same one.
    grid : mapping
        Parameters that are chosen within the training images, with their candidate values.
    joint_grid : mapping
        Parameters that only a joint method has, such as the scale of label inputs. They are chosen
        after those of `grid`, so that the numbers of fits add up; the first value of each is the
        default of `make`.
    predicts : {"labels", "sets"}
        "sets": the method predicts a label set, which is a candidate for the label set of an image
        besides the labels above their thresholds.
    features : {"image", "regions"}
        One standardised vector per image, or unscaled vectors (n_regions, n_features).
    external : bool
        Whether the predictions come from elsewhere, for example from a detector. Such a method is
        compared with the independent reference and is never a reference.
    same_model_as : str
        Name of a method that fits the same model with another solver. That method is the reference
        and is recommended where both are compared.
    """

    name: str
    kind: Literal["independent", "joint", "baseline"]
    make: Callable[[int], BaseEstimator]
    about: str
    base: str
    grid: Grid = field(default_factory=dict)
    joint_grid: Grid = field(default_factory=dict)
    predicts: Literal["labels", "sets"] = "labels"
    features: Literal["image", "regions"] = "image"
    external: bool = False
    same_model_as: str = ""


def _raise_not_a_model(seed: int) -> BaseEstimator:
    raise InputError("the constant baseline is part of every comparison; it is not a model")


CONSTANT = Method(
    "constant",
    "baseline",
    _raise_not_a_model,
    "the same prediction for every image, chosen on the training images",
    "none",
)
"""Entry of the constant baseline; it is compared with no method and no method with it."""

LOGISTIC = "logistic regression"
RIDGE = "ridge regression"
SVM = "linear SVM"
NEIGHBOURS = "nearest neighbours"
TREES = "extra trees"
BOOSTED_TREES = "boosted trees"
NETWORK = "network with a hidden layer"
HEAD = "linear head"

PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
C_GRID: Grid = {"C": PENALTIES}
INNER_C_GRID: Grid = {"estimator__C": PENALTIES}
REGION_C_GRID: Grid = {"estimator__logistic__C": PENALTIES}
SVM_GRID: Grid = {"C": (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)}
NEIGHBOURS_GRID: Grid = {"n_neighbors": (5, 10, 20, 40)}
WEIGHT_DECAY_GRID: Grid = {"weight_decay": (3.0, 0.3, 0.03, 0.003)}
ALPHA_GRID: Grid = {"alpha": (1e2, 1e3, 1e4, 1e5)}

# Six combinations for each method with label inputs. The first one is the default.
LABEL_SCALES = (1.0, 10.0, 30.0)
CHAIN_GRID: Grid = {"label_scale": LABEL_SCALES, "chain_method": ("predict_proba", "predict")}
PROBABILISTIC_CHAIN_GRID: Grid = {
    "label_scale": LABEL_SCALES,
    "order": ("dependence", "frequency"),
}
STACKING_GRID: Grid = {"label_scale": LABEL_SCALES, "variant": ("BR+", "2BR")}
DEPENDENT_GRID: Grid = {"label_scale": LABEL_SCALES, "stack_method": ("predict_proba", "predict")}
COMPONENTS_GRID: Grid = {"n_components": (0.5, 0.25, 0.75)}

RIDGE_ALPHAS = (1.0, 10.0, 1e2, 1e3, 1e4, 1e5)  # chosen by the exact leave-one-out error
N_TREES = 60
N_ROUNDS = 100

POWERSET_TOL = 1e-5
"""Tolerance of a powerset's objective: smaller ones take longer and change no metric."""
