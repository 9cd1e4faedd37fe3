"""Wrong parameters of every classifier are refused by name."""

import inspect

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from catnocat import classifiers
from catnocat.classifiers import (
    ClassifierChain,
    EnsemblePrunedSets,
    LabelPowerset,
    LogisticBinaryRelevance,
    MultilabelKFold,
    PrunedSets,
    RAkEL,
    StackedBinaryRelevance,
    ThresholdTuner,
)
from catnocat.classifiers._base.base_estimators import accepts_fit_param

WHOLE = [-1, 1.5, True, "x", [3]]
ABOVE_0 = [0, -1, np.nan, np.inf, True, "x", [1]]
SHARE = [-0.1, 1.1, np.nan, "x", True]
FLAG = [None, 0, "no"]
OTHERS = [LinearRegression(), [], "x"]
CHOICE = ["x", 3, ["f1"]]

WRONG = {
    **dict.fromkeys(("n_neighbors", "n_rounds", "n_chains", "n_members", "beam_width"), WHOLE),
    **dict.fromkeys(("n_samples", "labelset_size", "n_labelsets", "max_iter", "rounds"), WHOLE),
    **dict.fromkeys(("max_epochs", "patience", "pruning", "n_subsets", "n_regions"), WHOLE),
    **dict.fromkeys(("hidden", "batch_size", "n_iter_no_change"), WHOLE),
    **dict.fromkeys(("tol", "weight_decay", "learning_rate", "smoothing", "l2"), ABOVE_0),
    "learning_rate_init": ABOVE_0,
    "C": [0, -1, np.nan, np.inf, "x", [1, 1]],
    **dict.fromkeys(("max_samples", "validation_fraction", "fbr"), SHARE),
    **dict.fromkeys(("overlapping", "passthrough", "early_stopping"), FLAG),
    **dict.fromkeys(("chain_method", "stack_method", "target", "inference", "variant"), CHOICE),
    **dict.fromkeys(("extension", "kind", "loss", "strategy", "method", "pooling"), CHOICE),
    **dict.fromkeys(("estimator", "final_estimator"), OTHERS),
    "scoring": CHOICE,
    "n_components": [-1, 1.5, True, "x"],
    "alpha": [-1, np.nan, np.inf, "x"],
    "class_weight": ["x", 2, {"cat": 2}, {1: 0}, {0: "x"}],
    "cv": [0, 1, True, 2.5, "x", [], 99],
    "hidden_layer_sizes": [5, "x", (0,), (2.5,)],
    "order": [-1, 2.5, "x", [0, 0, 1], [0, 1, 2.5]],
}
PUBLIC = [getattr(classifiers, name) for name in classifiers.__all__]
CLASSIFIERS = [one for one in PUBLIC if hasattr(one, "predict")]


def scenes():
    X = np.random.default_rng(0).normal(size=(30, 4))
    return X, (X[:, :3] > 0.2).astype(int)


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_wrong_values_are_refused_by_name(classifier):
    for name in inspect.signature(classifier).parameters:
        for value in WRONG.get(name, []):
            with pytest.raises(ValueError, match=name.removeprefix("final_")):
                classifier(**{name: value}).fit(*scenes())


def test_numpys_numbers_will_do():
    X, Y = scenes()
    ThresholdTuner(cv=np.int64(3), fbr=np.float32(0.5)).fit(X, Y)
    RAkEL(labelset_size=np.int8(2), overlapping=np.bool_(False), random_state=np.int64(3)).fit(X, Y)


def test_folds_of_a_splitter_are_those_of_their_number():
    X, Y = scenes()
    folds = MultilabelKFold(4, random_state=0)
    one, other = (StackedBinaryRelevance(cv=cv).fit(X, Y) for cv in (4, folds))
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))


@pytest.mark.parametrize("classifier", [LabelPowerset, PrunedSets, EnsemblePrunedSets, RAkEL])
def test_powersets_refuse_what_gives_no_probabilities(classifier):
    with pytest.raises(ValueError, match=r"with predict_proba, got LinearSVC\(\)"):
        classifier(LinearSVC()).fit(*scenes())


@pytest.mark.parametrize("classifier", [ClassifierChain, LabelPowerset, ThresholdTuner])
def test_weights_reach_the_last_step_of_a_pipeline(classifier):
    X, Y = scenes()
    plain = LogisticBinaryRelevance() if classifier is ThresholdTuner else LogisticRegression()
    weight = np.arange(len(X)) % 3
    one, other = (
        classifier(estimator).fit(X, Y, sample_weight=weight)
        for estimator in (plain, make_pipeline(make_pipeline("passthrough", plain)))
    )
    np.testing.assert_allclose(one.predict_proba(X), other.predict_proba(X), atol=1e-6)
    assert accepts_fit_param(make_pipeline(plain), "sample_weight")
    assert not accepts_fit_param(make_pipeline(LogisticRegression()), "known")
