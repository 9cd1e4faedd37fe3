"""A fitted chain, and how to fit chains: all links of all of them at once, where they allow it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._questions import Models, Question, Questioner, rows_mask
from ._targets import Floats, Labels, Mask

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
