"""The mistakes that cat/no-cat was surest of, and what the other methods said of the same."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.tables import LabelTable
from ..evaluation import MethodResult

KINDS = ("false alarm", "miss")
OVERALL = 12  # of each kind, whatever the label
PER_LABEL = 4  # of each kind and label
AT_MOST = 160  # in all: a page of pictures must not weigh more than the rest of the report

Cells = NDArray[np.intp]


def find_confident_errors(
    method_results: Sequence[MethodResult], judged: LabelTable
) -> dict[str, Any] | None:
    """Find the most confident mistakes of the independent method that stands first.

    A false alarm is a label that was given and is not there, a miss one that is there and was not
    given; cells whose truth is unknown are neither. The surest false alarm has the highest
    probability, the surest miss the lowest.

    Parameters
    ----------
    method_results : sequence of MethodResult
    judged : LabelTable
        The images the method_results are about, row by row.

    Returns
    -------
    dict or None
        ``"method"``, whose mistakes these are; ``"counts"`` of each kind, in all; ``"shown"``: a
        list of dictionaries of ``"image"``, ``"file"``, ``"label"``, ``"kind"``, ``"truth"``,
        ``"probabilities"`` by method, ``"right"``, the methods that decided this label rightly, and
        ``"overall"``, whether it is among the surest of its kind whatever the label. None where
        there are no picture files to show, or no method to look at.
    """
    fitted = [method_result for method_result in method_results if not method_result.failed]
    independent = [
        method_result for method_result in fitted if method_result.method.kind == "independent"
    ]
    looked_at = next(iter(independent or fitted), None)
    if looked_at is None or not any(judged.paths):
        return None
    wrong = {
        "false alarm": judged.known & (judged.Y == 0) & (looked_at.label_sets == 1),
        "miss": judged.known & (judged.Y == 1) & (looked_at.label_sets == 0),
    }
    surest = {
        "false alarm": _surest(wrong["false alarm"], looked_at.scores),
        "miss": _surest(wrong["miss"], -looked_at.scores),
    }
    overall = {kind: {tuple(cell) for cell in surest[kind][:OVERALL].tolist()} for kind in KINDS}
    return {
        "method": looked_at.method.name,
        "counts": {kind: int(wrong[kind].sum()) for kind in KINDS},
        "shown": [
            _told(fitted, judged, row, column, kind) | {"overall": (row, column) in overall[kind]}
            for row, column, kind in _choice(surest, judged)
        ],
    }


def _surest(wrong: NDArray[np.bool_], confidence: NDArray[Any]) -> Cells:
    """Give the (row, column) of every mistake, the most confident first."""
    cells = np.argwhere(wrong)
    return cells[np.argsort(-confidence[wrong], kind="stable")]


def _choice(surest: dict[str, Cells], judged: LabelTable) -> Iterator[tuple[int, int, str]]:
    """Take the surest of all, then the surest of every label, then every label's second ..."""
    firsts = [[(*cell, kind) for cell in surest[kind][:OVERALL].tolist()] for kind in KINDS]
    by_label: dict[tuple[int, str], list[tuple[int, int, str]]] = {}
    for kind in KINDS:
        for row, column in surest[kind].tolist():
            found = by_label.setdefault((column, kind), [])
            if len(found) < PER_LABEL:
                found.append((row, column, kind))
    rounds = chain.from_iterable(zip_longest(*by_label.values()))
    # A picture that was judged in several repetitions is shown once.
    seen: dict[tuple[str, int, str], tuple[int, int, str]] = {}
    for cell in chain(*firsts, rounds):
        if cell is not None:
            seen.setdefault((judged.images[cell[0]], cell[1], cell[2]), cell)
    return islice(iter(seen.values()), AT_MOST)


def _told(
    fitted: Sequence[MethodResult], judged: LabelTable, row: int, column: int, kind: str
) -> dict[str, Any]:
    truth = np.flatnonzero(judged.Y[row])
    return {
        "image": judged.images[row],
        "file": judged.paths[row],
        "label": judged.labels[column],
        "kind": kind,
        "truth": [judged.labels[j] for j in truth],
        "probabilities": {o.method.name: round(float(o.scores[row, column]), 4) for o in fitted},
        "right": [
            o.method.name for o in fitted if o.label_sets[row, column] == judged.Y[row, column]
        ],
    }
