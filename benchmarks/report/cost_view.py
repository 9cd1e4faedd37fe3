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
    """Say what a new picture costs, and what learning costs, with as many labels as were timed."""
    done = [(one["name"], point) for one in found["methods"] if (point := _most(one))]
    if not done:
        return ""
    (name, point), others = done[0], done[1:2]
    learning = [(name, point), *others]
    told = "; ".join(
        f"{name} learns {point['labels']} labels from {found['train_images']:,} vectors in"
        f" {'' if point['measured'] else 'about '}{shortly(point['fit_seconds'])} s"
        for name, point in learning
    )
    network = found["features"]
    if not network:
        return f"{told[0].upper()}{told[1:]}."
    alone, among = network["ms_alone"], network["ms_per_image"]
    return (
        f"A new picture has its labels after {shortly(alone + point['predict_ms_alone'])} ms, or"
        f" {shortly(among + point['predict_ms_per_image'])} ms among many: the network takes"
        f" {shortly(alone)} ({shortly(among)}) of them, {point['labels']} labels by {name}"
        f" {shortly(point['predict_ms_alone'])} ({shortly(point['predict_ms_per_image'])})."
        f" {told[0].upper()}{told[1:]}."
    )


def _most(one: dict[str, Any]) -> dict[str, Any] | None:
    """Give the point of the most labels that there is a time of."""
    timed = [point for point in one["points"] if point["fit_seconds"] is not None]
    return timed[-1] if timed else None


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
