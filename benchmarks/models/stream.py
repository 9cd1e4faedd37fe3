"""Predicting any number of pictures in their order, a few at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...features import Progress
from .batches import arriving, growing
from .model import Model, Threshold


@dataclass(frozen=True)
class Predictions:
    """What is said of a few pictures.

    Attributes
    ----------
    images : list of str
        Their names.
    errors : list of str or None
        Why a picture could not be read; its row of `P` is NaN then.
    P : ndarray of shape (n_images, n_labels)
    decisions : ndarray of uint8 of shape (n_images, n_labels)
    """

    images: list[str]
    errors: list[str | None]
    P: NDArray[Any]
    decisions: NDArray[np.uint8]


def predict_stream(
    model: Model,
    pictures: Iterable[tuple[str, str]],
    *,
    threshold: Threshold = "f1",
    total: int | None = None,
    wait: bool = True,
    progress: Progress | None = None,
) -> Iterator[Predictions]:
    """Predict pictures in files; what is in memory are a thousand of them, however many come.

    Parameters
    ----------
    model : Model
    pictures : iterable of (str, str)
        Name and path of each; may be endless.
    threshold
        As for `Model.predict`.
    total : int, optional
        How many there are, if that is known.
    wait : bool, default=True
        False: predict at once what has come, rather than wait until there is a batch of it; for
        pictures that somebody is still naming. The digits are the same.
    progress : callable, optional

    Yields
    ------
    Predictions
        Few at first, so that the first answers come soon.
    """
    done = 0
    for some in growing(pictures) if wait else arriving(pictures):
        paths = [path for _, path in some]

        def tell(here: int, _: int, done: int = done) -> None:
            if progress is not None:
                known: Any = total  # a bar without an end has None
                progress(done + here, known)

        found = model.features.extract(paths, tell)
        P, decisions = model.judge(found.X, threshold)
        yield _in_order(model, [name for name, _ in some], found, P, decisions)
        done += len(some)


def _in_order(
    model: Model, names: list[str], found: Any, P: NDArray[Any], decisions: NDArray[np.uint8]
) -> Predictions:
    errors: list[str | None] = [None] * len(names)
    for row, (_, reason) in zip(np.flatnonzero(~found.readable), found.skipped, strict=True):
        errors[row] = reason
    every = np.full((len(names), len(model.labels)), np.nan, P.dtype)
    every[found.readable] = P
    decided = np.zeros(every.shape, np.uint8)
    decided[found.readable] = decisions
    return Predictions(names, errors, every, decided)
