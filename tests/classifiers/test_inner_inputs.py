"""Check that every estimator takes the inputs that its inner estimator or its pipeline takes."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from catnocat import classifiers
from catnocat.classifiers import (
    BinaryRelevance,
    ClassifierChain,
    LabelCalibrator,
    MultiLabelClassifier,
    ThresholdTuner,
)
from catnocat.features import FrozenFeatures

N_ROWS, N_LABELS = 60, 3
NEED_VECTORS = ("IBLR", "RegionMaxClassifier")  # they measure or divide the vectors themselves
OF_LABEL_MATRIX = (ThresholdTuner, LabelCalibrator)


def quick(cls, parameters):
    """Return a classifier with an ordinary tolerance and few folds."""
    estimator = cls(**parameters)
    names = estimator.get_params()
    estimator.set_params(**{name: 1e-6 for name in names if name.endswith("tol")})
    return estimator.set_params(cv=2) if getattr(estimator, "cv", None) else estimator


ESTIMATORS = {
    name: quick(cls, parameters)
    for cls in (getattr(classifiers, public) for public in classifiers.__all__)
    if isinstance(cls, type)
    and issubclass(cls, MultiLabelClassifier)
    and cls is not MultiLabelClassifier
    for name, parameters in cls._unit_test_params().items()
}


def holds_an_estimator(model):
    return hasattr(model, "estimator") and type(model).__name__ not in NEED_VECTORS


HOLDERS = {name: model for name, model in ESTIMATORS.items() if holds_an_estimator(model)}


def read_colours(paths):
    """Return the mean colour of each image file."""
    if isinstance(paths, pd.DataFrame):
        paths = paths["path"]
    return np.array([np.asarray(Image.open(path)).mean(axis=(0, 1)) / 255 for path in paths])


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """Return kinds of inputs with the first steps that make features of them, and labels."""
    rng = np.random.default_rng(0)
    Z = rng.random((N_ROWS, N_LABELS))
    Y = (Z + 0.1 * rng.normal(size=Z.shape) > 0.5).astype(np.uint8)
    folder = tmp_path_factory.mktemp("images")
    paths = [str(folder / f"{row}.png") for row in range(N_ROWS)]
    for path, colour in zip(paths, Z, strict=True):
        Image.new("RGB", (4, 4), tuple(int(255 * part) for part in colour)).save(path)
    X = Z.copy()
    X[rng.random(X.shape) < 0.1] = np.nan
    words = pd.DataFrame(np.where(Z > 0.5, "high", "low"), columns=["red", "green", "blue"])
    words["size"] = Z.sum(axis=1)
    colours = FunctionTransformer(read_colours)
    frozen = [FrozenFeatures(store=folder / "store"), StandardScaler()]
    by_column = make_column_transformer(
        (OneHotEncoder(), ["red", "green", "blue"]), (StandardScaler(), ["size"])
    )
    by_number = ColumnTransformer([("words", OneHotEncoder(), [0, 1, 2])])
    return {
        "paths": (paths, [colours]),
        "array of paths": (np.array(paths, dtype=object), [colours]),
        "frame with paths": (pd.DataFrame({"path": paths}, index=range(7, N_ROWS + 7)), [colours]),
        "paths of frozen features": (paths, frozen),
        "frame of frozen features": (pd.DataFrame({"path": paths}, index=range(N_ROWS)), frozen),
        "nan": (X, [SimpleImputer()]),
        "sparse": (csr_array(np.where(Z > 0.3, Z, 0)), []),
        "object columns": (words, [by_column]),
        "object array": (words[["red", "green", "blue"]].to_numpy(dtype=object), [by_number]),
    }, Y


KINDS = (
    "paths",
    "array of paths",
    "frame with paths",
    "object array",
    "paths of frozen features",
    "frame of frozen features",
    "nan",
    "sparse",
    "object columns",
)
CASES = [
    (name, kind)
    for name in ESTIMATORS
    for kind in (KINDS if name in HOLDERS else KINDS[4:])  # the steps before them decide
]


def hold(holder, steps):
    """Return the estimator around a pipeline of the steps, or after them if it holds none."""
    if not holds_an_estimator(holder):
        return make_pipeline(*steps, clone(holder))
    last = LogisticRegression(C=100)
    if isinstance(holder, OF_LABEL_MATRIX):
        last = BinaryRelevance(last)
    return clone(holder).set_params(estimator=make_pipeline(*steps, last) if steps else last)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # few epochs
@pytest.mark.parametrize(("name", "kind"), CASES)
def test_takes_what_the_inner_pipeline_takes(name, kind, inputs):
    (X, steps), Y = inputs[0][kind], inputs[1]
    estimator = ESTIMATORS[name]
    model = hold(estimator, steps)
    if kind == "sparse" and name not in HOLDERS:
        with pytest.raises(TypeError, match=r"Sparse data was passed.*\.toarray\(\)"):
            model.fit(X, Y)
        return
    P, D = model.fit(X, Y).predict_proba(X), model.predict(X)
    assert P.shape == D.shape == Y.shape
    assert np.isfinite(P).all()
    # New kinds: features of the network of plain squares, and classifiers with few epochs or trees.
    is_easy = name in HOLDERS and "frozen" not in kind
    assert (D == Y).mean() > (0.75 if is_easy else 0.7)
    if kind == "nan" or "frozen" in kind or name not in HOLDERS:
        return  # the imputer computes other means in each fold; the scaler likewise
    features = make_pipeline(*steps).fit_transform(X) if steps else X.toarray()
    features = features.toarray() if hasattr(features, "toarray") else features
    expected = hold(estimator, []).fit(features, Y).predict_proba(features)
    # A step function: a score next to a step may fall on the other side of it.
    has_steps = model.get_params().get("method") == "isotonic"
    np.testing.assert_allclose(P, expected, atol=5e-2 if has_steps else 2e-2)


def test_last_step_of_a_pipeline_sees_the_labels_unscaled(inputs):
    (X, steps), Y = inputs[0]["paths"], inputs[1]
    model = hold(ClassifierChain(), steps).fit(X, Y)
    link = model.chain_.links.models[2].model_
    direct = LogisticRegression(C=100).fit(np.hstack([read_colours(X), Y[:, :2]]), Y[:, 2])
    np.testing.assert_allclose(link.model_.coef_, direct.coef_, rtol=1e-4)


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=list(HOLDERS))
def test_nan_without_imputer_is_refused_by_the_inner_estimator(holder, inputs):
    (X, _), Y = inputs[0]["nan"], inputs[1]
    with pytest.raises(ValueError, match="contains NaN"):
        hold(holder, []).fit(X, Y)


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=list(HOLDERS))
def test_number_of_rows_and_names_of_columns_are_checked(holder, inputs):
    (X, steps), Y = inputs[0]["frame with paths"], inputs[1]
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        hold(holder, steps).fit(X, Y[:-1])
    model = hold(holder, steps).fit(X, Y)
    assert model.feature_names_in_.tolist() == ["path"]
    with pytest.raises(ValueError, match="feature names"):
        model.predict_proba(X.rename(columns={"path": "file"}))
