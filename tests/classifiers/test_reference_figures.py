"""Published and reference results on the official splits of the classic sets."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    coverage_error,
    hamming_loss,
    jaccard_score,
    label_ranking_average_precision_score,
    label_ranking_loss,
)
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from catnocat.classifiers import (
    BinaryRelevance,
    ClassifierChain,
    ClassifierChainEnsemble,
    LabelPowerset,
    LogisticBinaryRelevance,
    LogisticPowerset,
    MLkNN,
    ProbabilisticClassifierChain,
)

LOGISTIC = LogisticRegression(C=1, tol=1e-8, max_iter=10_000)
TOGETHER = LogisticBinaryRelevance(C=1, tol=1e-8)
POWERSET = LogisticPowerset(C=1, tol=1e-8)
ENSEMBLE = ClassifierChainEnsemble(TOGETHER, n_chains=10, random_state=0)
SUBSET = ProbabilisticClassifierChain(TOGETHER, target="subset")
HAMMING = ProbabilisticClassifierChain(TOGETHER, target="hamming")


def one_error(Y, P):
    return 1 - Y[np.arange(len(Y)), P.argmax(axis=1)].mean()


@pytest.mark.parametrize(
    ("name", "scaler", "expected"),
    [
        ("scene", None, (0.0989, 0.2425, 0.5686, 0.0931, 0.8512, 0.6293, 0.5727)),
        ("yeast", None, (0.1980, 0.2345, 6.4144, 0.1715, 0.7585, 0.4920, 0.1592)),
        ("emotions", None, (0.2937, 0.4059, 2.4901, 0.2829, 0.6938, 0.3193, 0.0842)),
        ("emotions", MinMaxScaler(), (0.2087, 0.2822, 1.8762, 0.1586, 0.7965, 0.5058, 0.2624)),
    ],
)
def test_mlknn(official, name, scaler, expected):
    X, Y, X_test, Y_test = official(name)
    if scaler is not None:
        X, X_test = scaler.fit_transform(X), scaler.transform(X_test)
    model = MLkNN(n_neighbors=10, smoothing=1.0).fit(X, Y)
    P, D = model.predict_proba(X_test), model.predict(X_test)
    found = (
        hamming_loss(Y_test, D),
        one_error(Y_test, P),
        coverage_error(Y_test, P) - 1,
        label_ranking_loss(Y_test, P),
        label_ranking_average_precision_score(Y_test, P),
        jaccard_score(Y_test, D, average="samples", zero_division=1),
        (Y_test == D).all(axis=1).mean(),
    )
    np.testing.assert_allclose(found, expected, atol=5.1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "method", "expected"),
    [
        ("emotions", BinaryRelevance, (0.2211, 0.1980, 0.8111)),
        ("emotions", ClassifierChain, (0.2417, 0.2129, 0.7798)),
        ("emotions", LabelPowerset, (0.2442, 0.2624, 0.8035)),
        ("yeast", BinaryRelevance, (0.2108, 0.1505, 0.7420)),
        ("yeast", ClassifierChain, (0.2208, 0.2050, 0.7080)),
        ("scene", BinaryRelevance, (0.1300, 0.4415, 0.8184)),
        ("scene", ClassifierChain, (0.1229, 0.5326, 0.8098)),
    ],
)
def test_over_logistic_regression(official, name, method, expected):
    check_over_standardised_features(official(name), method(LOGISTIC), expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "method", "expected"),
    [
        ("emotions", ClassifierChain(TOGETHER), (0.2417, 0.2129, 0.7798)),
        ("emotions", ENSEMBLE, (0.2129, 0.2376, 0.8113)),
        ("emotions", SUBSET, (0.2360, 0.2525, 0.7983)),
        ("emotions", HAMMING, (0.2294, 0.1931, 0.7983)),
        ("yeast", ClassifierChain(TOGETHER), (0.2208, 0.2050, 0.7080)),
        ("yeast", ENSEMBLE, (0.2141, 0.1941, 0.7445)),
        ("yeast", POWERSET, (0.2388, 0.1876, 0.7442)),
        ("scene", ClassifierChain(TOGETHER), (0.1229, 0.5326, 0.8098)),
        ("scene", POWERSET, (0.1123, 0.6288, 0.8289)),
        ("scene", ENSEMBLE, (0.1214, 0.5134, 0.8178)),
        ("scene", SUBSET, (0.1237, 0.5326, 0.8106)),
        ("scene", HAMMING, (0.1233, 0.5142, 0.8106)),
    ],
)
def test_models_solved_together(official, name, method, expected):
    check_over_standardised_features(official(name), clone(method), expected)


def check_over_standardised_features(split, model, expected):
    X, Y, X_test, Y_test = split
    scaler = StandardScaler().fit(X)
    model.fit(scaler.transform(X), Y)
    P, D = model.predict_proba(scaler.transform(X_test)), model.predict(scaler.transform(X_test))
    found = (
        hamming_loss(Y_test, D),
        (Y_test == D).all(axis=1).mean(),
        label_ranking_average_precision_score(Y_test, P),
    )
    np.testing.assert_allclose(found, expected, atol=0.005)
