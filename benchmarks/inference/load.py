"""Loading of a model file, with a check that the model predicts as it did when it was fitted."""

from os import PathLike
from pathlib import Path

import numpy as np

from .local_recipe import check_recipe
from .model import Model
from .model_file import (
    InvalidModelFileError,
    ModelError,
    ModelRecord,
    model_error,
    read_model_record,
)

TOLERANCE = 1e-4


def load(
    path: str | PathLike[str],
    *,
    store: str | PathLike[str] | None = None,
    use_store: bool = True,
    weights: str | PathLike[str] | None = None,
    n_jobs: int | None = None,
) -> Model:
    """Load a model that `catnocat fit` wrote.

    No code in the file is executed: it contains numbers and names of a closed list of classes.
    Every file that differs from what was written is rejected.

    Parameters
    ----------
    path : path
    store : path, optional
        Folder of the feature store, for the features of image files; by default the one in the
        user's cache.
    use_store : bool, default=True
        False: neither read features from the store nor write them to it.
    weights : path, optional
        File of the backbone's weights, if the model was fitted with such a file.
    n_jobs : int, optional
        Number of threads; by default the number of processors.

    Returns
    -------
    Model

    Raises
    ------
    InputError
        If the file is not a model or cannot be used on this machine; the message is one line.
    """
    file = Path(path)
    if not file.is_file():
        raise ModelError(f"{path}: no such file" if not file.exists() else f"{path}: not a file")
    try:
        record = read_model_record(file)
        check_recipe(record.recipe, record.check[0].shape[1:])
        _check_predictions(record)
    except InvalidModelFileError as reason:
        raise model_error(path, reason) from None
    except OSError as error:
        raise model_error(path, f"cannot be read ({error.strerror})") from None
    except MemoryError:
        raise model_error(path, "not enough memory") from None
    return Model(record, store=store, use_store=use_store, weights=weights, n_jobs=n_jobs)


def _check_predictions(record: ModelRecord) -> None:
    """Compare predictions for the check sample with those at the time of fitting.

    Raises
    ------
    InvalidModelFileError
        If the pipeline fails or its probabilities differ: the file was changed, or the installed
        libraries predict differently.
    """
    X, expected = record.check
    if expected.shape != (len(X), len(record.labels)) or not len(X):
        raise InvalidModelFileError("damaged: its check sample does not match its labels")
    try:
        P = np.asarray(record.pipeline.predict_proba(X))
        Y = np.asarray(record.pipeline.predict(X))
    except MemoryError:
        raise
    except Exception as error:  # of any type: the file may contain arbitrary numbers
        raise InvalidModelFileError(f"damaged: its parts do not work together ({error})") from None
    if P.shape != expected.shape or Y.shape != expected.shape:
        raise InvalidModelFileError("damaged: its predictions do not match its labels")
    difference = np.abs(P - expected).max()
    if not difference <= TOLERANCE:  # also true for NaN
        raise InvalidModelFileError(
            f"its probabilities differ by {difference:.2g} from those at the time of fitting: it"
            " was changed, or the installed scikit-learn predicts differently from version"
            f" {record.versions.get('scikit-learn')}"
        )
