"""Check that estimators that hold an estimator take the inputs which that one takes."""

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
    CalibratedLabelRanking,
    ClassifierChain,
    ClassifierChainEnsemble,
    DependentBinaryRelevance,
    EnsemblePrunedSets,
    LabelCalibrator,
    LabelPowerset,
    LogisticBinaryRelevance,
    ProbabilisticClassifierChain,
    PrunedSets,
    RAkEL,
    StackedBinaryRelevance,
    ThresholdTuner,
)

N_ROWS, N_LABELS = 60, 3

HOLDERS = {
    "binary relevance": BinaryRelevance(),
    "chain": ClassifierChain(),
    "out-of-fold chain": ClassifierChain(cv=2, random_state=0),
    "chain ensemble": ClassifierChainEnsemble(n_chains=2, random_state=0),
    "probabilistic chain": ProbabilisticClassifierChain(random_state=0),
    "stacking": StackedBinaryRelevance(cv=2),
    "stacking on features": StackedBinaryRelevance(variant="BR+", cv=2),
    "dependent": DependentBinaryRelevance(),
    "label ranking": CalibratedLabelRanking(),
    "powerset": LabelPowerset(),
    "pruned sets": PrunedSets(),
    "ensemble of pruned sets": EnsemblePrunedSets(n_members=2, random_state=0),
    "rakel": RAkEL(labelset_size=2, random_state=0),
    "thresholds": ThresholdTuner(cv=2),
    "calibrated": LabelCalibrator(cv=2),
}
NEED_VECTORS = {"IBLR", "RegionMaxClassifier"}  # they measure or divide the vectors themselves
OF_LABEL_MATRIX = (ThresholdTuner, LabelCalibrator)


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
    by_column = make_column_transformer(
        (OneHotEncoder(), ["red", "green", "blue"]), (StandardScaler(), ["size"])
    )
    by_number = ColumnTransformer([("words", OneHotEncoder(), [0, 1, 2])])
    return {
        "paths": (paths, [colours]),
        "array of paths": (np.array(paths, dtype=object), [colours]),
        "frame with paths": (pd.DataFrame({"path": paths}, index=range(7, N_ROWS + 7)), [colours]),
        "nan": (X, [SimpleImputer()]),
        "sparse": (csr_array(np.where(Z > 0.3, Z, 0)), []),
        "object columns": (words, [by_column]),
        "object array": (words[["red", "green", "blue"]].to_numpy(dtype=object), [by_number]),
    }, Y


KINDS = (
    "paths",
    "array of paths",
    "frame with paths",
    "nan",
    "sparse",
    "object columns",
    "object array",
)


def hold(holder, steps):
    """Return the estimator around a pipeline of the steps and a last one that suits it."""
    last = LogisticRegression(C=100)
    if isinstance(holder, OF_LABEL_MATRIX):
        last = BinaryRelevance(last)
    return clone(holder).set_params(estimator=make_pipeline(*steps, last) if steps else last)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("holder", HOLDERS.values(), ids=list(HOLDERS))
def test_takes_what_the_inner_pipeline_takes(holder, kind, inputs):
    (X, steps), Y = inputs[0][kind], inputs[1]
    model = hold(holder, steps).fit(X, Y)
    P, D = model.predict_proba(X), model.predict(X)
    assert P.shape == D.shape == Y.shape
    assert np.isfinite(P).all()
    assert (D == Y).mean() > 0.75
    # The same model of the features that the steps make is the same.
    features = make_pipeline(*steps).fit_transform(X) if steps else X.toarray()
    features = features.toarray() if hasattr(features, "toarray") else features
    again = hold(holder, []).fit(features, Y).predict_proba(features)
    if kind != "nan":  # each part of the rows has means of its own
        np.testing.assert_allclose(P, again, atol=2e-2)


def test_last_step_of_a_pipeline_sees_the_labels_unscaled(inputs):
    (X, steps), Y = inputs[0]["paths"], inputs[1]
    model = hold(ClassifierChain(), steps).fit(X, Y)
    link = model.chain_.links.models[2].model_
    direct = LogisticRegression(C=100).fit(np.hstack([read_colours(X), Y[:, :2]]), Y[:, 2])
    np.testing.assert_allclose(link.model_.coef_, direct.coef_, rtol=1e-4)


def test_every_holder_of_an_estimator_is_tested():
    public = [getattr(classifiers, name) for name in classifiers.__all__]
    holders = {
        one.__name__
        for one in public
        if isinstance(one, type)
        and hasattr(one, "get_params")
        and "estimator" in one._get_param_names()
    }
    assert holders - NEED_VECTORS == {type(holder).__name__ for holder in HOLDERS.values()}


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


def test_tuner_around_frozen_features(inputs, tmp_path):
    from catnocat.features import FrozenFeatures

    (paths, _), Y = inputs[0]["paths"], inputs[1]
    frozen = FrozenFeatures(store=tmp_path / "store")
    pipeline = make_pipeline(frozen, StandardScaler(), LogisticBinaryRelevance())
    model = ThresholdTuner(pipeline, cv=2).fit(paths, Y)
    assert (model.predict(paths) == Y).mean() > 0.75
