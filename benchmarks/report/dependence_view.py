"""How the dependence of labels is laid out: one heat map, and bars of what there is to gain."""

from itertools import chain
from typing import Any

from .figures import FAINT, INK, drawing, shortened

HEAT_LABELS = 24  # more columns are too narrow for their figures
GAIN_LABELS = 24


def heat_map(found: dict[str, Any]) -> dict[str, Any]:
    """Put both matrices into one square: marginal above the diagonal, given the features below.

    Parameters
    ----------
    found : dict
        `results.json`'s "dependence".

    Returns
    -------
    dict
        ``"labels"``, the at most 24 that the most dependent pairs are of, in the data set's order,
        and ``"rows"``: a list of cells per label, None where nothing is known, on the diagonal too.
    """
    given = found["given_features"]
    parts = [found["marginal"]] if given is None else [found["marginal"], given]
    every = found["marginal"]["matrix"]["labels"]
    pairs = chain.from_iterable(zip(*(part["pairs"] for part in parts), strict=False))
    telling = dict.fromkeys(chain.from_iterable(pair["labels"] for pair in pairs))
    chosen = set([*telling, *(label for label in every if label not in telling)][:HEAT_LABELS])
    labels = [label for label in every if label in chosen]
    above = _values(found["marginal"]["matrix"])
    below = {} if given is None else _values(given["matrix"])
    rows = [
        [(above if i < j else below).get((a, b)) for j, b in enumerate(labels)]
        for i, a in enumerate(labels)
    ]
    return {"labels": labels, "rows": rows, "of": found["labels"]}


def correlation(value: float) -> str:
    """Write a correlation as narrow as it goes.

    Examples
    --------
    >>> correlation(0.318), correlation(-0.05), correlation(-0.001), correlation(1.0)
    ('.32', '−.05', '0', '1')
    """
    digits = f"{abs(value):.2f}"
    short = {"0.00": "0", "1.00": "1"}.get(digits, digits[1:])
    return f"−{short}" if value < 0 and short != "0" else short


def gains(found: dict[str, Any]) -> str:
    """Draw, label by label, how much the other labels tell; nothing where it was not measured."""
    given = found["given_features"]
    if given is None:
        return ""
    shown = sorted(
        given["labels"][:GAIN_LABELS], key=lambda entry: entry["gain"] / entry["log_loss"]
    )
    caption = "How much better each label is predicted when the other labels are known"
    with drawing(5.6, 0.9 + 0.24 * len(shown), caption) as (axes, written):
        for row, entry in enumerate(shown):
            low, value, high = (100 * entry[key] / entry["log_loss"] for key in _INTERVAL)
            colour = INK if entry["low"] > 0 or entry["high"] < 0 else FAINT
            axes.plot([low, high], [row, row], color=colour, linewidth=2)
            axes.plot(value, row, marker="o", markersize=5, color=colour)
        axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
        axes.set_yticks(range(len(shown)), [shortened(entry["label"]) for entry in shown])
        axes.set_ylim(-0.6, len(shown) - 0.4)
        axes.set_xlabel("log-loss saved, %")
    return written[0]


_INTERVAL = ("low", "gain", "high")


def _values(matrix: dict[str, Any]) -> dict[tuple[str, str], float]:
    return {
        (a, b): value
        for a, row in zip(matrix["labels"], matrix["values"], strict=True)
        for b, value in zip(matrix["labels"], row, strict=True)
        if value is not None and a != b
    }
