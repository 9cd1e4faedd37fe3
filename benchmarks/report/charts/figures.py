"""Charts of costs, crowding, label dependence and mean ranks."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from markupsafe import Markup
from matplotlib.ticker import FuncFormatter, NullFormatter

from ...analysis import Cost, Dependence, Estimate
from ...analysis.results import CrowdingCurve
from ...utils import format_signed
from ..text import METRICS, curve_text
from .svg import FAINT, INK, LINE_STYLES, MARKERS, SERIES, drawing, shorten


def cost_curve(cost: Cost) -> str:
    """Draw fit time by number of labels; open marks are extrapolated."""
    methods: Any = cost["methods"]
    numbers = [point["labels"] for point in methods[0]["points"]]
    with drawing(5.6, 3.4, "Seconds to fit, by the number of labels") as (axes, output):
        for number, method in enumerate(methods):
            points = [point for point in method["points"] if point["fit_seconds"] is not None]
            colour, marker = SERIES[number % len(SERIES)], MARKERS[number % len(MARKERS)]
            axes.plot(
                [point["labels"] for point in points],
                [point["fit_seconds"] for point in points],
                linestyle=LINE_STYLES[number % len(LINE_STYLES)],
                marker=marker,
                color=colour,
                label=method["name"],
            )
            extrapolated = [point for point in points if not point["measured"]]
            axes.plot(
                [point["labels"] for point in extrapolated],
                [point["fit_seconds"] for point in extrapolated],
                linestyle="",
                marker=marker,
                markerfacecolor="white",
                color=colour,
            )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(numbers, [str(number) for number in numbers])
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("labels")
        axes.set_ylabel("seconds to fit")
        axes.grid(axis="y", color=FAINT, linewidth=0.3)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return output[0]


def crowding_curve(curve: CrowdingCurve, key: str) -> str:
    """Draw a crowding curve, a line per method with 95 % intervals.

    Parameters
    ----------
    curve : CrowdingCurve
    key : str
        Key of the curve in `results.json`, such as ``"labels-auroc"``.
    """
    series: Mapping[str, Any] = curve["series"]
    description = curve_text(key)
    y_title = METRICS[curve["metric"]]
    first = next(iter(series.values()))
    positions = range(len(first))
    spread = 0.06 * (len(first) - 1) / 4
    with drawing(5.6, 3.4, f"{description.title}: {y_title}") as (axes, output):
        for number, (name, points) in enumerate(series.items()):
            # Side by side, so that equal intervals do not overlap.
            x = [position + spread * (number - (len(series) - 1) / 2) for position in positions]
            known = [(at, p) for at, p in zip(x, points, strict=True) if p["value"] is not None]
            colour = SERIES[number % len(SERIES)]
            with_interval = [(at, p) for at, p in known if p["low"] is not None]
            axes.vlines(
                [at for at, _ in with_interval],
                [p["low"] for _, p in with_interval],
                [p["high"] for _, p in with_interval],
                color=colour,
                linewidth=1.5,
            )
            axes.plot(
                [at for at, _ in known],
                [p["value"] for _, p in known],
                marker=MARKERS[number % len(MARKERS)],
                linestyle=LINE_STYLES[number % len(LINE_STYLES)],
                color=colour,
                label=name,
            )
        axes.axhline(curve["chance"], color=FAINT, linewidth=1, linestyle=":", label="chance")
        axes.set_xticks(positions, [f"{point['label']}\n({point['images']})" for point in first])
        axes.set_xlim(-0.4, len(first) - 0.6)
        axes.set_xlabel(f"{description.axis} (number of images)")
        axes.set_ylabel(y_title)
        axes.set_ylim(top=1.02)
        axes.grid(axis="y", color=FAINT, linewidth=0.3)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return output[0]


def interval(estimate: Estimate | None, sign: bool = False) -> str:
    """Format a figure with its interval in brackets; a dash if unknown."""
    value, bounds = _format(estimate, sign)
    return f"{value} ({bounds})" if bounds else value


def two_lines(estimate: Estimate | None, sign: bool = False) -> Markup:
    """Format a figure with its interval in small type below; a dash if unknown."""
    value, bounds = _format(estimate, sign)
    return Markup("{}<small>{}</small>" if bounds else "{}").format(value, bounds)


def _format(estimate: Estimate | None, sign: bool) -> tuple[str, str]:
    if estimate is None or estimate["value"] is None:
        return "–", ""
    value, *bounds = (
        ""
        if number is None
        else format_signed(number).replace("-", "−")
        if sign
        else f"{number:.3f}"
        for number in (estimate["value"], estimate["low"], estimate["high"])
    )
    to = "\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}"  # a narrow cell breaks before it, not within
    return value, to.join(bounds) if all(bounds) else ""


MAX_HEAT_LABELS = 24
"""With more columns the figures do not fit."""
MAX_GAIN_LABELS = 24


def heat_map(dependence: Dependence) -> dict[str, Any]:
    """Combine both correlation matrices: marginal above the diagonal, conditional below.

    Returns
    -------
    dict
        ``"labels"``, at most 24, those of the most dependent pairs; ``"rows"``, a list of
        correlations per label, None on the diagonal and if unknown; ``"of"``, the number of labels.
    """
    given = dependence["given_features"]
    parts = [dependence["marginal"]] if given is None else [dependence["marginal"], given]
    all_labels = dependence["marginal"]["matrix"]["labels"]
    pairs = chain.from_iterable(zip(*(part["pairs"] for part in parts), strict=False))
    dependent = dict.fromkeys(chain.from_iterable(pair["labels"] for pair in pairs))
    others = (label for label in all_labels if label not in dependent)
    chosen = set([*dependent, *others][:MAX_HEAT_LABELS])
    labels = [label for label in all_labels if label in chosen]
    above = _correlations(dependence["marginal"]["matrix"])
    below = {} if given is None else _correlations(given["matrix"])
    rows = [
        [(above if i < j else below).get((a, b)) for j, b in enumerate(labels)]
        for i, a in enumerate(labels)
    ]
    return {"labels": labels, "rows": rows, "of": dependence["labels"]}


def _correlations(matrix: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    return {
        (a, b): value
        for a, row in zip(matrix["labels"], matrix["values"], strict=True)
        for b, value in zip(matrix["labels"], row, strict=True)
        if value is not None and a != b
    }


def correlation(value: float) -> str:
    """Format a correlation in as few characters as possible.

    Examples
    --------
    >>> correlation(0.318), correlation(-0.05), correlation(-0.001), correlation(1.0)
    ('.32', '−.05', '0', '1')
    """
    digits = f"{abs(value):.2f}"
    short = {"0.00": "0", "1.00": "1"}.get(digits, digits[1:])
    return f"−{short}" if value < 0 and short != "0" else short


def gains(dependence: Dependence) -> str:
    """Draw how much each label gains from knowing the others; empty if it was not measured."""
    given = dependence["given_features"]
    if given is None:
        return ""
    shown = sorted(
        given["labels"][:MAX_GAIN_LABELS], key=lambda entry: entry["gain"] / entry["log_loss"]
    )
    caption = "How much better each label is predicted when the other labels are known"
    with drawing(5.6, 0.9 + 0.24 * len(shown), caption) as (axes, output):
        for row, entry in enumerate(shown):
            bounds = (entry["low"], entry["gain"], entry["high"])
            low, value, high = (100 * bound / entry["log_loss"] for bound in bounds)
            colour = INK if entry["low"] > 0 or entry["high"] < 0 else FAINT
            axes.plot([low, high], [row, row], color=colour, linewidth=2)
            axes.plot(value, row, marker="o", markersize=5, color=colour)
        axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
        axes.set_yticks(range(len(shown)), [shorten(entry["label"]) for entry in shown])
        axes.set_ylim(-0.6, len(shown) - 0.4)
        axes.set_xlabel("reduction of the log-loss, %")
    return output[0]


def rank_diagram(ranks: Mapping[str, Any], title: str) -> str:
    """Draw the critical-difference diagram [1]_, the best rank on the left.

    Parameters
    ----------
    ranks : mapping
        See `catnocat.benchmarks.significance.compare_ranks`.
    title : str
        Title of the metric.

    References
    ----------
    .. [1] J. Demšar, "Statistical Comparisons of Classifiers over Multiple Data Sets", Journal of
       Machine Learning Research 7, 2006.
    """
    methods, groups = ranks["methods"], ranks["groups"]
    n_methods = len(methods)
    half = (n_methods + 1) // 2
    rank = {method["name"]: method["rank"] for method in methods}
    depth = 0.6 + 0.3 * len(groups)
    caption = f"Mean ranks of the methods by {title}, with bars over those that do not differ"
    with drawing(7.6, 1.0 + 0.24 * (half + len(groups)), caption) as (axes, output):
        axes.plot([1, n_methods], [0, 0], color=INK, linewidth=1)
        for tick in range(1, n_methods + 1):
            axes.plot([tick, tick], [0, 0.15], color=INK, linewidth=1)
            axes.text(tick, 0.3, str(tick), ha="center", va="bottom", fontsize=9)
        for position, method in enumerate(methods):
            left = position < half
            y = -depth - 0.55 * (position if left else n_methods - 1 - position)
            x = 1 - 0.03 * n_methods if left else 1.03 * n_methods
            axes.plot([method["rank"], method["rank"], x], [0, y, y], color=FAINT, linewidth=1)
            axes.plot(method["rank"], 0, marker="o", markersize=4, color=INK)
            axes.text(
                x + (-0.01 if left else 0.01) * n_methods,
                y,
                f"{method['name']} {method['rank']:.2f}",
                ha="right" if left else "left",
                va="center",
            )
        for number, group in enumerate(groups):
            y = -0.35 - 0.3 * number
            ends = [rank[group[0]], rank[group[-1]]]
            axes.plot(ends, [y, y], color=INK, linewidth=3, solid_capstyle="butt")
        axes.set_xlim(1 - 0.42 * n_methods, 1.42 * n_methods)
        axes.set_axis_off()
    return output[0]
