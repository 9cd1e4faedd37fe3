"""From a file to a model that answers as it did where it was fitted."""

from os import PathLike
from pathlib import Path

import numpy as np

from .local_recipe import check_recipe
from .model import Model
from .model_file import ModelError, RefusalError, Sheet, read_sheet, refused

TOLERANCE = 1e-4


def load(
    path: str | PathLike[str],
    *,
    store: str | PathLike[str] | None = None,
    keep: bool = True,
    weights: str | PathLike[str] | None = None,
    n_jobs: int | None = None,
) -> Model:
    """Load a model that `catnocat fit` wrote.

    Nothing in the file is run: it holds numbers and names of a closed list of classes, and whatever
    is not as it was written is refused.

    Parameters
    ----------
    path : path
    store : path, optional
        Folder of the feature store, where the features of pictures in files are kept; the one in
        the user's cache if not given.
    keep : bool, default=True
        False: features are neither taken from a store nor kept.
    weights : path, optional
        The backbone's weights, if the model was fitted with a file of them.
    n_jobs : int, optional
        Threads; as many as there are processors if not given.

    Returns
    -------
    Model

    Raises
    ------
    InputError
        With one line that says why the file is no model, or none that can be used here.
    """
    place = Path(path)
    if not place.is_file():
        raise ModelError(f"{path}: no such file" if not place.exists() else f"{path}: not a file")
    try:
        sheet = read_sheet(place)
        check_recipe(sheet.recipe, sheet.check[0].shape[1:])
        _check_answers(sheet)
    except RefusalError as reason:
        raise refused(path, reason) from None
    except OSError as error:
        raise refused(path, f"cannot be read ({error.strerror})") from None
    except MemoryError:
        raise refused(path, "needs more memory than there is") from None
    return Model(sheet, store=store, keep=keep, weights=weights, n_jobs=n_jobs)


def _check_answers(sheet: Sheet) -> None:
    """Ask the pipeline once what it was asked where it was fitted.

    Raises
    ------
    RefusalError
        If it does not answer, or otherwise: it was changed, or is none for the libraries here.
    """
    rows, answers = sheet.check
    if answers.shape != (len(rows), len(sheet.labels)) or not len(rows):
        raise RefusalError("damaged: its check does not fit its labels")
    try:
        found = np.asarray(sheet.pipeline.predict_proba(rows))
        decided = np.asarray(sheet.pipeline.predict(rows))
    except MemoryError:
        raise
    except Exception as error:  # of every kind: anything may be wrong with numbers from elsewhere
        raise RefusalError(f"damaged: its parts do not work together ({error})") from None
    if found.shape != answers.shape or decided.shape != answers.shape:
        raise RefusalError("damaged: it answers about other labels than its own")
    difference = np.abs(found - answers).max()
    if not difference <= TOLERANCE:  # nor NaN
        raise RefusalError(
            f"its probabilities here differ by {difference:.2g} from where it was fitted: it was"
            f" changed, or its scikit-learn {sheet.versions.get('scikit-learn')} answers otherwise"
        )
