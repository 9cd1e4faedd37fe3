"""Weighted label sets of each image by a probabilistic chain, and the best answer to give for them.

All sets (exact), the most probable ones (beam) or random ones (Monte Carlo); from these the answer
with the highest expected score, by the rule of that score.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._chain import Chain
from ._questions import Answers
from ._targets import Floats

CELLS_AT_ONCE = 1 << 22  # of label sets of several images, or of what is reckoned with them


@dataclass(frozen=True)
class WeightedSets:
    """Label sets that stand for the joint distribution of some images' labels.

    Attributes
    ----------
    sets : ndarray of shape (n_images or 1, n_sets, n_labels)
        0 and 1; one row stands for the same sets in all images.
    joint : ndarray of shape (n_images, n_sets)
        The probability of each set by the chain, up to a factor common to an image's sets.
    weight : ndarray of shape (n_images, n_sets)
        The share each set takes in a mean; sums to 1 in each image.
    marginals : ndarray of shape (n_images, n_labels)
    """

    sets: Floats
    joint: Floats
    weight: Floats
    marginals: Floats


def all_sets(chain: Chain, answers: Answers, n_rows: int, dtype: Any) -> WeightedSets:
    """Give every label set: both answers to every question, whatever was answered before."""
    joint = np.ones((n_rows, 1), dtype=dtype)
    sets = np.zeros((1, len(chain.order)), dtype=dtype)
    for label in chain.order:
        chance = answers.grid(label, sets)
        joint = np.hstack([joint * (1 - chance), joint * chance])
        with_label = sets.copy()
        with_label[:, label] = 1
        sets = np.vstack([sets, with_label])
    return WeightedSets(sets[None], joint, joint, joint @ sets)


def beam(chain: Chain, answers: Answers, n_rows: int, dtype: Any, width: int) -> WeightedSets:
    """Follow the `width` most probable beginnings of label sets along the chain."""
    n_labels = len(chain.order)
    joint = np.ones((n_rows, 1), dtype=dtype)
    sets = np.zeros((n_rows, 1, n_labels), dtype=dtype)
    for label in chain.order:
        rows = np.repeat(np.arange(n_rows), sets.shape[1])
        chance = answers.of(label, rows, sets.reshape(-1, n_labels)).reshape(joint.shape)
        joint = np.hstack([joint * (1 - chance), joint * chance])
        best = np.argsort(-joint, axis=1, kind="stable")[:, :width]
        joint = np.take_along_axis(joint, best, axis=1)
        joint /= joint[:, :1]  # hundreds of factors would underflow
        present, beginning = np.divmod(best, sets.shape[1])
        sets = np.take_along_axis(sets, beginning[:, :, None], axis=1)
        sets[:, :, label] = present
    weight = joint / joint.sum(axis=1, keepdims=True)
    return WeightedSets(sets, joint, weight, (weight[:, None, :] @ sets)[:, 0])


def random_sets(
    chain: Chain, answers: Answers, n_rows: int, dtype: Any, draws: NDArray[np.float64]
) -> WeightedSets:
    """Draw label sets along the chain.

    A marginal is the mean of the chances a label had, not of its draws, which varies less. All
    images share the draws: so an answer does not depend on the images beside it.

    Parameters
    ----------
    chain, answers, n_rows, dtype
    draws : ndarray of shape (n_sets, n_labels)
        Uniform in [0, 1).
    """
    n_sets, n_labels = draws.shape
    rows = np.repeat(np.arange(n_rows), n_sets)
    sets = np.zeros((n_rows, n_sets, n_labels), dtype=dtype)
    log_joint = np.zeros((n_rows, n_sets), dtype=dtype)
    marginals = np.empty((n_rows, n_labels), dtype=dtype)
    for label in chain.order:
        chance = answers.of(label, rows, sets.reshape(-1, n_labels)).reshape(n_rows, n_sets)
        marginals[:, label] = chance.mean(axis=1)
        drawn = draws[:, label] < chance
        sets[:, :, label] = drawn
        log_joint += np.log(np.where(drawn, chance, 1 - chance))
    joint = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return WeightedSets(sets, joint, np.full_like(joint, 1 / n_sets), marginals)


def most_probable(found: WeightedSets) -> NDArray[np.bool_]:
    """Give the label set of the highest joint probability: best for subset accuracy."""
    best = found.joint.argmax(axis=1)
    sets = np.broadcast_to(found.sets, (len(best), *found.sets.shape[1:]))
    picked: NDArray[np.bool_] = sets[np.arange(len(best)), best] > 0
    return picked


def best_for_f1(found: WeightedSets) -> NDArray[np.bool_]:
    """Give the label set of the highest expected F1 with the true one.

    For each size k the best answer is the k labels i of the largest sum over s of
    2 P(y_i = 1, |y| = s) / (s + k). No label scores 1 where there is none.

    References
    ----------
    Dembczyński, K., Waegeman, W., Cheng, W., Hüllermeier, E. (2011). An exact algorithm for
    F-measure maximization. NIPS 2011.
    """
    n_rows, n_labels = found.marginals.shape
    gain = _gains(found)
    sizes = np.arange(1, n_labels + 1)
    values = np.zeros((n_rows, n_labels + 1), dtype=gain.dtype)
    values[:, 0] = np.where(found.sets.any(axis=2), 0, found.weight).sum(axis=1)
    falling = -np.sort(-gain, axis=2).cumsum(axis=2)  # [.., k - 1]: of the best k labels
    values[:, 1:] = np.einsum("ikk->ik", falling)
    best = values.argmax(axis=1)
    of_best = gain[np.arange(n_rows), np.maximum(best, 1) - 1]
    ranked = np.argsort(-of_best, axis=1, kind="stable")
    answer = np.zeros((n_rows, n_labels), dtype=bool)
    np.put_along_axis(answer, ranked, sizes <= best[:, None], axis=1)
    return answer


def _gains(found: WeightedSets) -> Floats:
    """Give what each label adds to the expected F1 of an answer of k labels: [image, k - 1, label].

    That is the sum of 2 / (s + k) over the sets of s labels that hold the label.
    """
    n_labels = found.sets.shape[2]
    sizes = found.sets.sum(axis=2)
    counts = np.arange(1, n_labels + 1)
    gains: Floats
    if len(found.sets) > 1:
        shares = (2 * found.weight)[:, None, :] / (sizes[:, None, :] + counts[:, None])
        gains = shares.astype(found.weight.dtype) @ found.sets
        return gains
    # All images share the sets: summed by size first, for these are many.
    with_size = [
        found.weight[:, sizes[0] == size] @ found.sets[0, sizes[0] == size] for size in counts
    ]
    shares = (2 / (counts[:, None] + counts)).astype(found.weight.dtype)
    gains = np.einsum("ks,sil->ikl", shares, np.array(with_size), optimize=True)
    return gains
