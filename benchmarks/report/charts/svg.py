"""The pictures of a report: SVG whose text is text and whose colours are the page's own."""

import io
import re
import warnings
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
LONGEST = 24  # letters of a name in a picture
MARKERS = ("o", "s", "^", "D", "v", "P")
VARIABLES = {INK: "var(--ink)", FAINT: "var(--faint)"} | {
    colour: f"var(--series-{number})" for number, colour in enumerate(SERIES)
}
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "catnocat",
    "text.parse_math": False,  # a label may hold dollars
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
        with warnings.catch_warnings():
            # The page's fonts draw the text: one that this machine lacks only blurs the layout.
            warnings.filterwarnings("ignore", "Glyph .* missing from")
            figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    written.append(_for_the_page(buffer.getvalue(), width, caption))


def _for_the_page(svg: str, width: float, caption: str) -> str:
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
    # Between three fifths of its size, where its text can still be read, and a little more than it.
    room = f"min-width: {3.6 * width:.1f}rem; max-width: {6.6 * width:.1f}rem"
    return svg.replace("<svg ", f'<svg role="img" aria-label="{title}" style="{room}" ', 1)


def shortened(name: str) -> str:
    """Cut a name to what fits beside a picture.

    Examples
    --------
    >>> shortened("traffic light"), shortened("b" * 40)
    ('traffic light', 'bbbbbbbbbbbbbbbbbbbbbbb…')
    """
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


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
