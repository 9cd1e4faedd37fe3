"""Repeated cat/no-cat, by every base learner: each label has a yes/no model of its own."""

from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from ....classifiers import (
    BinaryRelevance,
    BRkNN,
    HeadClassifier,
    LinearSVMBinaryRelevance,
    LogisticBinaryRelevance,
    MLkNN,
    RegionMaxClassifier,
    RidgeBinaryRelevance,
)
from . import method as grids
from .method import Method


def _of_regions() -> Pipeline:
    return Pipeline([("scale", StandardScaler()), ("logistic", LogisticBinaryRelevance(tol=1e-5))])


INDEPENDENT = (
    Method(
        "one-vs-rest",
        "independent",
        lambda seed: BinaryRelevance(LogisticRegression(max_iter=1000)),
        "cat/no-cat, dog/no-dog ...: one logistic regression per label",
        grids.LOGISTIC,
        grids.INNER_C,
    ),
    Method(
        "logistic",
        "independent",
        lambda seed: LogisticBinaryRelevance(),
        "the same regressions, all labels solved together",
        grids.LOGISTIC,
        grids.C,
    ),
    Method(
        "ridge",
        "independent",
        lambda seed: RidgeBinaryRelevance(alphas=grids.ALPHAS),
        "one ridge regression per label, each with a penalty of its own",
        grids.RIDGE,
    ),
    Method(
        "linear-svm",
        "independent",
        lambda seed: LinearSVMBinaryRelevance(),
        "one linear support vector machine per label",
        grids.SVM,
        grids.SVM_C,
    ),
    Method(
        "mlknn",
        "independent",
        lambda seed: MLkNN(),
        "Bayes' rule on how many of the nearest neighbours show the label",
        grids.NEIGHBOURS,
        grids.N_NEIGHBOURS,
    ),
    Method(
        "brknn",
        "independent",
        lambda seed: BRkNN(),
        "the share of the nearest neighbours that show the label",
        grids.NEIGHBOURS,
        grids.N_NEIGHBOURS,
    ),
    Method(
        "forest-per-label",
        "independent",
        lambda seed: BinaryRelevance(
            ExtraTreesClassifier(grids.N_TREES, max_features="sqrt", random_state=seed)
        ),
        "one forest of random trees per label",
        grids.TREES,
    ),
    Method(
        "sigmoid-bce",
        "independent",
        lambda seed: HeadClassifier("sigmoid-bce", random_state=seed),
        "a network's last layer with a sigmoid and cross-entropy per label",
        grids.HEAD,
        grids.WEIGHT_DECAY,
    ),
    Method(
        "sigmoid-mse",
        "independent",
        lambda seed: HeadClassifier("sigmoid-mse", random_state=seed),
        "a last layer with a sigmoid and the squared error per label",
        grids.HEAD,
        grids.WEIGHT_DECAY,
    ),
    Method(
        "tanh-mse",
        "independent",
        lambda seed: HeadClassifier("tanh-mse", random_state=seed),
        "a last layer with tanh and the squared error to -1 or +1 per label",
        grids.HEAD,
        grids.WEIGHT_DECAY,
    ),
    Method(
        "regions",
        "independent",
        lambda seed: RegionMaxClassifier(_of_regions(), rounds=2),
        "segment first: logistic regressions score each region, the best region counts",
        grids.LOGISTIC,
        grids.REGION_C,
        features="regions",
    ),
)
