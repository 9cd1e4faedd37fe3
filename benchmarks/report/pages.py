"""The comparison as a self-contained page and as Markdown."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from .columns import COLUMNS, COST_COLUMNS, best_value, cell, fitted

PAGES = ("report.html", "report.md")


def write_reports(results: dict[str, Any], folder: Path) -> None:
    """Write `report.html` and `report.md`.

    Parameters
    ----------
    results : dict
        The content of `results.json`.
    folder : Path
        An existing folder.
    """
    environment = Environment(
        loader=PackageLoader("catnocat.benchmarks.report"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = cell
    environment.filters["pipes"] = lambda text: str(text).replace("|", "\\|")
    for page in PAGES:
        text = environment.get_template(f"{page}.j2").render(
            results=results,
            columns=COLUMNS,
            costs=COST_COLUMNS,
            fitted=fitted(results),
            failed=[entry for entry in results["methods"] if "failed" in entry],
            best=lambda entry, column: best_value(results, entry, column),
        )
        (folder / page).write_text(text, encoding="utf-8")
