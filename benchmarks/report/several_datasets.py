"""Several comparisons on one page, as Markdown, and on the terminal."""

from pathlib import Path
from typing import Any

from markupsafe import Markup
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ... import __version__
from ..metrics import METRICS, Metric
from ..utils import write_text
from .charts import rank_diagram
from .columns import MARKS, fitted
from .html import BUDGET, environment, render_comparison
from .text import verdict_sentences


def write_joint_reports(results: dict[str, Any], folder: Path) -> None:
    """Write `report.html` and `report.md` of several data sets.

    Parameters
    ----------
    results : dict
        As `bench_several` gives it.
    folder : Path
        An existing folder.
    """
    comparisons = results["datasets"]
    budget = BUDGET // len(comparisons)
    shared = {
        "results": results,
        "sets": [
            {
                "results": one,
                "content": render_comparison(one, prefix=f"d{number}-", level=3, budget=budget),
            }
            for number, one in enumerate(comparisons, start=1)
        ],
        "tables": {key: joint_table(results, metric) for key, metric in METRICS.items()},
        "diagrams": {
            key: rank_diagram(found, METRICS[key].title)
            for key, found in results["ranks"].items()
            if found
        },
    }
    made = environment()
    title = f"{len(comparisons)} data sets"
    page = made.get_template("page.html.j2").render(
        version=__version__,
        title=title,
        kicker=f"{title} compared",
        content=Markup(made.get_template("several.html.j2").render(shared)),
    )
    write_text(folder / "report.html", page)
    text = made.get_template("several.md.j2").render(shared)
    write_text(folder / "report.md", text)


def print_joint_results(results: dict[str, Any], console: Console | None = None) -> None:
    """Print the answer, one table of methods by data sets, and the verdict of each data set.

    Parameters
    ----------
    results : dict
        As `bench_several` gives it.
    console : rich.console.Console or None
        None prints to stdout.
    """
    console = console or Console()
    console.print(Text(results["answer"], style="bold"))
    console.print()
    table = Table(box=None, header_style="bold", pad_edge=False, title_justify="left")
    table.add_column("Macro AP", no_wrap=True)
    for one in results["datasets"]:
        table.add_column(Text(one["dataset"]["name"]), justify="right")
    table.add_column("mean rank", justify="right")
    for row in joint_table(results, METRICS["macro_ap"]):
        cells = [
            "–" if c["value"] is None else f"{c['value']:.3f}{MARKS.get(c['verdict'], ' ')}"
            for c in row["cells"]
        ]
        rank = "–" if row["rank"] is None else f"{row['rank']:.2f}"
        table.add_row(row["name"], *cells, rank)
    console.print(table)
    explained = "▲ significantly better, ▼ significantly worse than its independent counterpart"
    console.print(Text(explained, style="dim"))
    for one in results["datasets"]:
        console.print()
        for sentence in verdict_sentences(one):
            console.print(Text(sentence))
    console.print()


def joint_table(results: dict[str, Any], metric: Metric) -> list[dict[str, Any]]:
    """Lay out one metric: a row per method, a cell per data set, the best mean rank first."""
    sets = [{entry["name"]: entry for entry in fitted(one)} for one in results["datasets"]]
    ranks = results["ranks"][metric.key]
    rank = {one["name"]: one["rank"] for one in ranks["methods"]} if ranks else {}
    names = dict.fromkeys(str(e["name"]) for one in results["datasets"] for e in one["methods"])
    figures = [{name: _figure(one, name, metric) for name in names if name in one} for one in sets]
    best = [
        max((v for v in one.values() if v is not None), key=metric.gain, default=None)
        for one in figures
    ]
    rows = [
        {
            "name": name,
            "rank": rank.get(name),
            "cells": [
                {
                    "value": values.get(name),
                    "verdict": _verdict(one.get(name), metric),
                    "best": values.get(name) is not None and values.get(name) == top,
                }
                for one, values, top in zip(sets, figures, best, strict=True)
            ],
        }
        for name in names
    ]
    return sorted(rows, key=lambda row: rank.get(row["name"], float("inf")))


def _figure(entries: dict[str, Any], name: str, metric: Metric) -> float | None:
    value: float | None = entries[name]["metrics"][metric.key]
    return value


def _verdict(entry: dict[str, Any] | None, metric: Metric) -> str | None:
    against = (entry or {}).get("against_independent") or {}
    verdict: str | None = (against.get(metric.key) or {}).get("verdict")
    return verdict
