"""The pictures of a report: SVG whose text is text and whose colours are the page's own."""

import io
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Each drawn colour stands for a variable of the style sheet, so that the dark theme reaches it.
INK, FAINT = "#101010", "#a0a0a1"
SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#8a6d00")
MARKERS = ("o", "s", "^", "D", "v", "P")
VARIABLES = {INK: "var(--ink)", FAINT: "var(--faint)"} | {
    colour: f"var(--series-{number})" for number, colour in enumerate(SERIES)
}
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "catnocat",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
}


@contextmanager
def drawing(width: float, height: float, caption: str) -> Iterator[tuple[Axes, list[str]]]:
    """Give axes to draw on, and a list that the finished SVG is put into.

    Parameters
    ----------
    width, height : float
        In inches; the page scales the picture to the room it has.
    caption : str
        What the picture shows, for those who cannot see it.
    """
    written: list[str] = []
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.add_subplot()
        yield axes, written
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    written.append(_for_the_page(buffer.getvalue(), caption))


def _for_the_page(svg: str, caption: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, variable)
    # Ids are unique in a page, and every picture counts its own from the start.
    prefix = f"f{zlib.crc32(caption.encode())}-"
    svg = re.sub(r'id="([^"]+)"', rf'id="{prefix}\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", svg)
    svg = re.sub(r'xlink:href="#([^"]+)"', rf'xlink:href="#{prefix}\1"', svg)
    title = caption.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return svg.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)


def differences(entries: Sequence[dict[str, Any]], key: str, title: str) -> str:
    """Draw each method's difference to its independent reference, with interval."""
    shown = [e for e in entries if (e["against_independent"] or {}).get(key)]
    shown = [e for e in shown if e["against_independent"][key]["difference"] is not None]
    if not shown:
        return ""
    caption = f"Difference in {title} to the independent reference, with 95 % intervals"
    with drawing(7.2, 0.9 + 0.3 * len(shown), caption) as (axes, written):
        for row, entry in enumerate(reversed(shown)):
            found = entry["against_independent"][key]
            colour = INK if found["verdict"] != "no difference" else FAINT
            axes.plot([found["low"], found["high"]], [row, row], color=colour, linewidth=2)
            axes.plot(found["difference"], row, marker="o", color=colour)
        axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
        axes.set_yticks(range(len(shown)), [entry["name"] for entry in reversed(shown)])
        axes.set_ylim(-0.6, len(shown) - 0.4)
        axes.set_xlabel(f"difference in {title}")
    return written[0]


def per_label(
    entries: Sequence[dict[str, Any]], labels: Sequence[str], prevalence: Sequence[float]
) -> str:
    """Draw the AP of every label, a mark per method, hardest label last."""
    first = entries[0]["per_label"]["ap"]
    order = sorted(range(len(labels)), key=lambda j: (first[j] is not None, first[j] or 0))
    order = [j for j in order if first[j] is not None]
    if not order:
        return ""
    with drawing(7.2, 1.2 + 0.24 * len(order), "AP of every label, by method") as (axes, written):
        for number, entry in enumerate(entries):
            values = [entry["per_label"]["ap"][j] for j in order]
            axes.plot(
                values,
                range(len(order)),
                linestyle="",
                marker=MARKERS[number % len(MARKERS)],
                markersize=5,
                fillstyle="none" if number else "full",
                color=SERIES[number % len(SERIES)],
                label=entry["name"],
            )
        axes.plot(
            [prevalence[j] for j in order],
            range(len(order)),
            linestyle="",
            marker="|",
            color=FAINT,
            label="chance",
        )
        axes.set_yticks(range(len(order)), [labels[j] for j in order])
        axes.set_ylim(-0.6, len(order) - 0.4)
        axes.set_xlim(0, 1.02)
        axes.grid(axis="y", color=FAINT, linewidth=0.3)
        axes.set_xlabel("average precision")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=4)
    return written[0]


def curves(
    series: dict[str, Sequence[dict[str, Any]]], caption: str, x_title: str, y_title: str
) -> str:
    """Draw curves with bands: each point has "x", "value", "low" and "high"."""
    with drawing(7.2, 3.4, caption) as (axes, written):
        for number, (name, all_points) in enumerate(series.items()):
            points = [point for point in all_points if point["value"] is not None]
            x = [point["x"] for point in points]
            axes.plot(
                x,
                [point["value"] for point in points],
                marker=MARKERS[number % len(MARKERS)],
                linestyle=("-", "--", "-.", ":")[number % 4],
                color=SERIES[number % len(SERIES)],
                label=name,
            )
            banded = [point for point in points if point.get("low") is not None]
            axes.fill_between(
                [point["x"] for point in banded],
                [point["low"] for point in banded],
                [point["high"] for point in banded],
                color=SERIES[number % len(SERIES)],
                alpha=0.15,
                linewidth=0,
            )
        axes.set_xlabel(x_title)
        axes.set_ylabel(y_title)
        axes.grid(axis="y", color=FAINT, linewidth=0.3)
        axes.legend()
    return written[0]
