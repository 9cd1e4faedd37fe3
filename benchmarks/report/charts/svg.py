"""Drawing of charts as SVG with selectable text and the colours of the page."""

import io
import re
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Each colour is replaced by a variable of the style sheet, so that the dark theme applies.
INK, FAINT = "#101010", "#a0a0a1"
SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#8a6d00")
MAX_NAME = 24
"""Characters of a name in a chart."""
MARKERS = ("o", "s", "^", "D", "v", "P")
LINE_STYLES = ("-", "--", "-.", ":")
VARIABLES = {INK: "var(--ink)", FAINT: "var(--faint)"} | {
    colour: f"var(--series-{number})" for number, colour in enumerate(SERIES)
}
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "catnocat",
    "text.parse_math": False,  # a label may contain dollar signs
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
    """Yield axes to draw on, and a list to which the finished SVG is added.

    Parameters
    ----------
    width, height : float
        In inches; the page scales the chart to its column.
    caption : str
        Description for screen readers.
    """
    output: list[str] = []
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.add_subplot()
        yield axes, output
        buffer = io.StringIO()
        with warnings.catch_warnings():
            # The browser draws the text; a font that is missing here only affects the layout.
            warnings.filterwarnings("ignore", "Glyph .* missing from")
            figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    output.append(_adapt_to_page(buffer.getvalue(), width, caption))


def _adapt_to_page(svg: str, width: float, caption: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, variable)
    # Ids must be unique on a page, and matplotlib numbers them from the start in every chart.
    prefix = f"f{zlib.crc32(caption.encode())}-"
    svg = re.sub(r'id="([^"]+)"', rf'id="{prefix}\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", svg)
    svg = re.sub(r'xlink:href="#([^"]+)"', rf'xlink:href="#{prefix}\1"', svg)
    title = caption.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    # Between three fifths of its size, where the text is legible, and a little above it.
    style = f"min-width: {3.6 * width:.1f}rem; max-width: {6.6 * width:.1f}rem"
    return svg.replace("<svg ", f'<svg role="img" aria-label="{title}" style="{style}" ', 1)


def shorten(name: str) -> str:
    """Shorten a name that is too long for a chart.

    Examples
    --------
    >>> shorten("traffic light"), shorten("b" * 40)
    ('traffic light', 'bbbbbbbbbbbbbbbbbbbbbbb…')
    """
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"
