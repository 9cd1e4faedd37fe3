"""How the cost of methods is drawn: seconds to fit against the number of labels, both by tens."""

from itertools import chain
from typing import Any

from markupsafe import Markup
from matplotlib.ticker import FuncFormatter, NullFormatter

from ...utils import format_duration, format_signed
from .svg import FAINT, INK, MARKERS, SERIES, drawing, shortened


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
    first, each = point["predict_ms_alone"], point["predict_ms_per_image"]
    return (
        f"A new picture has its labels after {format_duration(alone + first)} ms, or"
        f" {format_duration(among + each)} ms among many: the network takes"
        f" {format_duration(alone)} ms of them ({format_duration(among)}), {many} labels by {name}"
        f" {format_duration(first)} ms ({format_duration(each)})."
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
    return format_duration(value) if measured else f"≈{format_duration(value)}"


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
        ""
        if number is None
        else format_signed(number).replace("-", "−")
        if sign
        else f"{number:.3f}"
        for number in (found["value"], found["low"], found["high"])
    )
    to = "\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}"  # a narrow cell breaks before it, not within
    return value, to.join(ends) if all(ends) else ""


HEAT_LABELS = 24  # more columns are too narrow for their figures
GAIN_LABELS = 24


def heat_map(found: dict[str, Any]) -> dict[str, Any]:
    """Put both matrices into one square: marginal above the diagonal, given the features below.

    Parameters
    ----------
    found : dict
        `results.json`'s "dependence".

    Returns
    -------
    dict
        ``"labels"``, the at most 24 that the most dependent pairs are of, in the data set's order,
        and ``"rows"``: a list of cells per label, None where nothing is known, on the diagonal too.
    """
    given = found["given_features"]
    parts = [found["marginal"]] if given is None else [found["marginal"], given]
    every = found["marginal"]["matrix"]["labels"]
    pairs = chain.from_iterable(zip(*(part["pairs"] for part in parts), strict=False))
    telling = dict.fromkeys(chain.from_iterable(pair["labels"] for pair in pairs))
    chosen = set([*telling, *(label for label in every if label not in telling)][:HEAT_LABELS])
    labels = [label for label in every if label in chosen]
    above = _values(found["marginal"]["matrix"])
    below = {} if given is None else _values(given["matrix"])
    rows = [
        [(above if i < j else below).get((a, b)) for j, b in enumerate(labels)]
        for i, a in enumerate(labels)
    ]
    return {"labels": labels, "rows": rows, "of": found["labels"]}


def correlation(value: float) -> str:
    """Write a correlation as narrow as it goes.

    Examples
    --------
    >>> correlation(0.318), correlation(-0.05), correlation(-0.001), correlation(1.0)
    ('.32', '−.05', '0', '1')
    """
    digits = f"{abs(value):.2f}"
    short = {"0.00": "0", "1.00": "1"}.get(digits, digits[1:])
    return f"−{short}" if value < 0 and short != "0" else short


def gains(found: dict[str, Any]) -> str:
    """Draw, label by label, how much the other labels tell; nothing where it was not measured."""
    given = found["given_features"]
    if given is None:
        return ""
    shown = sorted(
        given["labels"][:GAIN_LABELS], key=lambda entry: entry["gain"] / entry["log_loss"]
    )
    caption = "How much better each label is predicted when the other labels are known"
    with drawing(5.6, 0.9 + 0.24 * len(shown), caption) as (axes, written):
        for row, entry in enumerate(shown):
            low, value, high = (100 * entry[key] / entry["log_loss"] for key in _INTERVAL)
            colour = INK if entry["low"] > 0 or entry["high"] < 0 else FAINT
            axes.plot([low, high], [row, row], color=colour, linewidth=2)
            axes.plot(value, row, marker="o", markersize=5, color=colour)
        axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
        axes.set_yticks(range(len(shown)), [shortened(entry["label"]) for entry in shown])
        axes.set_ylim(-0.6, len(shown) - 0.4)
        axes.set_xlabel("log-loss saved, %")
    return written[0]


_INTERVAL = ("low", "gain", "high")


def _values(matrix: dict[str, Any]) -> dict[tuple[str, str], float]:
    return {
        (a, b): value
        for a, row in zip(matrix["labels"], matrix["values"], strict=True)
        for b, value in zip(matrix["labels"], row, strict=True)
        if value is not None and a != b
    }
