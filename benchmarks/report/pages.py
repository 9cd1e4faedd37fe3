"""The comparison as a self-contained page and as Markdown."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from ..metrics import METRICS
from . import figures
from .columns import COLUMNS, GROUPS, MARKS, best_value, cell, fitted, references, verdict
from .dependence_view import correlation, gains, heat_map
from .notes import notes

PAGES = ("report.html", "report.md")
SHOWN_PER_LABEL = 4  # more marks than that on one line cannot be told apart


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
    environment.filters |= {
        "cell": cell,
        "verdict": verdict,
        "verdicts": _verdicts,
        "pipes": _pipes,
        "heat_map": heat_map,
        "correlation": correlation,
        "gains": gains,
    }
    shared = {
        "results": results,
        "columns": COLUMNS,
        "groups": GROUPS,
        "marks": MARKS,
        "metrics": METRICS,
        "notes": notes(results),
        "references": references(results),
        "fitted": fitted(results),
        "failed": [entry for entry in results["methods"] if "failed" in entry],
        "figures": _figures(results),
        "best": lambda entry, column: best_value(results, entry, column),
    }
    for page in PAGES:
        text = environment.get_template(f"{page}.j2").render(shared)
        (folder / page).write_text(text, encoding="utf-8")


def _figures(results: dict[str, Any]) -> dict[str, Any]:
    entries = fitted(results)
    drawn = {
        key: figures.differences(entries, key, metric.title) for key, metric in METRICS.items()
    }
    dataset = results["dataset"]
    labels = dataset["labels"]
    prevalence = [dataset["prevalence"].get(label, 0.0) for label in labels]
    return {
        "differences": {key: svg for key, svg in drawn.items() if svg},
        "per_label": figures.per_label(_telling(entries), labels, prevalence) if entries else "",
    }


def _telling(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the reference first, then the best others."""
    named = {entry["name"]: entry for entry in entries}
    first = next((named[e["reference"]] for e in entries if e["reference"]), entries[0])
    others = sorted(
        (entry for entry in entries if entry is not first),
        key=lambda entry: -(entry["metrics"]["macro_ap"] or 0),
    )
    return [first, *others[: SHOWN_PER_LABEL - 1]]


def _verdicts(entry: dict[str, Any]) -> str:
    found = (entry["against_independent"] or {}).values()
    words = {one["verdict"] for one in found if one["verdict"]}
    return " ".join(sorted("equal" if word == "no difference" else word for word in words))


def _pipes(text: object) -> str:
    return str(text).replace("|", "\\|")
