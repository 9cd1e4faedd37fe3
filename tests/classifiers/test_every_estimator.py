"""Checks that every estimator passes: scikit-learn's own, and a suite for many labels.

The estimators are found through `classifiers.__all__`, and the parameters to test them with through
`_unit_test_params` of their classes.
"""

import inspect
import pickle
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain as SequentialChain
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import estimator_checks_generator

from catnocat import classifiers
from catnocat.classifiers import (
    ConstantLabelWarning,
    HeadClassifier,
    LabelCalibrator,
    LinearSVMBinaryRelevance,
    MultiLabelClassifier,
    MultilabelKFold,
    MultiLabelMLP,
    ThresholdTuner,
    label_matrix,
)


class PerLabelClasses(SequentialChain):
    """Scikit-learn's chain, but with integer predictions; floats fail another check."""

    def predict(self, X):
        return super().predict(X).astype(int)


# What scikit-learn's own estimators of the kind fail as well: the check, and one that fails it.
OUTPUT = "check_classifier_multioutput"
FORMAT = "check_classifiers_multilabel_output_format_predict_proba"
REPETITION = "check_sample_weight_equivalence_on_dense_data"
CUT = FixedThresholdClassifier(LogisticRegression(), threshold=0.3)
SHARES = {FORMAT: OneVsRestClassifier(KNeighborsClassifier())}  # a certain no is no error
LEAVES = {FORMAT: OneVsRestClassifier(ExtraTreesClassifier(20, random_state=0))}
MARGINS = {OUTPUT: PerLabelClasses(LogisticRegression())}  # `classes_` by label
BY_LABEL = {"check_classifiers_train": CUT}  # a yes is not what is more likely than not
BY_IMAGE = {OUTPUT: MultiOutputClassifier(CUT)}
IN_BATCHES = {REPETITION: MLPClassifier(batch_size=8, max_iter=9, random_state=0)}

CLASSIFIERS = [
    public
    for public in (getattr(classifiers, name) for name in classifiers.__all__)
    if isinstance(public, type)
    and issubclass(public, MultiLabelClassifier)
    and public is not MultiLabelClassifier
]
ESTIMATORS = {
    name: cls(**parameters)
    for cls in CLASSIFIERS
    for name, parameters in cls._unit_test_params().items()
}
# The checks of scikit-learn that the definition of an estimator contradicts.
CONTRADICTED = {
    "ridge": MARGINS,
    "linear SVM": MARGINS,
    "cplst": MARGINS,
    "brknn": SHARES,
    "forest": LEAVES,
    "head in batches": IN_BATCHES,
    "thresholds": BY_LABEL | BY_IMAGE,
    "proportional cut": BY_LABEL,
    "rank cut": BY_IMAGE,
    "gap cut": BY_IMAGE,
}


def every_check():
    for name, estimator in ESTIMATORS.items():
        peers = CONTRADICTED.get(name, {})
        expected = {check: f"as does {peer!r}" for check, peer in peers.items()}
        for check in estimator_checks_generator(
            estimator, expected_failed_checks=expected, mark="xfail"
        ):
            values, marks = getattr(check, "values", check), getattr(check, "marks", ())
            words = getattr(values[1], "func", values[1]).__name__
            yield pytest.param(*values, marks=marks, id=f"{name}: {words}")


@pytest.mark.filterwarnings("ignore::catnocat.classifiers.ConstantLabelWarning")
@pytest.mark.parametrize(("estimator", "check"), list(every_check()))
def test_passes_the_check_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("known", [SHARES, LEAVES, MARGINS, BY_LABEL, BY_IMAGE, IN_BATCHES])
def test_what_is_expected_to_fail_fails_scikit_learn_too(known):
    for check, peer in known.items():
        with pytest.raises((AssertionError, TypeError)):
            getattr(estimator_checks, check)(type(peer).__name__, peer)


def learns_in_batches(estimator):
    return getattr(estimator, "batch_size", None) is not None and hasattr(estimator, "loss")


def learns_labels_apart(estimator):
    # Heads standardise, the others make folds, on the rows of all labels.
    together = HeadClassifier | LabelCalibrator | LinearSVMBinaryRelevance | ThresholdTuner
    return not isinstance(estimator, together)


@pytest.fixture(params=ESTIMATORS)
def estimator(request):
    return clone(ESTIMATORS[request.param])


def scenes(n=90, n_features=6, n_labels=4, dtype=np.float64, seed=0):
    """Return features and labels that depend on them; every label varies."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, n_features))
    noise = rng.normal(size=(n, n_labels))
    Y = (X @ rng.normal(size=(n_features, n_labels)) + noise > 1).astype(np.uint8)
    return X.astype(dtype), Y


def predictions(estimator, X):
    return estimator.predict_proba(X), estimator.predict(X)


def assert_same_predictions(one, other, X, **tolerance):
    tolerance = tolerance or {"rtol": 1e-7, "atol": 1e-9}
    np.testing.assert_allclose(one.predict_proba(X), other.predict_proba(X), **tolerance)
    np.testing.assert_array_equal(one.predict(X), other.predict(X))


def test_gives_dense_probabilities_and_decisions(estimator):
    X, Y = scenes()
    P, D = predictions(estimator.fit(X[:60], Y[:60]), X[60:])
    assert P.shape == D.shape == (30, 4)
    assert P.dtype == X.dtype
    assert D.dtype.kind == "i"
    assert set(np.unique(D)) == {0, 1}
    assert ((P >= 0) & (P <= 1)).all()
    assert average_precision_score(Y[60:], P) > average_precision_score(Y[60:], 0 * P) + 0.2


def test_constant_labels_are_predicted_as_constants_with_one_warning(estimator):
    X, Y = scenes()
    Y = np.insert(Y, [1, 3], [0, 1], axis=1)  # now the second and the fifth column
    table = pd.DataFrame(Y, columns=["cat", "dog", "elk", "fox", "gnu", "hen"])
    with pytest.warns(ConstantLabelWarning) as caught:
        estimator.fit(X, table)
    assert len(caught) == 1
    assert re.search(r"absent \(1\): dog; always present \(1\): gnu", str(caught[0].message))
    assert caught[0].filename == __file__
    P, D = predictions(estimator, X)
    assert (P[:, 1] == 0).all()
    assert (D[:, 1] == 0).all()
    assert (P[:, 4] == 1).all()
    assert (D[:, 4] == 1).all()
    assert list(estimator.label_names_in_) == list(table.columns)


def test_only_constant_labels(estimator):
    X, _ = scenes()
    with pytest.warns(ConstantLabelWarning):
        estimator.fit(X, np.tile([0, 1, 1], (len(X), 1)))
    assert (estimator.predict(X) == [0, 1, 1]).all()


def test_rows_without_any_label(estimator):
    X, Y = scenes()
    Y[::3] = 0
    P, D = predictions(estimator.fit(X, Y), X)
    assert np.isfinite(P).all()
    assert D.shape == Y.shape


def test_one_label_is_a_matrix_of_one_column(estimator):
    X, Y = scenes(n_labels=1)
    P, D = predictions(estimator.fit(X, Y), X)
    assert P.shape == D.shape == Y.shape
    vector = clone(estimator).fit(X, Y[:, 0])
    np.testing.assert_allclose(vector.predict_proba(X)[:, 1], P[:, 0])


@pytest.mark.slow
def test_500_labels(estimator):
    X, Y = scenes(n=40, n_features=3, n_labels=500)
    Y[0], Y[1] = 0, 1  # none is constant
    for name, value in estimator.get_params().items():
        if name.endswith("tol") and value is not None:
            estimator.set_params(**{name: 1e-6})  # soon enough
    if getattr(estimator, "cv", None):
        estimator.set_params(cv=2)
    assert estimator.fit(X, Y).predict_proba(X).shape == (40, 500)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_short_floats(estimator, dtype):
    X, Y = scenes(dtype=dtype)
    P = estimator.fit(X, Y).predict_proba(X)
    assert P.dtype == (np.float32 if dtype is np.float32 else np.float64)
    full = clone(estimator).fit(X.astype(np.float64), Y)
    np.testing.assert_allclose(P, full.predict_proba(X.astype(np.float64)), atol=1e-3)


# They hand features as they are to scikit-learn's logistic regression, whose search then stops.
UNCENTRED = {"BinaryRelevance", "ClassifierChain", "LabelPowerset"}


def test_short_floats_far_from_zero(estimator):
    if isinstance(getattr(estimator, "estimator", None), LogisticRegression):
        assert type(estimator).__name__ in UNCENTRED
        return
    X, Y = scenes(n=120)
    X = np.round(X * 512) / 512  # exact in float32 with 10,000 added
    near = clone(estimator).fit(X[:90].astype(np.float32), Y[:90])
    far = clone(estimator).fit((X[:90] + 1e4).astype(np.float32), Y[:90])
    P = far.predict_proba((X + 1e4).astype(np.float32))
    assert P.dtype == np.float32
    wanted = near.predict_proba(X.astype(np.float32))
    if isinstance(estimator, MultiLabelMLP):  # centred where it is far only: another search
        assert average_precision_score(Y[90:], P[90:]) > 0.9 * average_precision_score(
            Y[90:], wanted[90:]
        )
    else:
        np.testing.assert_allclose(P, wanted, atol=1e-3)


def test_read_only_memory_map(estimator, tmp_path):
    X, Y = scenes()
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    assert_same_predictions(estimator.fit(mapped, Y), clone(estimator).fit(X, Y), mapped)


def test_fortran_order(estimator):
    X, Y = scenes()
    columns = np.asfortranarray(X)
    assert_same_predictions(
        estimator.fit(columns, np.asfortranarray(Y)), clone(estimator).fit(X, Y), columns
    )


def test_refuses_nan(estimator):
    X, Y = scenes()
    X[3, 2] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        estimator.fit(X, Y)
    estimator.fit(X[4:], Y[4:])
    with pytest.raises(ValueError, match="NaN"):
        estimator.predict_proba(X)


@pytest.mark.parametrize("wrong", [2, -1, 0.5])
def test_refuses_labels_other_than_0_and_1(estimator, wrong):
    X, Y = scenes()
    Y = Y.astype(float)
    Y[5, 2] = wrong
    with pytest.raises(ValueError, match=rf"only 0 and 1, got {float(wrong)} in row 5, column 2"):
        estimator.fit(X, Y)
    with pytest.raises(ValueError, match=r"got 'cat' in row 0, column 0; label_matrix makes"):
        estimator.fit(X, np.tile(["cat", "dog"], (len(X), 1)))


@pytest.mark.parametrize("form", [csr_array, pd.DataFrame, np.bool_, np.float32, np.ndarray.tolist])
def test_forms_of_labels(estimator, form):
    X, Y = scenes()
    given = Y.astype(form) if isinstance(form, type) and issubclass(form, np.generic) else form(Y)
    assert_same_predictions(estimator.fit(X, given), clone(estimator).fit(X, Y), X)


def test_label_sets(estimator):
    X, Y = scenes()
    words = np.array(["cat", "dog", "elk", "fox"])
    sets = [set(words[row == 1]) for row in Y]
    given, names = label_matrix(sets)
    assert list(names) == list(words)
    assert_same_predictions(estimator.fit(X, given), clone(estimator).fit(X, Y), X)
    assert_same_predictions(estimator.fit(X, sets), clone(estimator).fit(X, Y), X)
    assert list(estimator.label_names_in_) == list(words)


def test_data_frame_of_features(estimator):
    X, Y = scenes()
    frame = pd.DataFrame(X, columns=[f"feature {j}" for j in range(X.shape[1])])
    estimator.fit(frame, Y)
    assert list(estimator.feature_names_in_) == list(frame.columns)
    P = clone(estimator).fit(X, Y).predict_proba(X)
    np.testing.assert_allclose(estimator.predict_proba(frame), P)
    with pytest.raises(ValueError, match="feature names"):
        estimator.predict(frame.iloc[:, ::-1])


def test_after_a_transformer_that_gives_data_frames(estimator):
    X, Y = scenes()
    pipeline = make_pipeline(StandardScaler(), estimator).set_output(transform="pandas")
    assert pipeline.fit(X, Y).predict_proba(X).shape == Y.shape
    assert estimator.feature_names_in_[0] == "x0"


def test_pickle_keeps_the_predictions(estimator):
    X, Y = scenes()
    estimator.fit(X, Y)
    assert_same_predictions(estimator, pickle.loads(pickle.dumps(estimator)), X, rtol=0)


@pytest.mark.parametrize("scoring", ["average_precision", "roc_auc", "f1_samples"])
@pytest.mark.parametrize("n_labels", [2, 4])
def test_scorers_of_scikit_learn(estimator, scoring, n_labels):
    X, Y = scenes(n_labels=n_labels)
    Y[Y.sum(axis=1) == 0, 0] = 1
    search = GridSearchCV(estimator, {}, scoring=scoring, cv=MultilabelKFold(2))
    assert np.isfinite(search.fit(X, Y).best_score_)


def test_seed_repeats(estimator):
    X, Y = scenes()
    assert_same_predictions(estimator.fit(X, Y), clone(estimator).fit(X, Y), X, rtol=0)


def test_order_of_rows_is_irrelevant(estimator, rng):
    X, Y = scenes()
    if getattr(estimator, "cv", None):
        pytest.skip("other rows in a fold give other out-of-fold predictions")
    if isinstance(estimator, MultiLabelMLP):
        pytest.skip("other rows in a batch give other steps")
    if learns_in_batches(estimator):
        pytest.skip("other rows in a batch give other steps")
    shuffled = rng.permutation(len(X))
    assert_same_predictions(
        estimator.fit(X, Y), clone(estimator).fit(X[shuffled], Y[shuffled]), X, atol=1e-6
    )


def test_leaves_the_callers_arrays_alone(estimator):
    X, Y = scenes()
    before = X.copy(), Y.copy()
    X.flags.writeable = Y.flags.writeable = False
    predictions(estimator.fit(X, Y), X)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(Y, before[1])


def test_weights_are_repetitions(estimator, rng):
    if "sample_weight" not in inspect.signature(estimator.fit).parameters:
        pytest.skip("takes no weights")
    X, Y = scenes()
    weights = rng.integers(0, 4, len(X))
    repeated = np.repeat(np.arange(len(X)), weights)
    if getattr(estimator, "cv", None):
        pytest.skip("repeated rows make other folds; the check of scikit-learn gives equal ones")
    if learns_in_batches(estimator):
        pytest.skip("repeated rows fill other batches")
    plain = clone(estimator).fit(X[repeated], Y[repeated])
    assert_same_predictions(estimator.fit(X, Y, sample_weight=weights), plain, X, atol=1e-5)


def test_unknown_labels_are_left_out(estimator, rng):
    if "known" not in inspect.signature(estimator.fit).parameters:
        pytest.skip("takes no mask")
    X, Y = scenes()
    known = rng.random(Y.shape) < 0.7
    if hasattr(estimator, "Cs"):
        estimator.set_params(Cs=[1.0])  # one choice for all labels and for each alone
    estimator.fit(X, Y, known=known)
    with pytest.raises(ValueError, match="known must hold only True and False"):
        clone(estimator).fit(X, Y, known=np.where(known, 1, np.nan))
    assert_same_predictions(estimator, clone(estimator).fit(X, Y, known=csr_array(known)), X)
    flipped = np.where(known, Y, 1 - Y)
    assert_same_predictions(estimator, clone(estimator).fit(X, flipped, known=known), X)
    if not learns_labels_apart(estimator):
        return
    for label in range(Y.shape[1]):
        rows = known[:, label]
        alone = clone(estimator).fit(X[rows], Y[rows, label])
        P = estimator.predict_proba(X)[:, label]
        np.testing.assert_allclose(P, alone.predict_proba(X)[:, 1], atol=1e-5)


def test_fits_without_a_warning(estimator):
    X, Y = scenes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert f1_score(Y, estimator.fit(X, Y).predict(X), average="micro") > 0.4


def test_every_classifier_has_parameters_for_the_tests():
    assert {type(estimator) for estimator in ESTIMATORS.values()} == set(CLASSIFIERS)
    n_variants = sum(len(cls._unit_test_params()) for cls in CLASSIFIERS)
    assert len(ESTIMATORS) == n_variants  # the names are unique
    assert set(CONTRADICTED) <= set(ESTIMATORS)
