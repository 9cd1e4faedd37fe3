"""Check that solvers stop at the minimum of their objectives, by independent reference solvers."""

import warnings

import numpy as np
import pytest
from scipy.special import expit, logsumexp
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler

from catnocat.classifiers import (
    IBLR,
    CalibratedLabelRanking,
    ClassifierChain,
    ConditionalPrincipalLabelSpace,
    ConstantLabelWarning,
    HeadClassifier,
    LinearSVMBinaryRelevance,
    LogisticBinaryRelevance,
    LogisticBinaryRelevanceCV,
    LogisticPowerset,
    RAkEL,
    RidgeBinaryRelevance,
)
from catnocat.classifiers.neighbors.neighbor_table import count_labels

KINDS = (
    "fewer rows than features",
    "far fewer rows than features",
    "more rows than features",
    "scales from 0.001 to 1,000",
    "offset",
    "constant features",
    "duplicates",
    "low rank",
    "rare labels",
)
MAX_EXCESS = {np.float64: 1e-6, np.float32: 1e-5}  # of an objective above its minimum


def make_data(kind, dtype=np.float64, n_labels=2):
    """Return features and labels that depend on them."""
    rng = np.random.default_rng(0)
    n_rows, n_features = {
        "fewer rows than features": (60, 400),
        "far fewer rows than features": (40, 600),
        "more rows than features": (300, 20),
    }.get(kind, (120, 30))
    X = rng.normal(size=(n_rows, n_features))
    if kind == "low rank":
        X = rng.normal(size=(n_rows, 4)) @ rng.normal(size=(4, n_features))
    W = rng.normal(size=(n_features, n_labels)) / np.sqrt(n_features)
    Z = X @ W + 0.7 * rng.normal(size=(n_rows, n_labels))
    if kind == "scales from 0.001 to 1,000":
        X *= 10.0 ** rng.uniform(-3, 3, size=n_features)
    elif kind == "offset":
        X += 100
    elif kind == "constant features":
        X[:, :5] = 7
    elif kind == "duplicates":
        X[n_rows // 2 :], Z[n_rows // 2 :] = X[: n_rows // 2], Z[: n_rows // 2]
        X[:, 5:10] = X[:, :5]
    Y = np.quantile(Z, 0.97 if kind == "rare labels" else 0.7, axis=0) < Z
    return X.astype(dtype), Y.astype(np.uint8)


def binary_objective(X, y, C, coef, intercept, loss):
    """Return scikit-learn's objective in double precision."""
    margin = (2.0 * y - 1) * (X.astype(np.float64) @ coef.astype(np.float64) + intercept)
    losses = np.logaddexp(0, -margin) if loss == "log" else np.maximum(1 - margin, 0) ** 2
    return C * losses.sum() + np.square(coef.astype(np.float64)).sum() / 2


def binary_minimum(X, y, C, loss):
    """Return the minimum, by Newton's method in the coordinates of a singular value decomposition.

    The Newton decrement proves it.
    """
    X = X.astype(np.float64)
    U, size, _ = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    kept = size > 1e-13 * size[0]
    A = np.column_stack([U[:, kept] * size[kept], np.ones(len(X))])
    sign, P = 2.0 * y - 1, np.zeros(A.shape[1])
    penalty = np.append(np.ones(A.shape[1] - 1), 0)

    def value(P):
        margin = sign * (A @ P)
        losses = np.logaddexp(0, -margin) if loss == "log" else np.maximum(1 - margin, 0) ** 2
        return C * losses.sum() + penalty @ P**2 / 2

    for _ in range(2000):
        margin = sign * (A @ P)
        if loss == "log":
            slope, bend = -expit(-margin), expit(margin) * expit(-margin)
        else:
            slope, bend = -2 * np.maximum(1 - margin, 0), 2.0 * (margin < 1)
        G = A.T @ (C * slope * sign) + penalty * P
        H = (A * (C * bend)[:, None]).T @ A + np.diag(penalty)
        H[-1, -1] += 1e-9 * C
        scale = np.sqrt(np.diag(H))
        D = -np.linalg.solve(H / np.outer(scale, scale), G / scale) / scale
        decrement, before = -G @ D / 2, value(P)
        if decrement <= 1e-11 * before:
            return before
        step = 1.0
        while value(P + step * D) > before - 1e-4 * step * decrement:
            step /= 2
            assert step > 1e-14, f"no decrease of {before}, which should fall by {decrement}"
        P = P + step * D
    raise AssertionError("the reference solver needs more steps")


def fit_silently(estimator, X, Y):
    """Fit and return the estimator, and whether it warned that it did not converge."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimator.fit(X, Y)
    kinds = {warning.category for warning in caught}
    assert kinds <= {ConvergenceWarning, ConstantLabelWarning}
    return estimator, ConvergenceWarning in kinds


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("C", [1e-3, 1, 100, 1e4])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("model", "loss"), [(LogisticBinaryRelevance, "log"), (LinearSVMBinaryRelevance, "hinge")]
)
def test_binary_models_stop_at_the_minimum_or_warn(model, loss, kind, C, dtype):
    X, Y = make_data(kind, dtype)
    fitted, warned = fit_silently(model(C=C), X, Y)
    for label, y in enumerate(Y.T):
        coef, intercept = fitted.coef_[label], float(fitted.intercept_[label])
        least = binary_minimum(X, y, C, loss)
        excess = binary_objective(X, y, C, coef, intercept, loss) / least - 1
        assert excess >= -1e-8
        if dtype == np.float64 or C <= 100:
            assert not warned
        assert warned or excess <= MAX_EXCESS[dtype]


def test_chosen_penalty_is_solved_to_the_minimum():
    X, Y = make_data("fewer rows than features")
    model = LogisticBinaryRelevanceCV(Cs=(0.1, 10), per_label=True).fit(X, Y)
    for label, y in enumerate(Y.T):
        C = model.C_[label]
        value = binary_objective(X, y, C, model.coef_[label], model.intercept_[label], "log")
        assert value <= (1 + 1e-6) * binary_minimum(X, y, C, "log")


@pytest.mark.parametrize("kind", KINDS)
def test_links_of_a_chain_stop_at_the_minimum(kind):
    X, Y = make_data(kind, n_labels=3)
    links = ClassifierChain(LogisticBinaryRelevance(C=10)).fit(X, Y).chain_.links
    for label, y in enumerate(Y.T):
        inputs = np.hstack([X, Y[:, :label]])
        coef = np.append(links.coef[label], links.seen_coef[label][:label])
        value = binary_objective(inputs, y, 10, coef, links.intercept[label], "log")
        assert value <= (1 + 1e-6) * binary_minimum(inputs, y, 10, "log")


@pytest.mark.parametrize("kind", KINDS)
def test_comparisons_of_label_ranking_stop_at_the_minimum(kind):
    X, Y = make_data(kind, n_labels=3)
    model = CalibratedLabelRanking(LogisticBinaryRelevance(C=10)).fit(X, Y)
    for number, (first, second) in enumerate(model.pairs_, start=3):
        rows = Y[:, first] != Y[:, second]
        y, fitted = Y[rows, first], model.comparisons_
        if y.all() or not y.any():
            assert np.isinf(fitted.intercept[number])
            continue
        value = binary_objective(
            X[rows], y, 10, fitted.coef[number], fitted.intercept[number], "log"
        )
        assert value <= (1 + 1e-6) * binary_minimum(X[rows], y, 10, "log")


@pytest.mark.parametrize("kind", KINDS)
def test_regressions_on_neighbours_stop_at_the_minimum(kind):
    X, Y = make_data(kind)
    model = IBLR().fit(X, Y)
    counts = count_labels(model.neighbors_.among_themselves(10), Y).astype(np.float64)
    for label, y in enumerate(Y.T):
        coef, intercept = model.models_.coef[label], model.models_.intercept[label]
        value = binary_objective(counts, y, 1, coef, intercept, "log")
        assert value <= (1 + 1e-6) * binary_minimum(counts, y, 1, "log")


def softmax_objective(X, numbers, C, coef, intercept):
    """Return value and gradient norm of the multinomial objective in double precision."""
    X, coef = X.astype(np.float64), coef.astype(np.float64)
    Z = X @ coef.T + intercept
    own, total = np.arange(len(X)), logsumexp(Z, axis=1, keepdims=True)
    P = np.exp(Z - total)
    P[own, numbers] -= 1
    value = C * (total[:, 0] - Z[own, numbers]).sum() + np.square(coef).sum() / 2
    gradient = C * P.T @ (X - X.mean(axis=0)) + coef
    return value, np.square(gradient).sum(), np.abs(C * P.sum(axis=0)).max()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("C", [1e-2, 1, 1e3])
@pytest.mark.parametrize("kind", KINDS)
def test_powerset_stops_at_the_minimum(kind, C, dtype):
    X, Y = make_data(kind, dtype)
    numbers = np.unique(Y, axis=0, return_inverse=True)[1].ravel()
    model = LogisticPowerset(C=C).fit(X, Y)
    value, *_ = softmax_objective(X, numbers, C, model.coef_, model.intercept_)
    reference = LogisticPowerset(C=C, tol=1e-14, max_iter=5000).fit(X.astype(np.float64), Y)
    least, square, of_intercepts = softmax_objective(
        X, numbers, C, reference.coef_, reference.intercept_
    )
    # Half the squared gradient bounds the excess: the penalty curves by 1 in every direction. The
    # bound is of no use where the loss curves by a million.
    assert square / 2 <= 1e-7 * least or kind == "scales from 0.001 to 1,000"
    assert of_intercepts <= 1e-6 * C * len(X)
    assert value <= (1 + 10 * MAX_EXCESS[dtype]) * least


def test_small_powersets_stop_at_the_minimum():
    X, Y = make_data("fewer rows than features", n_labels=4)
    estimator = LogisticPowerset(C=100)
    loose, tight = (
        RAkEL(estimator.set_params(tol=tol), labelset_size=2, random_state=0).fit(X, Y)
        for tol in (1e-7, 1e-14)
    )
    for ours, reference, labels in zip(loose.models_, tight.models_, loose.labelsets_, strict=True):
        numbers = np.unique(Y[:, labels], axis=0, return_inverse=True)[1].ravel()
        value, *_ = softmax_objective(X, numbers, 100, ours.coef, ours.intercept)
        least, square, _ = softmax_objective(X, numbers, 100, reference.coef, reference.intercept)
        assert square / 2 <= 1e-7 * least
        assert value <= (1 + 1e-6) * least


@pytest.mark.parametrize("weight_decay", [1e-4, 1e-2])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", KINDS)
def test_linear_head_stops_near_the_minimum(kind, dtype, weight_decay):
    X, Y = make_data(kind, dtype)
    head, warned = fit_silently(HeadClassifier(weight_decay=weight_decay), X, Y)
    scaler = StandardScaler().fit(X.astype(np.float64))
    C, S = 1 / (weight_decay * len(X)), scaler.transform(X.astype(np.float64))
    coef = head.coefs_[0].astype(np.float64).T * scaler.scale_
    intercepts = head.intercepts_[0] + head.coefs_[0].T.astype(np.float64) @ scaler.mean_
    value = sum(
        binary_objective(S, y, C, *parts, "log")
        for y, *parts in zip(Y.T, coef, intercepts, strict=True)
    )
    least = sum(binary_minimum(S, y, C, "log") for y in Y.T)
    assert not warned
    assert value <= (1 + 1e-4) * least


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", KINDS)
def test_ridge_solves_the_normal_equations(kind, dtype):
    X, Y = make_data(kind, dtype)
    model = RidgeBinaryRelevance(alphas=[10.0]).fit(X, Y)
    centred, T = X.astype(np.float64) - X.mean(axis=0, dtype=np.float64), 2.0 * Y - 1
    U, size, V = np.linalg.svd(centred, full_matrices=False)
    wanted = ((U.T @ (T - T.mean(axis=0))) * (size / (size**2 + 10))[:, None]).T @ V
    fitted, ours = centred @ wanted.T, centred @ model.coef_.T.astype(np.float64)
    np.testing.assert_allclose(ours, fitted, atol=1e-9 if dtype == np.float64 else 1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_cplst_with_all_directions_is_ridge(kind):
    X, Y = make_data(kind)
    model = ConditionalPrincipalLabelSpace(n_components=1.0, alpha=10.0).fit(X, Y)
    ridge = RidgeBinaryRelevance(alphas=[10.0]).fit(X, Y)
    centred = X - X.mean(axis=0)
    np.testing.assert_allclose(centred @ model.coef_.T, centred @ ridge.coef_.T, atol=1e-8)
