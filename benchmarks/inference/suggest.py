"""Suggest which images of a folder to label next."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..analysis.active_selection import SelectedImage, select_images, smoothed_prevalence
from ..data.tables import LabelTable, write_label_table
from ..utils import InputError
from .model import Model


@dataclass(frozen=True)
class Suggestions:
    """Images to label.

    Attributes
    ----------
    images : tuple of str
        Names of the selected images, in the order of selection.
    selected : tuple of SelectedImage
    n_candidates, n_unreadable, n_labelled : int
        Number of images to select from, of unreadable ones, and of those left out because they are
        in the table of labelled images.
    """

    images: tuple[str, ...]
    selected: tuple[SelectedImage, ...]
    n_candidates: int
    n_unreadable: int
    n_labelled: int


def suggest_images(
    model: Model,
    names: Sequence[tuple[str, str]],
    n_images: int,
    *,
    labelled: LabelTable | None = None,
) -> Suggestions:
    """Suggest images whose labels should teach the model most.

    Parameters
    ----------
    model : Model
    names : sequence of (str, str)
        Name and path of each candidate.
    n_images : int
    labelled : LabelTable, optional
        The images that the model was fitted to: they are not suggested, nor is anything close to
        them.

    Returns
    -------
    Suggestions

    Raises
    ------
    InputError
        If no candidate can be read, or the model is for regions.
    """
    known = set() if labelled is None else {str(Path(path).resolve()) for path in labelled.paths}
    candidates = [pair for pair in names if str(Path(pair[1]).resolve()) not in known]
    n_labelled = len(names) - len(candidates)
    if not candidates:
        raise InputError("there is no image to suggest: all of them are in the table of --labelled")
    extracted = model.features.run([path for _, path in candidates])
    readable = np.flatnonzero(extracted.readable)
    if not readable.size:
        raise InputError(f"{candidates[0][0]}: no image could be read")
    if extracted.X.ndim != 2:
        raise InputError(
            f"method {model.method}: has one vector per region; fit a model with one per image"
        )
    X_labelled = None
    if labelled is not None:
        X_labelled = _standardise(model, model.features.run(labelled.paths).X)
    selected = select_images(
        model.predict_vectors(extracted.X)[0],
        _standardise(model, extracted.X),
        n_images,
        prevalence=_prevalence(model),
        X_labelled=X_labelled,
    )
    images = tuple(candidates[readable[entry.row]][0] for entry in selected)
    n_unreadable = len(candidates) - len(readable)
    return Suggestions(images, tuple(selected), len(readable), n_unreadable, n_labelled)


def write_suggestions(
    suggestions: Suggestions, labels: Sequence[str], out: Path, paths: dict[str, str]
) -> None:
    """Write a label table to fill in: a column for each label, with empty cells.

    Parameters
    ----------
    suggestions : Suggestions
    labels : sequence of str
    out : Path
        A new file.
    paths : dict of str to str
        Path of each image, by name.

    Raises
    ------
    InputError
        If the file exists.
    """
    if out.exists():
        raise InputError(f"--out {out}: exists already and is not overwritten; choose a new name")
    shape = len(suggestions.images), len(labels)
    absolute = tuple(str(Path(paths[image]).absolute()) for image in suggestions.images)
    table = LabelTable(
        name="suggestions",
        source=str(out),
        paths=absolute,
        images=tuple(paths[image] for image in suggestions.images),
        labels=tuple(labels),
        Y=np.zeros(shape, dtype=np.uint8),
        known=np.zeros(shape, dtype=np.bool_),
    )
    write_label_table(table, out)


def _standardise(model: Model, X: np.ndarray) -> np.ndarray:
    """Apply the steps of the pipeline before its classifier."""
    return np.asarray(model.pipeline[:-1].transform(X))


def _prevalence(model: Model) -> np.ndarray | None:
    positives, n_images = model.training.get("positives"), model.training.get("images")
    if not positives or not n_images:
        return None
    counts = [positives.get(label, 0) for label in model.labels]
    return smoothed_prevalence(counts, int(n_images))
