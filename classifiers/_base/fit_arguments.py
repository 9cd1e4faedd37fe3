"""Base classes by what `fit` takes besides features and labels."""

from typing import Self

from numpy.typing import ArrayLike

from .base import MultiLabelClassifier


class WeightedClassifier(MultiLabelClassifier):
    """Base class of what can let some images count for more than others."""

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Learn from images whose labels are known.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)
            Feature vectors; float32 stays float32, nothing is written to.
        y : array-like or sparse matrix of shape (n_images, n_labels)
            1 where the image shows the label, else 0. A vector of two values is one label.
        sample_weight : array-like of shape (n_images,), default=None
            How often each image counts; None stands for once.

        Returns
        -------
        self
        """
        return self._fit_checked(X, y, sample_weight)


class PartlyKnownClassifier(MultiLabelClassifier):
    """Base class of what can learn from images some of whose labels nobody knows."""

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        known: ArrayLike | None = None,
    ) -> Self:
        """Learn each label from the images of which it is known.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)
            Feature vectors; float32 stays float32, nothing is written to.
        y : array-like or sparse matrix of shape (n_images, n_labels)
            1 where the image shows the label, else 0. A vector of two values is one label.
        sample_weight : array-like of shape (n_images,), default=None
            How often each image counts; None stands for once.
        known : array-like of bool of shape (n_images, n_labels), default=None
            False where a label is neither present nor absent; None stands for all known.

        Returns
        -------
        self
        """
        return self._fit_checked(X, y, sample_weight, known)


class GroupedWeightedClassifier(WeightedClassifier):
    """Base class of weighted classifiers with inner folds, which may have to keep groups whole."""

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
            Feature vectors; float32 stays float32, nothing is written to.
        y : array-like or sparse matrix of shape (n_images, n_labels)
            1 where the image shows the label, else 0. A vector of two values is one label.
        sample_weight : array-like of shape (n_images,), default=None
            How often each image counts; None stands for once.
        groups : array-like of shape (n_images,), default=None
            Images of one group stay together in the inner folds.

        Returns
        -------
        self
        """
        return self._fit_checked(X, y, sample_weight, groups=groups)


class GroupedPartlyKnownClassifier(PartlyKnownClassifier):
    """Base class of those that also take a mask of known labels and have inner folds."""

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
            Feature vectors; float32 stays float32, nothing is written to.
        y : array-like or sparse matrix of shape (n_images, n_labels)
            1 where the image shows the label, else 0. A vector of two values is one label.
        sample_weight : array-like of shape (n_images,), default=None
            How often each image counts; None stands for once.
        known : array-like of bool of shape (n_images, n_labels), default=None
            False where a label is neither present nor absent; None stands for all known.
        groups : array-like of shape (n_images,), default=None
            Images of one group stay together in the inner folds.

        Returns
        -------
        self
        """
        return self._fit_checked(X, y, sample_weight, known, groups)
