"""What the heads minimise, by name: a loss for each image and label.

Imports torch; the room's front door must not import this.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

FORGIVEN = 0.05  # the asymmetric loss does not mind absent labels of less than this probability
FOCUS = 4  # and minds the others by this power of what is above it

# From outputs, targets and the mask of known labels, each (n_rows, n_outputs), to losses.
Loss = Callable[[Tensor, Tensor, Tensor | None], Tensor]


def _softmax(Z: Tensor, T: Tensor, known: Tensor | None) -> Tensor:
    if known is not None:
        Z = Z.masked_fill(~known, -torch.inf)
    return torch.where(T > 0, -T * functional.log_softmax(Z, dim=1), 0)  # never 0 times infinity


def _sigmoid_bce(Z: Tensor, T: Tensor, known: Tensor | None) -> Tensor:
    return functional.binary_cross_entropy_with_logits(Z, T, reduction="none")


def _sigmoid_mse(Z: Tensor, T: Tensor, known: Tensor | None) -> Tensor:
    return (torch.sigmoid(Z) - T).square()


def _tanh_mse(Z: Tensor, T: Tensor, known: Tensor | None) -> Tensor:
    return (torch.tanh(Z) - (2 * T - 1)).square()


def _asymmetric(Z: Tensor, T: Tensor, known: Tensor | None) -> Tensor:
    excess = (torch.sigmoid(Z) - FORGIVEN).clamp(min=0)
    return -T * functional.logsigmoid(Z) - (1 - T) * excess**FOCUS * torch.log1p(-excess)


LOSSES: dict[str, Loss] = {
    "softmax": _softmax,
    "sigmoid-bce": _sigmoid_bce,
    "sigmoid-mse": _sigmoid_mse,
    "tanh-mse": _tanh_mse,
    "asymmetric": _asymmetric,
}


def at_prevalence(loss: str, T: Tensor, weight: Tensor) -> Tensor:
    """Give the outputs (n_outputs,) that say of every row what is true of the average one.

    Parameters
    ----------
    loss : str
    T, weight : Tensor of shape (n_rows, n_outputs)
    """
    least = 0.5 / len(T)
    share = ((weight * T).sum(dim=0) / weight.sum(dim=0)).clamp(least, 1 - least)
    if loss == "softmax":
        return share.log()
    return share.logit() / (2 if loss == "tanh-mse" else 1)
