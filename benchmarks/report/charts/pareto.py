"""Pareto chart: macro AP against milliseconds per image."""

from collections.abc import Sequence

from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from ...analysis.results import ParetoPoint
from .svg import FAINT, INK, MARKERS, SERIES, drawing, shorten


def pareto_chart(points: Sequence[ParetoPoint]) -> str:
    """Draw all methods on all networks, a series for each network, and the Pareto front.

    Parameters
    ----------
    points : sequence of ParetoPoint
        At least one, by increasing cost.
    """
    networks = list(dict.fromkeys(point["network"] for point in points))
    caption = "Macro AP against milliseconds per image, of every method on every network"
    with drawing(7.2, 4.0, caption) as (axes, output):
        front = [point for point in points if point["on_front"]]
        axes.step(
            [point["ms_per_image"] for point in front],
            [point["macro_ap"] for point in front],
            where="post",
            color=INK,
            linewidth=1,
            label="Pareto front",
        )
        for number, network in enumerate(networks):
            own = [point for point in points if point["network"] == network]
            axes.plot(
                [point["ms_per_image"] for point in own],
                [point["macro_ap"] for point in own],
                linestyle="",
                marker=MARKERS[number % len(MARKERS)],
                color=SERIES[number % len(SERIES)],
                label=shorten(network),
            )
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("milliseconds per image, features included")
        axes.set_ylabel("macro AP")
        axes.grid(axis="y", color=FAINT, linewidth=0.3)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    return output[0]
