"""What there is to say about a method before it is fitted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sklearn.base import BaseEstimator

Grid = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Method:
    """One way to predict label sets from feature vectors.

    Attributes
    ----------
    name : str
        What `--methods` and `results.json` call it.
    kind : {"independent", "joint", "baseline"}
        "independent": each label is decided by a yes/no model of its own; "joint": a label's answer
        depends on the other labels; "baseline": no image is looked at, so it is neither a rival nor
        a reference.
    make : callable
        From a seed to an unfitted estimator.
    about : str
        One line for the reports.
    base : str
        The base learner; a joint method is fairly compared with an independent one of the same.
    grid : mapping
        The parameters to be chosen inside the training images, and their candidates.
    joint_grid : mapping
        The same of the parameters that only a joint method has, as the scale of label inputs. They
        are chosen once those of `grid` are, so that the costs add up; the first value of each is
        the one that `make` gives.
    decides : {"labels", "sets"}
        Whether it finds a whole label set for an image, which then is a candidate for its decision
        besides the labels above their thresholds.
    features : {"image", "regions"}
        One vector per image, standardised for it, or (n_regions, n_features), as they are.
    external : bool
        Whether it comes from elsewhere, as a detector does: it is held against the independent
        reference and never is one.
    """

    name: str
    kind: Literal["independent", "joint", "baseline"]
    make: Callable[[int], BaseEstimator]
    about: str
    base: str
    grid: Grid = field(default_factory=dict)
    joint_grid: Grid = field(default_factory=dict)
    decides: Literal["labels", "sets"] = "labels"
    features: Literal["image", "regions"] = "image"
    external: bool = False


LOGISTIC = "logistic regression"
RIDGE = "ridge regression"
SVM = "linear SVM"
NEIGHBOURS = "nearest neighbours"
TREES = "extra trees"
NETWORK = "network with a hidden layer"
HEAD = "linear head"

PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
C: Grid = {"C": PENALTIES}
INNER_C: Grid = {"estimator__C": PENALTIES}
REGION_C: Grid = {"estimator__logistic__C": PENALTIES}
SVM_C: Grid = {"C": (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)}
N_NEIGHBOURS: Grid = {"n_neighbors": (5, 10, 20, 40)}
WEIGHT_DECAY: Grid = {"weight_decay": (3.0, 0.3, 0.03, 0.003)}

# Of joint methods alone: six combinations for each of them. The first one is where they start.
LABEL_SCALES = (1.0, 10.0, 30.0)
CHAIN: Grid = {"label_scale": LABEL_SCALES, "chain_method": ("predict_proba", "predict")}
PROBABILISTIC_CHAIN: Grid = {"label_scale": LABEL_SCALES, "order": ("dependence", "frequency")}
STACKING: Grid = {"label_scale": LABEL_SCALES, "variant": ("BR+", "2BR")}

ALPHAS = (1.0, 10.0, 1e2, 1e3, 1e4, 1e5)  # of a ridge, which weighs them itself, exactly
N_TREES = 60
