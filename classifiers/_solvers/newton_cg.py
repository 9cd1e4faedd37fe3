"""Truncated Newton steps by preconditioned conjugate gradients."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._base import Floats
from .line_search import sum_product
from .preconditioner import Preconditioner

MAX_PRODUCTS = 200  # Hessian-vector products per column
FORCING = 0.1  # relative decrease over five products below which the solve stops


class NewtonStep(NamedTuple):
    """Truncated Newton steps of several functions.

    Attributes
    ----------
    direction : ndarray of shape (n_parameters, n_columns)
    decrement : ndarray of shape (n_columns,)
        Decrease of the quadratic model: at most g' H^-1 g / 2, equal if H is solved exactly.
    """

    direction: Floats
    decrement: NDArray[np.float64]


def newton_step(
    hessian_times: Callable[[Floats], Floats], G: Floats, preconditioner: Preconditioner
) -> NewtonStep:
    """Solve H D = -G for each column by preconditioned conjugate gradients.

    Parameters
    ----------
    hessian_times : callable
        Return the product of the Hessian of each column with that column.
    G : ndarray of shape (n_parameters, n_columns)
        Gradients.
    preconditioner : Preconditioner

    References
    ----------
    Nocedal, J., Wright, S. (2006). Numerical Optimization. Springer, chapter 7: Newton-CG.
    """
    dtype = G.dtype
    D, R = np.zeros_like(G), -G
    A = preconditioner.solve(R)
    V = A.copy()
    rho = sum_product(R, A, joint=False)
    decrement = np.zeros(G.shape[1])
    active = rho > 0
    window: list[NDArray[np.float64]] = []
    for _ in range(MAX_PRODUCTS):
        if not active.any():
            break
        HV = hessian_times(V)
        curvature = sum_product(V, HV, joint=False)
        active &= curvature > 0
        step = np.where(active, rho / np.where(active, curvature, 1), 0)
        D += step.astype(dtype) * V
        R -= step.astype(dtype) * HV
        gain = step * rho / 2
        decrement += gain
        window = [*window[-4:], gain]
        if len(window) == 5:  # single small gains may be followed by larger ones
            active &= np.sum(window, axis=0) > FORCING * decrement
        A = preconditioner.solve(R)
        new_rho = sum_product(R, A, joint=False)
        active &= new_rho > 0
        share = np.where(active, new_rho / np.where(active, rho, 1), 0)
        V = A + share.astype(dtype) * V
        rho = np.where(active, new_rho, 0)
    return NewtonStep(D, decrement)
