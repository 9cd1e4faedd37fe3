"""In which order a chain asks about the labels."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ._targets import Floats, Labels, Mask

Order = Literal["random", "frequency", "dependence"] | Sequence[int] | None


def label_order(
    order: Order,
    Y: Labels,
    sample_weight: Floats | None,
    varies: Mask,
    rng: np.random.RandomState,
) -> NDArray[np.intp]:
    """Give the order of the labels that vary, in numbers among these.

    Parameters
    ----------
    order : "random", "frequency", "dependence", sequence of int or None
        As for `ClassifierChain`; a sequence counts the constant labels too.
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
    number = np.cumsum(varies) - 1  # of a column among those that vary
    varying: NDArray[np.intp] = number[columns[varies[columns]]]
    return varying


def _by_frequency(Y: Labels, weight: Floats) -> NDArray[np.intp]:
    return np.argsort(-(weight @ Y), kind="stable")


def _by_dependence(Y: Labels, weight: Floats) -> NDArray[np.intp]:
    """Grow the maximum spanning tree of mutual information from its best connected label."""
    information = mutual_information(Y, weight)
    order = [int(information.sum(axis=1).argmax())]
    strongest = information[order[0]].copy()
    while len(order) < Y.shape[1]:
        strongest[order] = -np.inf
        order.append(int(strongest.argmax()))
        strongest = np.maximum(strongest, information[order[-1]])
    return np.array(order)


def mutual_information(Y: Labels, weight: Any) -> NDArray[np.float64]:
    """Give the mutual information in nats of each pair of labels, 0 on the diagonal."""
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
