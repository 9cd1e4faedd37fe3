"""Check that every classifier predicts in ONNX Runtime what it predicts here."""

import warnings

import numpy as np
import onnxruntime
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from catnocat import classifiers
from catnocat.benchmarks.inference.export.converters import CONVERTERS, convert
from catnocat.benchmarks.inference.export.onnx_graph import OnnxGraph
from catnocat.benchmarks.utils import InputError
from catnocat.classifiers import MultiLabelClassifier

N_TRAINING, N_TEST = 90, 40

ESTIMATORS = {
    name: cls(**parameters)
    for cls in (getattr(classifiers, public) for public in classifiers.__all__)
    if isinstance(cls, type)
    and issubclass(cls, MultiLabelClassifier)
    and cls is not MultiLabelClassifier
    for name, parameters in cls._unit_test_params().items()
} | {
    "chain of probabilities": classifiers.ClassifierChain(chain_method="predict_proba"),
    "stacked log-odds": classifiers.StackedBinaryRelevance(stack_method="decision_function"),
    "two rounds": classifiers.DependentBinaryRelevance(stack_method="predict", n_rounds=2),
    "pairs of any estimator": classifiers.CalibratedLabelRanking(LogisticRegression()),
    "groups of any estimator": classifiers.RAkEL(LogisticRegression(), random_state=0),
    "neighbours and features": classifiers.IBLR(passthrough=True),
}


def random_data(labels=5, n_regions=None, dtype=np.float32):
    rng = np.random.default_rng(0)
    n = N_TRAINING + N_TEST
    X = rng.normal(size=(n, 6)).astype(dtype)
    Y = (X @ rng.normal(size=(6, labels)) + rng.normal(size=(n, labels)) > 0.8).astype(np.uint8)
    Y[:, 1], Y[:, 3] = 0, 1
    if n_regions:
        X = np.stack([X, *(X + rng.normal(size=X.shape).astype(dtype) for _ in range(2))], axis=1)
    return X[:N_TRAINING], Y[:N_TRAINING], X[N_TRAINING:]


def run_in_onnx_runtime(pipeline, X, n_labels):
    graph = OnnxGraph()
    vectors = graph.input("vectors", ["n_images", *X.shape[1:]])
    graph.output("probabilities", convert(graph, pipeline, vectors), ["n_images", n_labels])
    data = graph.model({}).SerializeToString()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return session.run(None, {"vectors": X})[0]


def fitted(estimator, X, Y):
    pipeline = Pipeline([("scale", StandardScaler()), ("method", estimator)])
    if X.ndim > 2:
        pipeline = Pipeline([("scale", "passthrough"), ("method", estimator)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pipeline.fit(X, Y)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_probabilities_are_equal(name):
    X, Y, X_test = random_data()
    pipeline = fitted(ESTIMATORS[name], X, Y)
    P = run_in_onnx_runtime(pipeline, X_test, Y.shape[1])
    assert P.dtype == np.float32
    np.testing.assert_allclose(P, pipeline.predict_proba(X_test), rtol=0, atol=1e-5)
    (one,) = run_in_onnx_runtime(pipeline, X_test[:1], Y.shape[1])
    np.testing.assert_allclose(one, P[0], rtol=0, atol=1e-5)


@pytest.mark.parametrize("pooling", ["max", "mean", "logsumexp"])
def test_regions_are_pooled(pooling):
    X, Y, X_test = random_data(n_regions=3)
    pipeline = fitted(classifiers.RegionMaxClassifier(pooling=pooling), X, Y)
    P = run_in_onnx_runtime(pipeline, X_test, Y.shape[1])
    np.testing.assert_allclose(P, pipeline.predict_proba(X_test), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["logistic", "logistic chain", "ridge", "mlknn", "forest"])
def test_features_far_from_zero(name):
    X, Y, X_test = random_data()
    X, X_test = X + np.float32(1000), X_test + np.float32(1000)
    pipeline = fitted(ESTIMATORS[name], X, Y)
    P = run_in_onnx_runtime(pipeline, X_test, Y.shape[1])
    np.testing.assert_allclose(P, pipeline.predict_proba(X_test), rtol=0, atol=1e-5)


def test_only_constant_labels():
    X, Y, X_test = random_data()
    Y[:] = [0, 1, 1, 0, 1]
    pipeline = fitted(classifiers.LogisticBinaryRelevance(), X, Y)
    assert (run_in_onnx_runtime(pipeline, X_test, 5) == Y[0]).all()


def test_every_classifier_has_a_converter():
    assert set(CONVERTERS) == {type(estimator) for estimator in ESTIMATORS.values()}


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (classifiers.BinaryRelevance(GaussianNB()), "contains a GaussianNB"),
        (classifiers.LabelPowerset(GaussianNB()), "contains a GaussianNB"),
        (classifiers.ProbabilisticClassifierChain(inference="beam"), "inference='beam'"),
        (Pipeline([("a", MinMaxScaler()), ("b", LogisticRegression())]), "step MinMaxScaler"),
    ],
)
def test_what_has_no_form_in_onnx_is_refused(estimator, message):
    X, Y, X_test = random_data()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(X, Y[:, 0] if isinstance(estimator, Pipeline) else Y)
    with pytest.raises(InputError, match=message):
        run_in_onnx_runtime(estimator, X_test, Y.shape[1])
