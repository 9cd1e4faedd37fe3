"""How the cost of methods is drawn: seconds to fit against the number of labels, both by tens."""

from typing import Any

from matplotlib.ticker import FuncFormatter, NullFormatter

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


def costs(value: float | None, measured: bool = True) -> str:
    """Write seconds or milliseconds in two digits; a dash where there is nothing.

    Examples
    --------
    >>> costs(123.4), costs(0.01234), costs(5.0, measured=False), costs(None)
    ('123', '0.012', '≈5', '–')
    """
    if value is None:
        return "–"
    text = f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
    return text if measured else f"≈{text}"
