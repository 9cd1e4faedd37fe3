"""Newton steps by conjugate gradients, and the decrease that they promise."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._base import Floats
from .line_search import sum_product
from .preconditioner import Curvature

MAX_PRODUCTS = 200  # with the second derivatives
FORCING = 0.1  # share of the promised decrease that further products may still add


class NewtonStep(NamedTuple):
    """Truncated Newton steps of several functions.

    Attributes
    ----------
    direction : ndarray of shape (n_parameters, n_columns)
    decrement : ndarray of shape (n_columns,)
        Decrease of the quadratic model, from below: half of g' H^-1 g where H is solved exactly.
    """

    direction: Floats
    decrement: NDArray[np.float64]


def newton_step(
    hessian_times: Callable[[Floats], Floats], G: Floats, curvature: Curvature
) -> NewtonStep:
    """Solve H D = -G for each column by preconditioned conjugate gradients.

    Parameters
    ----------
    hessian_times : callable
        Return the product of each column's second derivatives with that column.
    G : ndarray of shape (n_parameters, n_columns)
        Gradients.
    curvature : Curvature
        The preconditioner.

    References
    ----------
    Nocedal, J., Wright, S. (2006). Numerical Optimization. Springer, chapter 7: Newton-CG.
    """
    dtype = G.dtype
    D, R = np.zeros_like(G), -G
    A = curvature.solve(R)
    V = A.copy()
    rho = sum_product(R, A, joint=False)
    decrement = np.zeros(G.shape[1])
    active = rho > 0
    window: list[NDArray[np.float64]] = []
    for _ in range(MAX_PRODUCTS):
        if not active.any():
            break
        HV = hessian_times(V)
        bent = sum_product(V, HV, joint=False)
        active &= bent > 0
        step = np.where(active, rho / np.where(active, bent, 1), 0)
        D += step.astype(dtype) * V
        R -= step.astype(dtype) * HV
        gain = step * rho / 2
        decrement += gain
        window = [*window[-4:], gain]
        if len(window) == 5:  # one small gain may be followed by larger ones
            active &= np.sum(window, axis=0) > FORCING * decrement
        A = curvature.solve(R)
        turned = sum_product(R, A, joint=False)
        active &= turned > 0
        share = np.where(active, turned / np.where(active, rho, 1), 0)
        V = A + share.astype(dtype) * V
        rho = np.where(active, turned, 0)
    return NewtonStep(D, decrement)
