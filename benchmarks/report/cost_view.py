"""How the cost of methods is drawn: seconds to fit against the number of labels, both by tens."""

from typing import Any

from matplotlib.ticker import FuncFormatter, NullFormatter

from ..wording import shortly
from .figures import FAINT, MARKERS, SERIES, drawing


def cost_curve(found: dict[str, Any]) -> str:
    """Draw `results.json`'s "cost", a line per method; open marks where nothing was measured."""
    numbers = [point["labels"] for point in found["methods"][0]["points"]]
    with drawing(5.6, 3.4, "Seconds to learn, by the number of labels") as (axes, written):
        for number, one in enumerate(found["methods"]):
            points = [point for point in one["points"] if point["fit_seconds"] is not None]
            colour, marker = SERIES[number % len(SERIES)], MARKERS[number % len(MARKERS)]
            axes.plot(
                [point["labels"] for point in points],
                [point["fit_seconds"] for point in points],
                linestyle=("-", "--", "-.", ":")[number % 4],
                marker=marker,
                color=colour,
                label=one["name"],
            )
            guessed = [point for point in points if not point["measured"]]
            axes.plot(
                [point["labels"] for point in guessed],
                [point["fit_seconds"] for point in guessed],
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
        axes.set_ylabel("seconds to learn")
        axes.grid(axis="y", color=FAINT, linewidth=0.3)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return written[0]


def cost_sentence(found: dict[str, Any]) -> str:
    """Say what a new picture costs, and what learning costs, with as many labels as were timed.

    Of the first method, which is the recommended one, and of the one beside it, the reference.
    """
    told = [(one["name"], timed) for one in found["methods"][:2] if (timed := _timed(one))]
    numbers = set.intersection(*(set(timed) for _, timed in told)) if told else set()
    if not numbers:
        return ""
    many = max(numbers)
    points = [(name, timed[many]) for name, timed in told]
    learning = "; ".join(
        f"{name} learns {many} labels from {found['train_images']:,} vectors in"
        f" {costs(point['fit_seconds'], point['measured'])} s"
        for name, point in points
    )
    learning = f"{learning[0].upper()}{learning[1:]}."
    network, (name, point) = found["features"], points[0]
    if not network:
        return learning
    alone, among = network["ms_alone"], network["ms_per_image"]
    return (
        f"A new picture has its labels after {shortly(alone + point['predict_ms_alone'])} ms, or"
        f" {shortly(among + point['predict_ms_per_image'])} ms among many: the network takes"
        f" {shortly(alone)} ms of them ({shortly(among)}), {many} labels by {name}"
        f" {shortly(point['predict_ms_alone'])} ms ({shortly(point['predict_ms_per_image'])})."
        f" {learning}"
    )


def _timed(one: dict[str, Any]) -> dict[int, Any]:
    """Give the points that there is a time of, by the number of labels."""
    return {point["labels"]: point for point in one["points"] if point["fit_seconds"] is not None}


def costs(value: float | None, measured: bool = True) -> str:
    """Write seconds or milliseconds in two digits; a dash where there is nothing.

    Examples
    --------
    >>> costs(123.4), costs(0.01234), costs(5.0, measured=False), costs(None)
    ('123', '0.012', '≈5', '–')
    """
    if value is None:
        return "–"
    return shortly(value) if measured else f"≈{shortly(value)}"
