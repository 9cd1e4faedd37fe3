"""Train a head: all images at once to the minimum, or a few at a time.

Imports torch; the room's front door must not import this.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from scipy.optimize import OptimizeResult, minimize
from threadpoolctl import threadpool_limits
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parameters_to_vector, skip_init, vector_to_parameters

from .._base import Floats, Mask

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


CORRECTIONS = 10  # of L-BFGS: 50 save iterations and cost more time than they save


@dataclass(frozen=True)
class Lessons:
    """Rows and what a head should say about them.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_features)
        Standardised.
    T : ndarray of shape (n_rows, n_outputs)
        Targets, 0 to 1.
    weight : ndarray of shape (n_rows, 1)
    known : ndarray of bool of shape (n_rows, n_outputs), or None
    loss : str
    """

    X: Floats
    T: Floats
    weight: Floats
    known: Mask | None
    loss: str

    def rows(self, numbers: NDArray[np.intp]) -> "Lessons":
        """Give some of the rows."""
        known = None if self.known is None else self.known[numbers]
        return replace(
            self, X=self.X[numbers], T=self.T[numbers], weight=self.weight[numbers], known=known
        )

    def total(self, head: nn.Module) -> Tensor:
        """Give the weighted sum of the losses."""
        known = None if self.known is None else torch.from_numpy(self.known)
        losses = LOSSES[self.loss](head(torch.from_numpy(self.X)), torch.from_numpy(self.T), known)
        return (losses * self.target_weight()).sum(dtype=torch.float64)  # the steps get tiny

    def prevalences(self) -> Tensor:
        """Give the outputs (n_outputs,) of a head that knows nothing of the features."""
        return at_prevalence(self.loss, torch.from_numpy(self.T), self.target_weight())

    def target_weight(self) -> Tensor:
        """Give the weight of each target, (n_rows, n_outputs)."""
        weight = torch.from_numpy(self.weight).expand(self.T.shape)
        return weight if self.known is None else weight * torch.from_numpy(self.known)


class Patience:
    """Watch the loss on held-out rows and keep the head that had the least.

    Parameters
    ----------
    held_out : Lessons or None
        None: whatever the head becomes is kept.
    rounds : int
        How many without progress before it is time to stop.
    """

    def __init__(self, held_out: Lessons | None, rounds: int) -> None:
        self.held_out = held_out
        self.rounds = rounds
        self.least = np.inf
        self.waited = 0
        self.best: Tensor | None = None

    def is_over(self, head: nn.Module) -> bool:
        """Judge the head as it is now."""
        if self.held_out is None:
            return False
        with torch.no_grad():
            now = self.held_out.total(head).item()
        if now < self.least:
            self.least, self.waited = now, 0
            self.best = parameters_to_vector(head.parameters()).detach()
        else:
            self.waited += 1
        return self.waited >= self.rounds

    def restore(self, head: nn.Module) -> None:
        """Give the head its best parameters back."""
        if self.best is not None:
            vector_to_parameters(self.best, head.parameters())


def make_head(
    sizes: tuple[int, ...], rng: np.random.RandomState, dtype: DTypeLike
) -> nn.Sequential:
    """Build the module: linear layers with rectifiers between them.

    The last layer starts at zero, that is at even odds: from there, unlike from the labels'
    prevalences, the squared losses find the better minima.
    """
    layers: list[nn.Module] = []
    for number, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
        spread = 0.0 if number == len(sizes) - 1 else np.sqrt(1 / n_in)
        # Unlike nn.Linear alone, neither draws from torch's generator nor depends on it.
        layer = skip_init(nn.Linear, n_in, n_out)  # type: ignore[no-untyped-call]
        weight = spread * rng.standard_normal((n_out, n_in))
        layer.weight.data = torch.from_numpy(weight.astype(dtype))
        layer.bias.data = torch.zeros(n_out, dtype=layer.weight.dtype)
        layers += [layer, nn.Tanh()]
    return nn.Sequential(*layers[:-1])


def penalty(head: nn.Module, weight_decay: float) -> Tensor:
    """Give the penalty on all weights but the intercepts."""
    squares = [
        part.square().sum(dtype=torch.float64) for part in head.parameters() if part.ndim == 2
    ]
    return weight_decay / 2 * torch.stack(squares).sum()


def train_at_once(
    head: nn.Module,
    lessons: Lessons,
    patience: Patience,
    *,
    weight_decay: float,
    tol: float,
    max_iter: int,
) -> int:
    """Minimise the mean loss of all rows by L-BFGS.

    Starts at even odds: from the labels' prevalences the squared losses end in poorer minima.

    Returns
    -------
    int
        Iterations; above `max_iter` if they were too few.
    """
    share = 1 / float(lessons.weight.sum())

    def objective(position: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        _move(head, position)
        value = share * lessons.total(head) + penalty(head, weight_decay)
        slopes = torch.autograd.grad(value, list(head.parameters()))
        return value.item(), parameters_to_vector(slopes).double().numpy()

    def after_each(intermediate_result: OptimizeResult) -> None:
        _move(head, intermediate_result.x)
        if patience.is_over(head):
            raise StopIteration

    start = parameters_to_vector(head.parameters()).detach().double().numpy()
    options = {
        "maxiter": max_iter,
        "maxfun": 20 * max_iter,
        "ftol": tol,
        "gtol": 0.0,
        "maxcor": CORRECTIONS,
    }
    # Its own steps are too small to share out: waiting for threads takes longer than they do.
    with threadpool_limits(1, user_api="blas"):  # torch's threads are not among these
        found = minimize(
            objective, start, jac=True, method="L-BFGS-B", callback=after_each, options=options
        )
    _move(head, found.x)
    patience.restore(head)
    spent = found.status == 1 and patience.held_out is None
    return max_iter + 1 if spent else int(found.nit)


def train_in_batches(
    head: nn.Module,
    lessons: Lessons,
    patience: Patience,
    *,
    weight_decay: float,
    learning_rate: float,
    batch_size: int,
    epochs: int,
    rng: np.random.RandomState,
) -> int:
    """Descend by Adam on shuffled batches, the learning rate falling to zero as a cosine.

    Starts at the labels' prevalences, which small steps would take hundreds of batches to reach.

    Returns
    -------
    int
        Epochs taken.
    """
    steps = -(-len(lessons.X) // batch_size)
    share = steps / float(lessons.weight.sum())  # so a batch's loss is the mean's unbiased guess
    *_, last = head.parameters()
    last.data = lessons.prevalences()
    adam = torch.optim.Adam(head.parameters(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, epochs * steps)
    epoch = 0
    while epoch < epochs and not (epoch and patience.is_over(head)):
        epoch += 1
        for batch in np.array_split(rng.permutation(len(lessons.X)), steps):
            adam.zero_grad()
            value = share * lessons.rows(batch).total(head) + penalty(head, weight_decay)
            value.backward()  # type: ignore[no-untyped-call]
            adam.step()
            schedule.step()
    patience.restore(head)
    return epoch


def _move(head: nn.Module, position: NDArray[np.float64]) -> None:
    dtype = next(head.parameters()).dtype
    vector_to_parameters(torch.from_numpy(position).to(dtype), head.parameters())


def layers(head: nn.Sequential) -> tuple[list[Floats], list[Floats]]:
    """Give the weights (n_inputs, n_outputs) and the intercepts of each linear layer."""
    linear = [layer for layer in head if isinstance(layer, nn.Linear)]
    weights = [np.ascontiguousarray(layer.weight.detach().numpy().T) for layer in linear]
    return weights, [layer.bias.detach().numpy() for layer in linear]
