"""Check that groups reach the inner folds of every estimator that has such."""

import inspect
from typing import ClassVar

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from catnocat import classifiers
from catnocat.classifiers import (
    ClassifierChain,
    HeadClassifier,
    LabelCalibrator,
    LinearSVMBinaryRelevance,
    LogisticBinaryRelevance,
    LogisticBinaryRelevanceCV,
    MultilabelGroupKFold,
    MultiLabelMLP,
    RegionMaxClassifier,
    StackedBinaryRelevance,
    ThresholdTuner,
)

N_GROUPS = 12
WITH_FOLDS = {
    "thresholds": ThresholdTuner(cv=3),
    "rank cut": ThresholdTuner(strategy="rcut", cv=3),
    "calibrated": LabelCalibrator(cv=3),
    "logistic, C chosen": LogisticBinaryRelevanceCV(cv=3),
    "support vectors": LinearSVMBinaryRelevance(cv=3),
    "stacking": StackedBinaryRelevance(cv=3),
    "stacking on features": StackedBinaryRelevance(cv=3, variant="BR+"),
    "out-of-fold chain": ClassifierChain(cv=3, random_state=0),
}
EARLY_STOPPING = {
    "head": HeadClassifier(early_stopping=True, max_iter=20),
    "softmax head": HeadClassifier("softmax", early_stopping=True, max_iter=20),
    "network": MultiLabelMLP((4,), max_epochs=3, random_state=0),
}


@pytest.fixture(scope="module")
def grouped():
    """Return features, labels and groups; the images of a group are alike."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(N_GROUPS), 5)
    Z = rng.normal(size=(N_GROUPS, 3))[groups]
    X = np.hstack([Z, rng.normal(size=(N_GROUPS, 5))[groups]]) + 0.1 * rng.normal(size=(60, 8))
    Y = (Z + rng.normal(size=(N_GROUPS, 3))[groups] > 0).astype(np.uint8)
    order = rng.permutation(60)
    return X[order], Y[order], groups[order]


@pytest.fixture
def seen_splits(monkeypatch):
    """Record the splits by groups, and fail on any other."""
    splits = []
    split = MultilabelGroupKFold.split

    def record(self, X, y, groups=None):
        for train, test in split(self, X, y, groups):
            splits.append((train, test, groups))
            yield train, test

    monkeypatch.setattr(MultilabelGroupKFold, "split", record)
    for other in (classifiers.MultilabelKFold, classifiers.MultilabelShuffleSplit):
        monkeypatch.setattr(other, "split", lambda *_: pytest.fail("a split ignores groups"))
    return splits


@pytest.mark.parametrize("name", [*WITH_FOLDS, *EARLY_STOPPING])
def test_inner_folds_keep_groups_whole(name, grouped, seen_splits):
    X, Y, groups = grouped
    clone((WITH_FOLDS | EARLY_STOPPING)[name]).fit(X, Y, groups=groups)
    assert seen_splits
    for train, test, given in seen_splits:
        assert not set(given[train]) & set(given[test])


@pytest.mark.parametrize("name", WITH_FOLDS)
def test_groups_change_what_is_learned_as_explicit_folds_do(name, grouped):
    X, Y, groups = grouped
    model = WITH_FOLDS[name]
    by_groups = clone(model).fit(X, Y, groups=groups)
    folds = list(MultilabelGroupKFold(3, random_state=0).split(Y, Y, groups))
    splitter = clone(model).set_params(cv=GroupKFold(3)).fit(X, Y, groups=groups)
    assert splitter.predict_proba(X).shape == Y.shape
    if name.endswith("chain"):
        return  # draws the seed of its folds
    explicit = clone(model).set_params(cv=folds).fit(X, Y)
    np.testing.assert_array_equal(by_groups.predict_proba(X), explicit.predict_proba(X))
    np.testing.assert_array_equal(by_groups.predict(X), explicit.predict(X))


def test_without_groups_group_splitters_are_refused(grouped):
    X, Y, _ = grouped
    with pytest.raises(ValueError, match="groups"):
        ThresholdTuner(cv=MultilabelGroupKFold(3)).fit(X, Y)


@pytest.mark.parametrize("name", [*WITH_FOLDS, *EARLY_STOPPING])
def test_groups_must_be_one_per_image(name, grouped):
    X, Y, groups = grouped
    with pytest.raises(ValueError, match=r"groups.shape == \(59,\), expected \(60,\)"):
        clone((WITH_FOLDS | EARLY_STOPPING)[name]).fit(X, Y, groups=groups[1:])


class RecordsGroups(ClassifierMixin, BaseEstimator):
    """A multi-label classifier that keeps the groups it was given."""

    given: ClassVar = []

    def fit(self, X, y, groups=None):
        self.given.append(None if groups is None else np.asarray(groups))
        self.model_ = LogisticBinaryRelevance().fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(X)


@pytest.mark.parametrize("holder", [ThresholdTuner, LabelCalibrator])
def test_inner_estimators_are_given_the_groups_of_their_rows(holder, grouped):
    X, Y, groups = grouped
    RecordsGroups.given.clear()
    holder(make_pipeline(StandardScaler(), RecordsGroups()), cv=3).fit(X, Y, groups=groups)
    folds = MultilabelGroupKFold(3, random_state=0).split(Y, Y, groups)
    wanted = [groups[train] for train, _ in folds] + [groups]
    for given, rows in zip(RecordsGroups.given, wanted, strict=True):
        np.testing.assert_array_equal(given, rows)


def test_regions_of_an_image_stay_together(grouped, seen_splits):
    X, Y, groups = grouped
    regions = np.stack([X, X + 0.1, X - 0.1], axis=1)
    model = RegionMaxClassifier(LogisticBinaryRelevanceCV(cv=3), rounds=1)
    model.fit(regions, Y, groups=groups)
    assert max(len(given) for _, _, given in seen_splits) == 3 * len(X)
    for train, test, given in seen_splits:
        assert not set(given[train]) & set(given[test])


def test_every_estimator_with_inner_folds_takes_groups():
    taking = {type(model).__name__ for model in (WITH_FOLDS | EARLY_STOPPING).values()}
    for name in classifiers.__all__:
        public = getattr(classifiers, name)
        if not hasattr(public, "_get_param_names") or not hasattr(public, "predict"):
            continue
        if {"cv", "early_stopping", "validation_fraction"} & set(public._get_param_names()):
            assert "groups" in inspect.signature(public.fit).parameters, name
            assert name in taking
