"""How the crowding of pictures is drawn: curves over labels, over objects, and over words."""

from typing import Any

from markupsafe import Markup

from ..wording import signed
from .figures import FAINT, MARKERS, SERIES, drawing


def crowd_curve(curve: dict[str, Any]) -> str:
    """Draw one of `results.json`'s crowding curves, a line per scorer with 95 % intervals."""
    series = curve["series"]
    first = next(iter(series.values()))
    places = range(len(first))
    spread = 0.06 * (len(first) - 1) / 4
    with drawing(5.6, 3.4, f"{curve['title']}: {curve['y']}") as (axes, written):
        for number, (name, points) in enumerate(series.items()):
            # Side by side, so that bars of equal height can be told apart.
            x = [place + spread * (number - (len(series) - 1) / 2) for place in places]
            known = [(at, p) for at, p in zip(x, points, strict=True) if p["value"] is not None]
            colour = SERIES[number % len(SERIES)]
            barred = [(at, p) for at, p in known if p["low"] is not None]
            axes.vlines(
                [at for at, _ in barred],
                [p["low"] for _, p in barred],
                [p["high"] for _, p in barred],
                color=colour,
                linewidth=1.5,
            )
            axes.plot(
                [at for at, _ in known],
                [p["value"] for _, p in known],
                marker=MARKERS[number % len(MARKERS)],
                linestyle=("-", "--", "-.", ":")[number % 4],
                color=colour,
                label=name,
            )
        axes.axhline(curve["chance"], color=FAINT, linewidth=1, linestyle=":", label="chance")
        axes.set_xticks(places, [f"{point['label']}\n({point['images']})" for point in first])
        axes.set_xlim(-0.4, len(first) - 0.6)
        axes.set_xlabel(f"{curve['x']} (pictures)")
        axes.set_ylabel(curve["y"])
        axes.set_ylim(top=1.02)
        axes.grid(axis="y", color=FAINT, linewidth=0.3)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return written[0]


def span(found: dict[str, Any] | None, sign: bool = False) -> str:
    """Write a figure with its interval; a dash where there is none."""
    value, interval = _written(found, sign)
    return f"{value} ({interval})" if interval else value


def two_lines(found: dict[str, Any] | None, sign: bool = False) -> Markup:
    """Write a figure and small below it the interval; a dash where there is none."""
    value, interval = _written(found, sign)
    return Markup("{}<small>{}</small>" if interval else "{}").format(value, interval)


def _written(found: dict[str, Any] | None, sign: bool) -> tuple[str, str]:
    if found is None or found["value"] is None:
        return "–", ""
    value, *ends = (
        "" if number is None else signed(number).replace("-", "−") if sign else f"{number:.3f}"
        for number in (found["value"], found["low"], found["high"])
    )
    to = "\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}"  # a narrow cell breaks before it, not within
    return value, to.join(ends) if all(ends) else ""
