"""The comparison as a self-contained page and as Markdown."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from ... import __version__
from ..metrics import METRICS
from ..utils import format_signed, pluralize, thumbnail_data_uri, unit_name, write_text
from .charts import (
    correlation,
    cost_curve,
    cost_sentence,
    costs,
    crowd_curve,
    gains,
    heat_map,
    span,
    two_lines,
)
from .charts import rows as plots
from .columns import (
    COLUMNS,
    GROUPS,
    MAIN_COLUMNS,
    MARKS,
    best_value,
    cell,
    compared,
    fitted,
    legend,
    only_by_interval,
    references,
    verdict,
)
from .sections import sections_of
from .text import caution_sentences, further_sentences, headline, notes, verdict_sentences

SIDE = 224  # pixels, of the longer one
BUDGET = 3_000_000  # characters of all the pictures of a page


def thumbnails(files: Iterable[str], budget: int = BUDGET) -> dict[str, str]:
    """Make small JPEGs as addresses that need no file.

    Parameters
    ----------
    files : iterable of str
        Paths; the first ones are served first.
    budget : int
        Characters in all; what does not fit is left out.

    Returns
    -------
    dict
        By path, without those that could not be read.
    """
    made: dict[str, str] = {}
    for file in dict.fromkeys(files):
        address = thumbnail_data_uri(file, SIDE)
        budget -= len(address)
        if budget < 0:
            break
        if address:
            made[file] = address
    return made


NOT_CORRECTED = (
    "The interval excludes 0, but after correction for all comparisons of the table the difference"
    " is not significant."
)


def write_reports(results: dict[str, Any], folder: Path) -> None:
    """Write `report.html` and `report.md`.

    Parameters
    ----------
    results : dict
        The content of `results.json`.
    folder : Path
        An existing folder.
    """
    name = str(results["dataset"]["name"])
    page = environment().get_template("page.html.j2")
    text = page.render(
        version=__version__,
        title=name,
        kicker=f"{pluralize(len(compared(results)), 'method')} compared",
        content=render_comparison(results),
    )
    write_text(folder / "report.html", text)
    text = environment().get_template("report.md.j2").render(_shared(results))
    write_text(folder / "report.md", text)


def environment() -> Environment:
    """Give the templates, and what they can call."""
    made = Environment(
        loader=PackageLoader("catnocat.benchmarks.report"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"marks": MARKS, "metrics": METRICS}
    made.filters |= {
        "cell": cell,
        "verdict": verdict,
        "verdicts": _verdicts,
        "pipes": _pipes,
        "unbroken": _unbroken,
        "only_by_interval": only_by_interval,
        "heat_map": heat_map,
        "correlation": correlation,
        "gains": gains,
        "crowd_curve": crowd_curve,
        "span": span,
        "two_lines": two_lines,
        "cost_curve": cost_curve,
        "costs": costs,
        "cost_sentence": cost_sentence,
        "signed": _signed,
    }
    return made


def render_comparison(
    results: dict[str, Any], *, prefix: str = "", level: int = 2, budget: int = BUDGET
) -> Markup:
    """Render everything that is told of one data set.

    Parameters
    ----------
    results : dict
    prefix : str
        Of the anchors, where several data sets stand on one page.
    level : int
        Of the sections' headings.
    budget : int
        Characters that the pictures may take up.
    """
    shown = (results.get("mistakes") or {}).get("shown", [])
    text = (
        environment()
        .get_template("comparison.html.j2")
        .render(
            _shared(results),
            prefix=prefix,
            level=level,
            sections=sections_of(results),
            figures=_figures(results),
            said=[_said(mistake) for mistake in shown],
            thumbnails={mistake["file"]: "" for mistake in shown}
            | thumbnails((mistake["file"] for mistake in shown), budget),
            otherwise=[e["name"] for e in fitted(results) if e["reference"] and not e["same_base"]],
        )
    )
    # Figures name their parts by what they show, which several data sets on one page share.
    return Markup(re.sub(r'(?<=[#"])f(?=\d+-)', f"{prefix}f", text) if prefix else text)


def _shared(results: dict[str, Any]) -> dict[str, Any]:
    _, *sentences = verdict_sentences(results)
    cautions = [text for text in caution_sentences(results) if text in sentences]
    return {
        "results": {"mistakes": None, "command": "", "details": []} | results,
        "columns": COLUMNS,
        "main_columns": MAIN_COLUMNS,
        "groups": GROUPS,
        "notes": notes(results),
        "references": references(results),
        "legend": legend(results),
        "not_corrected": NOT_CORRECTED,
        "headline": headline(results),
        "purposes": [text for text in sentences if text not in cautions],
        "cautions": cautions,
        "further": list(further_sentences(results)),
        "unit": unit_name(results),
        "fitted": fitted(results),
        "failed": [entry for entry in results["methods"] if "failed" in entry],
        "best": lambda entry, column: best_value(results, entry, column),
    }


def _figures(results: dict[str, Any]) -> dict[str, Any]:
    entries = fitted(results)
    laid_out = {key: plots.differences(entries, metric) for key, metric in METRICS.items()}
    return {
        "differences": {key: plot for key, plot in laid_out.items() if plot},
        "per_label": plots.per_label(results, entries),
    }


def _said(mistake: dict[str, Any]) -> list[tuple[str, float, bool]]:
    """Give what each method said of a mistake, those that were right first."""
    right = set(mistake["right"])
    said = [(name, p, name in right) for name, p in mistake["probabilities"].items()]
    return sorted(said, key=lambda one: not one[2])


def _signed(value: float, digits: int = 3) -> str:
    return format_signed(value, digits).replace("-", "−")


def _verdicts(entry: dict[str, Any]) -> str:
    found = (entry["against_independent"] or {}).values()
    words = {one["verdict"] for one in found if one["verdict"]}
    return " ".join(sorted("equal" if word == "no difference" else word for word in words))


def _unbroken(text: str) -> str:
    """Keep a number and its per cent sign on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def _pipes(text: object) -> str:
    return str(text).replace("|", "\\|")
