"""Base classes with further arguments of `fit`: sample weights, known labels and groups."""

from typing import ClassVar, Self

from numpy.typing import ArrayLike

from .base import MultiLabelClassifier


class WeightedClassifier(MultiLabelClassifier):
    """Base class of classifiers that support sample weights."""

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit to images whose labels are known.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)
            Feature vectors. float32 stays float32; the array is not modified.
        y : array-like or sparse matrix of shape (n_images, n_labels)
            1 where the image shows the label, else 0. A vector of two values is one label.
        sample_weight : array-like of shape (n_images,), default=None
            Weight of each image; None means equal weights.

        Returns
        -------
        self
        """
        return self._fit_checked(X, y, sample_weight)


class MissingLabelsClassifier(MultiLabelClassifier):
    """Base class of classifiers that support missing labels."""

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        known: ArrayLike | None = None,
    ) -> Self:
        """Fit each label to the images for which it is known.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)
            Feature vectors. float32 stays float32; the array is not modified.
        y : array-like or sparse matrix of shape (n_images, n_labels)
            1 where the image shows the label, else 0. A vector of two values is one label.
        sample_weight : array-like of shape (n_images,), default=None
            Weight of each image; None means equal weights.
        known : array-like of bool of shape (n_images, n_labels), default=None
            False where a label is unknown; None means that all are known.

        Returns
        -------
        self
        """
        return self._fit_checked(X, y, sample_weight, known)


class GroupedWeightedClassifier(WeightedClassifier):
    """Base class of weighted classifiers whose inner folds respect groups."""

    __metadata_request__fit: ClassVar = {"groups": True}  # inner folds need no further request

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Fit to images whose labels are known.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)
            Feature vectors. float32 stays float32; the array is not modified.
        y : array-like or sparse matrix of shape (n_images, n_labels)
            1 where the image shows the label, else 0. A vector of two values is one label.
        sample_weight : array-like of shape (n_images,), default=None
            Weight of each image; None means equal weights.
        groups : array-like of shape (n_images,), default=None
            Images of one group are never split between inner folds.

        Returns
        -------
        self
        """
        return self._fit_checked(X, y, sample_weight, groups=groups)


class GroupedMissingLabelsClassifier(MissingLabelsClassifier):
    """Base class of missing-label classifiers whose inner folds respect groups."""

    __metadata_request__fit: ClassVar = {"groups": True}  # inner folds need no further request

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        known: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Fit each label to the images for which it is known.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)
            Feature vectors. float32 stays float32; the array is not modified.
        y : array-like or sparse matrix of shape (n_images, n_labels)
            1 where the image shows the label, else 0. A vector of two values is one label.
        sample_weight : array-like of shape (n_images,), default=None
            Weight of each image; None means equal weights.
        known : array-like of bool of shape (n_images, n_labels), default=None
            False where a label is unknown; None means that all are known.
        groups : array-like of shape (n_images,), default=None
            Images of one group are never split between inner folds.

        Returns
        -------
        self
        """
        return self._fit_checked(X, y, sample_weight, known, groups)
