"""Several networks on one page, as Markdown, and on the terminal."""

from pathlib import Path
from typing import Any

from markupsafe import Markup
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ... import __version__
from ..analysis import PURPOSES, BackboneComparison, BackboneResults
from ..metrics import METRICS
from ..utils import write_text
from .charts import pareto_chart
from .html import MAX_THUMBNAIL_CHARACTERS, environment, render_comparison
from .tables import MARKS
from .text import CODE_PHRASES, EFFECT_NAMES, PURPOSE_NAMES, backbone_sentences, cost_text

FINDING = PURPOSES[0]


def write_backbone_reports(results: BackboneResults, folder: Path) -> None:
    """Write `report.html` and `report.md` of several networks.

    Parameters
    ----------
    results : BackboneResults
    folder : Path
        An existing folder.
    """
    comparison = results["comparison"]
    budget = MAX_THUMBNAIL_CHARACTERS // len(results["backbones"])
    points = comparison["pareto"]
    dataset = results["backbones"][0]["dataset"]
    context = {
        "results": results,
        "comparison": comparison,
        "dataset": dataset,
        "sentences": backbone_sentences(comparison),
        "tables": {key: network_table(comparison, key) for key in PURPOSES},
        "chart": pareto_chart(points) if points else None,
        "front": [point for point in points if point["on_front"]],
        "effects": EFFECT_NAMES,
        "purposes": PURPOSE_NAMES,
        "phrases": CODE_PHRASES,
        "cost_text": cost_text,
        "pages": [
            {
                "name": network["name"],
                "content": render_comparison(one, prefix=f"n{number}-", level=3, budget=budget),
            }
            for number, (network, one) in enumerate(
                zip(comparison["networks"], results["backbones"], strict=True), start=1
            )
        ],
    }
    templates = environment()
    title = f"{len(results['backbones'])} networks on {dataset['name']}"
    page = templates.get_template("page.html.j2").render(
        version=__version__,
        title=title,
        kicker=f"{len(results['backbones'])} networks compared",
        content=Markup(templates.get_template("backbones.html.j2").render(context)),
    )
    write_text(folder / "report.html", page)
    text = templates.get_template("backbones.md.j2").render(context)
    write_text(folder / "report.md", text)


def network_table(comparison: BackboneComparison, key: str) -> list[dict[str, Any]]:
    """Return a row for each network with the cells of all methods by one metric."""
    entries: list[Any] = list(comparison["cells"])
    cells = {(cell["network"], cell["method"]): cell[key] for cell in entries}
    values = [cell["value"] for cell in cells.values() if cell["value"] is not None]
    highest = max(values, default=None, key=METRICS[key].gain)
    rows = []
    for network in comparison["networks"]:
        row = []
        for method in comparison["methods"]:
            cell = cells[network["name"], method]
            against = cell["against_reference"] or {}
            row.append(
                cell
                | {
                    "verdict": against.get("verdict"),
                    "mark": MARKS.get(against.get("verdict") or "", ""),
                    "best": cell["value"] is not None and cell["value"] == highest,
                }
            )
        rows.append({"network": network, "cells": row})
    return rows


def print_backbone_results(results: BackboneResults, console: Console | None = None) -> None:
    """Print the summary, and a table of networks by methods.

    Parameters
    ----------
    results : BackboneResults
    console : rich.console.Console or None
        None prints to stdout.
    """
    console = console or Console()
    comparison = results["comparison"]
    first, *others = backbone_sentences(comparison) or ["No method was fitted on every network."]
    console.print(Text(first, style="bold"))
    for sentence in others:
        console.print(Text(sentence))
    console.print()
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("Macro AP", no_wrap=True)
    for heading in (*comparison["methods"], "numbers", "per image"):
        table.add_column(Text(heading), justify="right")
    for row in network_table(comparison, FINDING):
        cells = [
            "–" if cell["value"] is None else f"{cell['value']:.3f}{cell['mark'] or ' '}"
            for cell in row["cells"]
        ]
        network = row["network"]
        cost = cost_text(network["ms_per_image"])
        table.add_row(Text(network["name"]), *cells, f"{network['dimension']:,}", cost)
    console.print(table)
    explained = f"▲ significantly better, ▼ significantly worse than on {comparison['reference']}"
    console.print(Text(explained, style="dim"))
    console.print()
