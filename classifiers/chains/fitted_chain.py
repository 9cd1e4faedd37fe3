"""A fitted chain, and how to fit chains: all links of all of them at once, where they allow it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .._base import Floats, Labels, Mask
from .._meta import Models, Question, Questioner, rows_mask

HandOn = Callable[[Floats], Any]


@dataclass(frozen=True)
class Chain:
    """Yes/no models in a row.

    Attributes
    ----------
    order : ndarray of int of shape (n_varying_labels,)
        The labels from first to last.
    links : Models
        One model per label, in the labels' own order.
    """

    order: NDArray[np.intp]
    links: Models

    def probabilities(self, X: Floats, hand_on: HandOn) -> Floats:
        """Ask one link after the other, each told what is handed on from those before it."""
        answers = self.links.about(X)
        P = np.empty((len(X), len(self.order)), dtype=X.dtype)
        seen = np.zeros_like(P)
        for label in self.order:
            P[:, label] = answers.of(label, slice(None), seen)
            seen[:, label] = hand_on(P[:, label])
        return P


def hand_on_by(chain_method: str) -> HandOn:
    """Give what turns a probability into what later links are told."""
    if chain_method == "predict":
        return lambda probability: probability > 0.5
    return lambda probability: probability


def fit_chains(
    questioner: Questioner,
    Y: Labels,
    orders: list[NDArray[np.intp]],
    rows: list[Mask | None],
    label_scale: float = 1.0,
) -> list[Chain]:
    """Fit chains that learn from true labels, which makes all their links independent.

    Parameters
    ----------
    questioner : Questioner
    Y : ndarray of shape (n_rows, n_varying_labels)
    orders : list of ndarray
        One per chain.
    rows : list of ndarray of bool, or None
        The rows each chain learns from.
    label_scale : float, default=1.0
        Factor by which the links multiply the labels they see.
    """
    n_labels = Y.shape[1]
    questions = []
    for order, kept in zip(orders, rows, strict=True):
        place = np.argsort(order)
        questions += [Question(Y[:, j], order[: place[j]], kept) for j in range(n_labels)]
    links = questioner.fit(questions, Y, label_scale)
    return [
        Chain(order, links.part(slice(k * n_labels, (k + 1) * n_labels)))
        for k, order in enumerate(orders)
    ]


def fit_out_of_fold_chain(
    questioner: Questioner,
    X: Floats,
    Y: Labels,
    order: NDArray[np.intp],
    folds: list[tuple[Any, Any]],
    hand_on: HandOn,
    label_scale: float = 1.0,
) -> Chain:
    """Fit a chain that learns from out-of-fold predictions, link by link."""
    seen = np.zeros(Y.shape, dtype=X.dtype)
    fitted = []
    for link, label in enumerate(order):
        parts: list[Mask | None] = [None]
        if link + 1 < len(order):
            parts += [rows_mask(train, len(Y)) for train, _ in folds]
        questions = [Question(Y[:, label], order[:link], rows) for rows in parts]
        models = questioner.fit(questions, seen, label_scale)
        fitted.append(models.part([0]))
        for number, (_, test) in enumerate(folds[: len(parts) - 1], start=1):
            answers = models.part([number]).about(X[test])
            seen[test, label] = hand_on(answers.of(0, slice(None), seen[test]))
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
