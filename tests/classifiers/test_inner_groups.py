"""Check that groups reach the inner folds of every estimator that has such."""

import inspect
from typing import ClassVar

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
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
    """Record the splits by groups, and fail on any without groups."""
    splits = []
    split = MultilabelGroupKFold.split

    def record(self, X, y, groups=None):
        for train, test in split(self, X, y, groups):
            splits.append((train, test, groups))
            yield train, test

    monkeypatch.setattr(MultilabelGroupKFold, "split", record)
    for other in (classifiers.MultilabelKFold, classifiers.MultilabelShuffleSplit):
        monkeypatch.setattr(other, "split", with_groups(other.split))
    return splits


def with_groups(split):
    def checked(self, X, y, groups=None):
        assert groups is not None, "a split ignores groups"
        return split(self, X, y, groups)

    return checked


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


ROUTED = {name: model for name, model in WITH_FOLDS.items() if name != "out-of-fold chain"}


@pytest.mark.parametrize("routing", [False, True])
@pytest.mark.parametrize("name", ROUTED)
def test_an_outer_cross_validation_passes_groups_to_the_inner_folds(
    name, routing, grouped, seen_splits
):
    X, Y, groups = grouped
    model, outer = clone(ROUTED[name]), GroupKFold(3)
    with sklearn.config_context(enable_metadata_routing=routing):
        options = {} if routing else {"groups": groups}
        cross_validate(
            model, X, Y, cv=outer, params={"groups": groups}, error_score="raise", **options
        )
    assert len(seen_splits) >= 9
    for train, test, given in seen_splits:
        assert len(given) == 40
        assert not set(given[train]) & set(given[test])


def test_a_grid_search_passes_groups_to_the_inner_folds_with_routing(grouped, seen_splits):
    X, Y, groups = grouped
    with sklearn.config_context(enable_metadata_routing=True):
        search = GridSearchCV(ThresholdTuner(cv=3), {"strategy": ["f1", "pcut"]}, cv=GroupKFold(3))
        search.fit(X, Y, groups=groups)
    assert sorted({len(given) for _, _, given in seen_splits}) == [40, 60]


def test_a_pipeline_routes_metadata_to_the_steps_that_request_it(grouped, seen_splits):
    X, Y, groups = grouped
    weight = np.arange(len(X)) % 3
    last = HeadClassifier(early_stopping=True, max_iter=20)
    with sklearn.config_context(enable_metadata_routing=True):
        plain = make_pipeline(StandardScaler(), last)
        ThresholdTuner(plain, strategy="mcut").fit(X, Y, groups=groups)
        assert len(seen_splits[-1][2]) == len(X)
        with pytest.raises(ValueError, match="No part of Pipeline requests sample_weight"):
            ThresholdTuner(plain, strategy="mcut").fit(X, Y, sample_weight=weight)
        routed = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False),
            LogisticBinaryRelevance().set_fit_request(sample_weight=True),
        )
        weighted = ThresholdTuner(routed, strategy="mcut").fit(X, Y, sample_weight=weight)
    scaled = StandardScaler().fit(X)
    expected = LogisticBinaryRelevance().fit(scaled.transform(X), Y, sample_weight=weight)
    np.testing.assert_allclose(
        weighted.predict_proba(X), expected.predict_proba(scaled.transform(X)), atol=1e-6
    )


@pytest.mark.parametrize("name", WITH_FOLDS)
def test_precomputed_splits_inside_an_outer_cross_validation_are_refused(name, grouped):
    X, Y, _ = grouped
    folds = list(classifiers.MultilabelKFold(3).split(X, Y))
    model = clone(WITH_FOLDS[name]).set_params(cv=folds)
    model.fit(X, Y)
    with pytest.raises(ValueError, match=r"at least 60 images, but `fit` got 40\. Inside an outer"):
        cross_validate(
            model, X, Y, cv=GroupKFold(3), groups=np.arange(60) // 5, error_score="raise"
        )
    masks = [(np.isin(np.arange(60), train), np.isin(np.arange(60), test)) for train, test in folds]
    with pytest.raises(ValueError, match="at least 60 images"):
        model.set_params(cv=masks).fit(X[:50], Y[:50])
