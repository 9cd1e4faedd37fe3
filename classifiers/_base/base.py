"""Base classes of the multi-label classifiers: validation, constant labels, output shapes."""

import warnings
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_consistent_length, get_tags
from sklearn.utils.validation import (
    _check_y,
    _num_samples,
    check_is_fitted,
    validate_data,
)

from .input_tables import Table, is_numeric_array
from .label_sets import LabelSets, are_label_sets, label_matrix, named_predictions
from .targets import Floats, Labels, Mask, read_groups, read_known, read_targets, read_weights

MAX_LABELS_IN_WARNING = 10


class ConstantLabelWarning(UserWarning):
    """Warning about labels that are constant in training and are predicted as constants."""


@dataclass(frozen=True)
class TrainingSet:
    """Validated training data without constant labels.

    Attributes
    ----------
    X : ndarray of shape (n_images, n_features)
        float32 or float64; possibly a read-only memory map.
    Y : ndarray of shape (n_images, n_labels)
        uint8, with both values in every column.
    sample_weight : ndarray of shape (n_images,), or None
        Non-negative; None means equal weights.
    known : ndarray of bool of shape (n_images, n_labels), or None
        False where a label is unknown; None means that all are known.
    groups : ndarray of shape (n_images,), or None
        Images of one group are never split between inner folds.
    """

    X: Floats
    Y: Labels
    sample_weight: Floats | None = None
    known: Mask | None = None
    groups: NDArray[Any] | None = None

    def drop_zero_weights(self) -> Self:
        """Return the training set without rows of zero weight."""
        if self.sample_weight is None or self.sample_weight.all():
            return self
        rows = self.sample_weight > 0
        known = None if self.known is None else self.known[rows]
        return replace(
            self,
            X=self.X[rows],
            Y=self.Y[rows],
            sample_weight=self.sample_weight[rows],
            known=known,
            groups=None if self.groups is None else self.groups[rows],
        )


def _check_names(estimator: Any, X: Any, *, reset: bool) -> None:
    """Record (or check) the number and names of the columns of `X`, if it has columns."""
    if hasattr(X, "columns") or issparse(X):
        validate_data(estimator, X, skip_check_array=True, reset=reset)
    elif reset:
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(estimator, name):
                delattr(estimator, name)


class MultiLabelClassifier(ClassifierMixin, BaseEstimator):
    """Base class of the multi-label classifiers; it handles constant labels and validation.

    A subclass implements `_fit_labels` and `_label_probabilities` for the labels that vary in
    training. It overrides `_label_decisions` if its decision differs from a threshold of 0.5 per
    label, and `_check_parameters` to validate its parameters. A subclass that supports sample
    weights extends `WeightedClassifier`; one that also supports missing labels extends
    `MissingLabelsClassifier`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_labels, 2)
        0 and 1 for each label, the form that scikit-learn's scorers and `cross_val_predict`
        expect for a label matrix. After a 1-D `y`: its values.
    label_varies_ : ndarray of bool of shape (n_labels,)
        False for labels that are predicted as a constant.
    constant_values_ : ndarray of shape (n_labels,)
        That constant, 0 or 1; undefined for labels that vary.
    n_features_in_ : int
    feature_names_in_, label_names_in_ : ndarray of str
        Only if `X` or `y` was a data frame, or `y` a list of label sets.
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        reader = self._row_reader()
        if hasattr(reader, "__sklearn_tags__"):  # a wrong parameter is refused by `fit`
            given = get_tags(reader).input_tags
            tags.input_tags.sparse, tags.input_tags.allow_nan = given.sparse, given.allow_nan
        tags.classifier_tags.multi_label = True
        tags.classifier_tags.multi_class = False  # a vector is one binary label
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit to images whose labels are known.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)
            Feature vectors. float32 stays float32; the array is not modified.
        y : array-like or sparse matrix of shape (n_images, n_labels)
            1 where the image shows the label, else 0. A vector of two values is one label. A list
            of sets of label names becomes one column per label, in sorted order; in
            cross-validation, `LabelSets` keeps the columns of all folds the same.

        Returns
        -------
        self
        """
        return self._fit_checked(X, y)

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Return the probability of each label.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)

        Returns
        -------
        ndarray of shape (n_images, n_labels)
            In [0, 1]. After a fit to a vector: one column for each of its values.
        """
        rows = self._check_rows(X)
        P = np.empty((len(rows), len(self.label_varies_)), dtype=rows.dtype)
        P[:] = self.constant_values_
        if self.label_varies_.any():
            P[:, self.label_varies_] = self._label_probabilities(rows)
        np.clip(P, 0, 1, out=P)
        if not self._is_vector:
            return P
        return np.column_stack([1 - P, P]) if len(self.classes_) == 2 else np.ones_like(P)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict for each label whether it is present.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)

        Returns
        -------
        ndarray of int of shape (n_images, n_labels)
            0 or 1. After a fit to a vector: a vector of its values.
        """
        rows = self._check_rows(X)
        decisions = np.empty((len(rows), len(self.label_varies_)), dtype=np.int64)
        decisions[:] = self.constant_values_
        if self.label_varies_.any():
            decisions[:, self.label_varies_] = self._label_decisions(rows)
        if getattr(self, "_fitted_to_sets", False):
            named: NDArray[Any] = named_predictions(decisions, self.label_names_in_)
            return named
        return self.classes_[decisions[:, 0]] if self._is_vector else decisions

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the subset accuracy: the fraction of images whose label set is predicted exactly.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)
        y : array-like of shape (n_images, n_labels), or label sets
            Label sets are compared by the names of the labels.
        sample_weight : array-like of shape (n_images,), default=None
        """
        if are_label_sets(y) or isinstance(y, LabelSets):
            y, _ = label_matrix(y, getattr(self, "label_names_in_", None))
        score: float = super().score(X, y, sample_weight)
        return score

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        """Return the parameters with which the tests of every classifier run, by a unique name."""
        raise NotImplementedError

    def _check_parameters(self) -> None:
        """Raise ValueError for an invalid parameter."""

    def _row_reader(self) -> Any:
        """Return the inner estimator that reads and checks X, or None if this one does."""
        return None

    @abstractmethod
    def _fit_labels(self, training: TrainingSet) -> None:
        """Fit the labels that vary (at least one)."""

    @abstractmethod
    def _label_probabilities(self, X: Floats) -> Floats:
        """Return the probabilities of the labels that vary."""

    def _label_decisions(self, X: Floats) -> NDArray[Any]:
        # A probability of exactly 0.5 is negative, as with argmax and round.
        return self._label_probabilities(X) > 0.5

    def _fit_checked(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        known: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        self._check_parameters()
        names = None
        self.__dict__.pop("_fitted_to_sets", None)  # from an earlier fit
        if are_label_sets(y):
            y, names = label_matrix(y)
            self._fitted_to_sets = True
        rows, targets = self._read_rows(X, y)
        Y, classes = read_targets(targets)
        weights = read_weights(sample_weight, len(Y))
        mask = read_known(known, Y.shape)
        of_rows = read_groups(groups, len(Y))

        self._is_vector = classes is not None
        self.classes_ = np.tile([0, 1], (Y.shape[1], 1)) if classes is None else classes
        self._keep_label_names(getattr(y, "columns", names))
        counted = np.ones(Y.shape, dtype=bool) if mask is None else mask.copy()
        if weights is not None:
            counted &= (weights > 0)[:, None]  # rows of zero weight do not count
        present, absent = (counted & (Y == 1)).any(axis=0), (counted & (Y == 0)).any(axis=0)
        self.constant_values_ = (present & ~absent).astype(np.int8)
        self.label_varies_ = present & absent
        self._warn_of_constants()
        if self.label_varies_.any():
            kept = self.label_varies_
            known_kept = None if mask is None or mask[:, kept].all() else mask[:, kept]
            self._fit_labels(TrainingSet(rows, Y[:, kept], weights, known_kept, of_rows))
        return self

    def _check_rows(self, X: ArrayLike) -> Floats:
        check_is_fitted(self)
        reader = self._row_reader()
        if reader is not None and not is_numeric_array(X):
            _check_names(self, X, reset=False)
            return Table(X)  # type: ignore[return-value]  # supports array indexing
        rows: Floats = validate_data(
            self,
            X,
            dtype=[np.float64, np.float32],
            ensure_all_finite=reader is None,
            reset=False,
        )
        return rows

    def _read_rows(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Validate inputs and targets; an inner estimator, if any, validates the inputs further."""
        reader = self._row_reader()
        if reader is None or is_numeric_array(X):
            checked: tuple[Any, Any] = validate_data(
                self,
                X,
                y,
                dtype=[np.float64, np.float32],
                multi_output=True,
                ensure_all_finite=reader is None,
            )
            return checked
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        _check_names(self, X, reset=True)
        if issparse(X):
            X = X.tocsr()
        y = _check_y(y, multi_output=True)
        check_consistent_length(X, y)
        if not _num_samples(X):
            raise ValueError("Found array with 0 sample(s) while a minimum of 1 is required.")
        return Table(X), y

    def _keep_label_names(self, names: Any) -> None:
        if names is not None:
            self.label_names_in_ = np.asarray(names, dtype=object)
        elif hasattr(self, "label_names_in_"):
            del self.label_names_in_  # from an earlier fit

    def _warn_of_constants(self) -> None:
        constant = ~self.label_varies_
        if not constant.any():
            return
        names = getattr(self, "label_names_in_", np.arange(len(constant)))
        parts = []
        for value, word in ((0, "always absent"), (1, "always present")):
            named = [str(name) for name in names[constant & (self.constant_values_ == value)]]
            if named:
                more = ", ..." if len(named) > MAX_LABELS_IN_WARNING else ""
                parts.append(
                    f"{word} ({len(named)}): {', '.join(named[:MAX_LABELS_IN_WARNING])}{more}"
                )
        warnings.warn(
            f"Labels without both kinds of training rows are predicted as constants; "
            f"{'; '.join(parts)}.",
            ConstantLabelWarning,
            stacklevel=4,  # the caller of fit
        )
