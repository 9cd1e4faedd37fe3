"""Fitted chains, and functions that fit all links of one or many chains together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .._base import Floats, Labels, Mask
from .._meta import BinaryProblem, BinaryProblemSolver, Models, rows_mask

ChainFeatureTransform = Callable[[Floats], Any]


@dataclass(frozen=True)
class Chain:
    """Fitted classifier chain.

    Attributes
    ----------
    order : ndarray of int of shape (n_varying_labels,)
        The labels in chain order.
    links : Models
        One binary classifier per label, in the order of the label columns.
    """

    order: NDArray[np.intp]
    links: Models

    def probabilities(self, X: Floats, to_feature: ChainFeatureTransform) -> Floats:
        """Predict label by label; later links see the transformed probabilities."""
        predictions = self.links.predictions_for(X)
        P = np.empty((len(X), len(self.order)), dtype=X.dtype)
        seen = np.zeros_like(P)
        for label in self.order:
            P[:, label] = predictions.probabilities(label, slice(None), seen)
            seen[:, label] = to_feature(P[:, label])
        return P


def chain_feature_transform(chain_method: str) -> ChainFeatureTransform:
    """Return the function that converts a probability to the input of later links."""
    if chain_method == "predict":
        return lambda probability: probability > 0.5
    return lambda probability: probability


def fit_chains(
    solver: BinaryProblemSolver,
    Y: Labels,
    orders: list[NDArray[np.intp]],
    rows: list[Mask | None],
    label_scale: float = 1.0,
) -> list[Chain]:
    """Fit chains on true labels, which makes all their links independent problems.

    Parameters
    ----------
    solver : BinaryProblemSolver
    Y : ndarray of shape (n_rows, n_varying_labels)
    orders : list of ndarray
        One per chain.
    rows : list of ndarray of bool, or None
        The training rows of each chain.
    label_scale : float, default=1.0
        Factor by which the label inputs are multiplied.
    """
    n_labels = Y.shape[1]
    problems = []
    for order, kept in zip(orders, rows, strict=True):
        place = np.argsort(order)
        problems += [BinaryProblem(Y[:, j], order[: place[j]], kept) for j in range(n_labels)]
    links = solver.fit(problems, Y, label_scale)
    return [
        Chain(order, links.part(slice(k * n_labels, (k + 1) * n_labels)))
        for k, order in enumerate(orders)
    ]


def fit_out_of_fold_chain(
    solver: BinaryProblemSolver,
    X: Floats,
    Y: Labels,
    order: NDArray[np.intp],
    folds: list[tuple[Any, Any]],
    to_feature: ChainFeatureTransform,
    label_scale: float = 1.0,
) -> Chain:
    """Fit a chain on out-of-fold predictions, link by link."""
    seen = np.zeros(Y.shape, dtype=X.dtype)
    fitted = []
    for link, label in enumerate(order):
        parts: list[Mask | None] = [None]
        if link + 1 < len(order):
            parts += [rows_mask(train, len(Y)) for train, _ in folds]
        problems = [BinaryProblem(Y[:, label], order[:link], rows) for rows in parts]
        models = solver.fit(problems, seen, label_scale)
        fitted.append(models.part([0]))
        for number, (_, test) in enumerate(folds[: len(parts) - 1], start=1):
            predictions = models.part([number]).predictions_for(X[test])
            seen[test, label] = to_feature(predictions.probabilities(0, slice(None), seen[test]))
    place = np.argsort(order)
    return Chain(order, fitted[0].joined([fitted[k] for k in place]))


Order = Literal["random", "frequency", "dependence"] | Sequence[int] | None


def label_order(
    order: Order,
    Y: Labels,
    sample_weight: Floats | None,
    varies: Mask,
    rng: np.random.RandomState,
) -> NDArray[np.intp]:
    """Return the chain order as indices of the labels that vary.

    Parameters
    ----------
    order : "random", "frequency", "dependence", sequence of int or None
        As for `ClassifierChain`; a sequence includes the constant labels.
    Y : ndarray of shape (n_rows, n_varying_labels)
    sample_weight : ndarray of shape (n_rows,), or None
    varies : ndarray of bool of shape (n_labels,)
    rng : RandomState

    Raises
    ------
    ValueError
    """
    if isinstance(order, str) and order in ("frequency", "dependence"):
        weight = np.ones(len(Y)) if sample_weight is None else sample_weight
        return _by_frequency(Y, weight) if order == "frequency" else _by_dependence(Y, weight)
    n_labels = len(varies)
    if order is None:
        columns = np.arange(n_labels)
    elif isinstance(order, str):
        if order != "random":
            raise ValueError(
                "order must be None, 'random', 'frequency', 'dependence' or columns, "
                f"got {order!r}."
            )
        columns = rng.permutation(n_labels)
    else:
        columns = np.ravel(np.asarray(order))
    if not np.array_equal(np.sort(columns), np.arange(n_labels)):
        raise ValueError(f"order must hold each of 0 to {n_labels - 1} once, got {order!r}.")
    number = np.cumsum(varies) - 1  # index of a column among those that vary
    varying: NDArray[np.intp] = number[columns[varies[columns]]]
    return varying


def _by_frequency(Y: Labels, weight: Floats) -> NDArray[np.intp]:
    return np.argsort(-(weight @ Y), kind="stable")


def _by_dependence(Y: Labels, weight: Floats) -> NDArray[np.intp]:
    """Order labels along the maximum spanning tree of mutual information (Prim's algorithm)."""
    information = mutual_information(Y, weight)
    order = [int(information.sum(axis=1).argmax())]
    strongest = information[order[0]].copy()
    while len(order) < Y.shape[1]:
        strongest[order] = -np.inf
        order.append(int(strongest.argmax()))
        strongest = np.maximum(strongest, information[order[-1]])
    return np.array(order)


def mutual_information(Y: Labels, weight: Any) -> NDArray[np.float64]:
    """Compute the mutual information in nats of each pair of labels, 0 on the diagonal."""
    share = weight / weight.sum()
    present = share @ Y
    both = (share[:, None] * Y).T @ Y.astype(np.float64)
    information: NDArray[np.float64] = np.zeros_like(both)
    for first, second, joint in (
        (present, present, both),
        (present, 1 - present, present[:, None] - both),
        (1 - present, present, present - both),
        (1 - present, 1 - present, 1 - present[:, None] - present + both),
    ):
        independent = np.outer(first, second)
        joint = np.maximum(joint, 0)
        ratio = np.where(joint > 0, joint / independent, 1)
        information += joint * np.log(ratio)
    np.fill_diagonal(information, 0)
    return information
