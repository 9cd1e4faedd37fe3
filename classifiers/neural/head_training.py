"""Training of heads, by L-BFGS on all images or by Adam on batches.

Imports torch, so this module is imported only when a head is fitted.
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

ASL_MARGIN = 0.05  # asymmetric loss: probability shift of negative labels
ASL_GAMMA = 4  # asymmetric loss: focusing exponent of negative labels

# Function of outputs, targets and mask of known labels, each of shape (n_rows, n_outputs).
Loss = Callable[[Tensor, Tensor, Tensor | None], Tensor]


def _softmax(Z: Tensor, T: Tensor, known: Tensor | None) -> Tensor:
    if known is not None:
        Z = Z.masked_fill(~known, -torch.inf)
    return torch.where(T > 0, -T * functional.log_softmax(Z, dim=1), 0)  # avoids 0 times infinity


def _sigmoid_bce(Z: Tensor, T: Tensor, known: Tensor | None) -> Tensor:
    return functional.binary_cross_entropy_with_logits(Z, T, reduction="none")


def _sigmoid_mse(Z: Tensor, T: Tensor, known: Tensor | None) -> Tensor:
    return (torch.sigmoid(Z) - T).square()


def _tanh_mse(Z: Tensor, T: Tensor, known: Tensor | None) -> Tensor:
    return (torch.tanh(Z) - (2 * T - 1)).square()


def _asymmetric(Z: Tensor, T: Tensor, known: Tensor | None) -> Tensor:
    excess = (torch.sigmoid(Z) - ASL_MARGIN).clamp(min=0)
    return -T * functional.logsigmoid(Z) - (1 - T) * excess**ASL_GAMMA * torch.log1p(-excess)


LOSSES: dict[str, Loss] = {
    "softmax": _softmax,
    "sigmoid-bce": _sigmoid_bce,
    "sigmoid-mse": _sigmoid_mse,
    "tanh-mse": _tanh_mse,
    "asymmetric": _asymmetric,
}


def at_prevalence(loss: str, T: Tensor, weight: Tensor) -> Tensor:
    """Return the constant outputs (n_outputs,) that predict the label prevalences.

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


CORRECTIONS = 10  # memory of L-BFGS; 50 takes fewer iterations but more time


@dataclass(frozen=True)
class HeadTrainingData:
    """Features, targets and weights of training or held-out rows.

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

    def rows(self, indices: NDArray[np.intp]) -> "HeadTrainingData":
        """Return a subset of the rows."""
        known = None if self.known is None else self.known[indices]
        return replace(
            self, X=self.X[indices], T=self.T[indices], weight=self.weight[indices], known=known
        )

    def total(self, head: nn.Module) -> Tensor:
        """Compute the weighted sum of the losses."""
        known = None if self.known is None else torch.from_numpy(self.known)
        losses = LOSSES[self.loss](head(torch.from_numpy(self.X)), torch.from_numpy(self.T), known)
        return (losses * self.target_weight()).sum(dtype=torch.float64)  # decreases become tiny

    def prevalences(self) -> Tensor:
        """Return the constant outputs (n_outputs,) that predict the label prevalences."""
        return at_prevalence(self.loss, torch.from_numpy(self.T), self.target_weight())

    def target_weight(self) -> Tensor:
        """Return the weight of each target, (n_rows, n_outputs)."""
        weight = torch.from_numpy(self.weight).expand(self.T.shape)
        return weight if self.known is None else weight * torch.from_numpy(self.known)


class EarlyStopping:
    """Early stopping on held-out rows; keeps the parameters of lowest loss.

    Parameters
    ----------
    held_out : HeadTrainingData or None
        None: no early stopping.
    rounds : int
        Number of checks without improvement after which training stops.
    """

    def __init__(self, held_out: HeadTrainingData | None, rounds: int) -> None:
        self.held_out = held_out
        self.rounds = rounds
        self.best_loss = np.inf
        self.n_waited = 0
        self.best: Tensor | None = None

    def should_stop(self, head: nn.Module) -> bool:
        """Evaluate the head on the held-out rows; return whether to stop."""
        if self.held_out is None:
            return False
        with torch.no_grad():
            loss = self.held_out.total(head).item()
        if loss < self.best_loss:
            self.best_loss, self.n_waited = loss, 0
            self.best = parameters_to_vector(head.parameters()).detach()
        else:
            self.n_waited += 1
        return self.n_waited >= self.rounds

    def restore(self, head: nn.Module) -> None:
        """Restore the parameters of lowest loss."""
        if self.best is not None:
            vector_to_parameters(self.best, head.parameters())


def make_head(
    sizes: tuple[int, ...], rng: np.random.RandomState, dtype: DTypeLike
) -> nn.Sequential:
    """Build the module: linear layers with hyperbolic tangents between them.

    The last layer is initialised to zero, that is, to probabilities of 0.5. From there the squared
    losses find better minima than from the label prevalences.
    """
    layers: list[nn.Module] = []
    for number, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
        spread = 0.0 if number == len(sizes) - 1 else np.sqrt(1 / n_in)
        # Unlike nn.Linear(), this does not use torch's global generator.
        layer = skip_init(nn.Linear, n_in, n_out)  # type: ignore[no-untyped-call]
        weight = spread * rng.standard_normal((n_out, n_in))
        layer.weight.data = torch.from_numpy(weight.astype(dtype))
        layer.bias.data = torch.zeros(n_out, dtype=layer.weight.dtype)
        layers += [layer, nn.Tanh()]
    return nn.Sequential(*layers[:-1])


def penalty(head: nn.Module, weight_decay: float) -> Tensor:
    """Compute the L2 penalty on all weights except the intercepts."""
    squares = [
        part.square().sum(dtype=torch.float64) for part in head.parameters() if part.ndim == 2
    ]
    return weight_decay / 2 * torch.stack(squares).sum()


def train_at_once(
    head: nn.Module,
    data: HeadTrainingData,
    early_stopping: EarlyStopping,
    *,
    weight_decay: float,
    tol: float,
    max_iter: int,
) -> int:
    """Minimise the mean loss of all rows by L-BFGS.

    Returns
    -------
    int
        Number of iterations; greater than `max_iter` if not converged.
    """
    share = 1 / float(data.weight.sum())

    def objective(position: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        _set_parameters(head, position)
        value = share * data.total(head) + penalty(head, weight_decay)
        slopes = torch.autograd.grad(value, list(head.parameters()))
        return value.item(), parameters_to_vector(slopes).double().numpy()

    def after_each(intermediate_result: OptimizeResult) -> None:
        _set_parameters(head, intermediate_result.x)
        if early_stopping.should_stop(head):
            raise StopIteration

    start = parameters_to_vector(head.parameters()).detach().double().numpy()
    options = {
        "maxiter": max_iter,
        "maxfun": 20 * max_iter,
        "ftol": tol,
        "gtol": 0.0,
        "maxcor": CORRECTIONS,
    }
    # The vector operations of L-BFGS are too small for threads.
    with threadpool_limits(1, user_api="blas"):  # does not limit torch's threads
        result = minimize(
            objective, start, jac=True, method="L-BFGS-B", callback=after_each, options=options
        )
    _set_parameters(head, result.x)
    early_stopping.restore(head)
    exhausted = result.status == 1 and early_stopping.held_out is None
    return max_iter + 1 if exhausted else int(result.nit)


def train_in_batches(
    head: nn.Module,
    data: HeadTrainingData,
    early_stopping: EarlyStopping,
    *,
    weight_decay: float,
    learning_rate: float,
    batch_size: int,
    epochs: int,
    rng: np.random.RandomState,
) -> int:
    """Minimise the loss by Adam on shuffled batches with cosine annealing to zero.

    The intercepts are initialised to the label prevalences, which saves many batches.

    Returns
    -------
    int
        Number of epochs.
    """
    steps = -(-len(data.X) // batch_size)
    share = steps / float(data.weight.sum())  # makes a batch loss an unbiased estimate of the mean
    *_, last = head.parameters()
    last.data = data.prevalences()
    adam = torch.optim.Adam(head.parameters(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, epochs * steps)
    epoch = 0
    while epoch < epochs and not (epoch and early_stopping.should_stop(head)):
        epoch += 1
        for batch in np.array_split(rng.permutation(len(data.X)), steps):
            adam.zero_grad()
            value = share * data.rows(batch).total(head) + penalty(head, weight_decay)
            value.backward()  # type: ignore[no-untyped-call]
            adam.step()
            schedule.step()
    early_stopping.restore(head)
    return epoch


def _set_parameters(head: nn.Module, position: NDArray[np.float64]) -> None:
    dtype = next(head.parameters()).dtype
    vector_to_parameters(torch.from_numpy(position).to(dtype), head.parameters())


def layers(head: nn.Sequential) -> tuple[list[Floats], list[Floats]]:
    """Return the weights (n_inputs, n_outputs) and the intercepts of each linear layer."""
    linear = [layer for layer in head if isinstance(layer, nn.Linear)]
    weights = [np.ascontiguousarray(layer.weight.detach().numpy().T) for layer in linear]
    return weights, [layer.bias.detach().numpy() for layer in linear]
