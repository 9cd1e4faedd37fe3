"""Most confident errors of the reference method, with the probabilities of all methods."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..data.tables import LabelTable
from ..evaluation import MethodResult
from .results import ConfidentError, ConfidentErrors

ErrorKind = Literal["false positive", "false negative"]
KINDS: tuple[ErrorKind, ...] = ("false positive", "false negative")
N_OVERALL = 12
"""Number of errors of each kind over all labels."""
N_PER_LABEL = 4
"""Number of errors of each kind and label."""
MAX_SHOWN = 160
"""Maximum number of errors: their thumbnails must not exceed the size of the rest of the page."""

Cells = NDArray[np.intp]


def find_confident_errors(
    method_results: Sequence[MethodResult], test_table: LabelTable, reference: str | None
) -> ConfidentErrors | None:
    """Find the most confident errors of the reference method.

    The most confident false positive has the highest probability, the most confident false negative
    the lowest. Unknown labels are no errors.

    Parameters
    ----------
    method_results : sequence of MethodResult
    test_table : LabelTable
        The test images, row by row.
    reference : str or None
        Name of the method; None: the first fitted one.

    Returns
    -------
    ConfidentErrors or None
        None if there are no image files to show, or no method was fitted.
    """
    fitted = [result for result in method_results if not result.failed]
    selected = next((r for r in fitted if reference in (None, r.method.name)), None)
    if selected is None or not any(test_table.paths):
        return None
    known, predicted = test_table.known, selected.label_sets
    wrong = {
        "false positive": known & (test_table.Y == 0) & (predicted == 1),
        "false negative": known & (test_table.Y == 1) & (predicted == 0),
    }
    ranked = {
        "false positive": _rank(wrong["false positive"], selected.scores),
        "false negative": _rank(wrong["false negative"], -selected.scores),
    }
    overall = {kind: {tuple(cell) for cell in ranked[kind][:N_OVERALL].tolist()} for kind in KINDS}
    return {
        "method": selected.method.name,
        "counts": {kind: int(wrong[kind].sum()) for kind in KINDS},
        "shown": [
            _describe(fitted, test_table, row, column, kind, (row, column) in overall[kind])
            for row, column, kind in _select(ranked, test_table)
        ],
    }


def _rank(wrong: NDArray[np.bool_], confidence: NDArray[Any]) -> Cells:
    """Return the (row, column) of every error, the most confident first."""
    cells = np.argwhere(wrong)
    return cells[np.argsort(-confidence[wrong], kind="stable")]


def _select(
    ranked: dict[str, Cells], test_table: LabelTable
) -> Iterator[tuple[int, int, ErrorKind]]:
    """Yield the most confident errors of all, then the first of each label, the second, ..."""
    overall = [[(*cell, kind) for cell in ranked[kind][:N_OVERALL].tolist()] for kind in KINDS]
    by_label: dict[tuple[int, str], list[tuple[int, int, ErrorKind]]] = {}
    for kind in KINDS:
        for row, column in ranked[kind].tolist():
            cells = by_label.setdefault((column, kind), [])
            if len(cells) < N_PER_LABEL:
                cells.append((row, column, kind))
    rounds = chain.from_iterable(zip_longest(*by_label.values()))
    # An image that was tested in several repeats is shown once.
    unique: dict[tuple[str, int, str], tuple[int, int, ErrorKind]] = {}
    for cell in chain(*overall, rounds):
        if cell is not None:
            unique.setdefault((test_table.images[cell[0]], cell[1], cell[2]), cell)
    return islice(iter(unique.values()), MAX_SHOWN)


def _describe(
    fitted: Sequence[MethodResult],
    test_table: LabelTable,
    row: int,
    column: int,
    kind: ErrorKind,
    overall: bool,
) -> ConfidentError:
    return {
        "image": test_table.images[row],
        "file": test_table.paths[row],
        "label": test_table.labels[column],
        "kind": kind,
        "overall": overall,
        "truth": [test_table.labels[j] for j in np.flatnonzero(test_table.Y[row])],
        "probabilities": {
            result.method.name: round(float(result.scores[row, column]), 4) for result in fitted
        },
        "correct": [
            result.method.name
            for result in fitted
            if result.label_sets[row, column] == test_table.Y[row, column]
        ],
    }
