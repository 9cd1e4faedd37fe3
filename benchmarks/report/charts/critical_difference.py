"""The critical-difference diagram: mean ranks on a line, and bars over what is not told apart."""

from typing import Any

from .svg import FAINT, INK, drawing


def rank_diagram(found: dict[str, Any], title: str) -> str:
    """Draw it, best rank on the left, as in Demšar's paper.

    Parameters
    ----------
    found : dict
        What `compare_ranks` gives.
    title : str
        Of the metric.
    """
    methods, groups = found["methods"], found["groups"]
    k = len(methods)
    half = (k + 1) // 2
    rank = {method["name"]: method["rank"] for method in methods}
    depth = 0.6 + 0.3 * len(groups)
    caption = f"Mean ranks of the methods by {title}, and which of them are not told apart"
    with drawing(7.6, 1.0 + 0.24 * (half + len(groups)), caption) as (axes, written):
        axes.plot([1, k], [0, 0], color=INK, linewidth=1)
        for tick in range(1, k + 1):
            axes.plot([tick, tick], [0, 0.15], color=INK, linewidth=1)
            axes.text(tick, 0.3, str(tick), ha="center", va="bottom", fontsize=9)
        for place, method in enumerate(methods):
            left = place < half
            y = -depth - 0.55 * (place if left else k - 1 - place)
            x = 1 - 0.03 * k if left else k + 0.03 * k
            axes.plot([method["rank"], method["rank"], x], [0, y, y], color=FAINT, linewidth=1)
            axes.plot(method["rank"], 0, marker="o", markersize=4, color=INK)
            text = f"{method['name']} {method['rank']:.2f}"
            axes.text(
                x + (-0.01 if left else 0.01) * k,
                y,
                text,
                ha="right" if left else "left",
                va="center",
            )
        for number, group in enumerate(groups):
            y = -0.35 - 0.3 * number
            ends = [rank[group[0]], rank[group[-1]]]
            axes.plot(ends, [y, y], color=INK, linewidth=3, solid_capstyle="butt")
        axes.set_xlim(1 - 0.42 * k, k + 0.42 * k)
        axes.set_axis_off()
    return written[0]
