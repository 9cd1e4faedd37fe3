"""Input rows of any type, which are indexed here and read by an inner estimator only."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import hstack as sparse_hstack
from scipy.sparse import issparse
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _num_samples

from .targets import Floats


class Table:
    """Wrapper that gives a data frame, sparse matrix, list or array the indexing of an array.

    Parameters
    ----------
    data : data frame, sparse matrix, list or ndarray

    Attributes
    ----------
    dtype : dtype
        Data type of predicted probabilities: float32 if all columns are float32, else float64.
    """

    def __init__(self, data: Any) -> None:
        self.data = data
        dtypes = set(data.dtypes) if hasattr(data, "dtypes") and hasattr(data, "columns") else None
        dtypes = {getattr(data, "dtype", None)} if dtypes is None else dtypes
        self.dtype = np.dtype(np.float32 if dtypes == {np.dtype(np.float32)} else np.float64)

    def __len__(self) -> int:
        return int(_num_samples(self.data))

    def __getitem__(self, rows: Any) -> "Table":
        if isinstance(rows, slice):
            if rows == slice(None):
                return self
            rows = np.arange(len(self))[rows]
        return Table(_safe_indexing(self.data, np.asarray(rows)))


def unwrap(X: Any) -> Any:
    """Return the wrapped rows, or `X` itself if it is not wrapped."""
    return X.data if isinstance(X, Table) else X


def is_numeric_array(X: Any) -> bool:
    """Return whether `X` is, or converts to, a dense array of numbers."""
    if issparse(X) or hasattr(X, "columns") or hasattr(X, "iloc"):
        return False
    return np.asarray(X).dtype.kind in "biufc"


def append_columns(X: Any, columns: NDArray[Any]) -> Any:
    """Return the features with additional numeric columns appended."""
    X = unwrap(X)
    if issparse(X):
        return sparse_hstack([X, columns.astype(X.dtype)], format="csr")
    if hasattr(X, "columns"):
        names = [f"label {number}" for number in range(columns.shape[1])]
        return X.assign(**dict(zip(names, columns.T, strict=True)))
    X = np.asarray(X)
    if X.ndim != 2:
        raise ValueError(
            "Labels cannot be appended to inputs without columns; "
            "use a Pipeline whose first steps compute features."
        )
    appended: Floats = np.hstack([X, columns.astype(X.dtype, copy=False)])
    return appended
