"""The comparison as a self-contained HTML page and as Markdown."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from ... import __version__
from ..analysis import Analysis, ConfidentError, JointResults, MethodEntry, Results
from ..metrics import METRICS
from ..utils import format_signed, pluralize, thumbnail_data_uri, unit_name, write_text
from . import charts, text
from .tables import (
    COLUMNS,
    GROUPS,
    MAIN_COLUMNS,
    MARKS,
    cell,
    compared,
    fitted,
    is_best,
    joint_table,
    legend,
    only_by_interval,
    references,
    verdict,
)

THUMBNAIL_SIDE = 224
"""Pixels of the longer side."""
MAX_THUMBNAIL_CHARACTERS = 3_000_000
"""Of all thumbnails of a page."""

NOT_CORRECTED = (
    "The interval excludes 0, but after correction for all comparisons of the table the difference"
    " is not significant."
)


@dataclass(frozen=True)
class Section:
    """Part of the page.

    Attributes
    ----------
    name : str
        Its template is ``{name}.html.j2``; its anchor ends in it.
    title : str
        Heading, and entry in the list of contents.
    needs : str
        Key of `results.json` without which there is nothing to show; empty: always shown.
    """

    name: str
    title: str
    needs: str = ""


SECTIONS = (
    Section("differences", "Differences from cat/no-cat"),
    Section("methods", "All methods, all metrics"),
    Section("labels", "Label by label"),
    Section(
        "label_counts", "Exact label sets, by number of labels", "subset_accuracy_by_label_count"
    ),
    Section("confident_errors", "Most confident errors", "confident_errors"),
    Section("crowding", "Effect of crowding", "crowding"),
    Section("dependence", "Can a joint method gain anything?", "dependence"),
    Section("cost", "Costs", "cost"),
    Section("protocol", "How it was measured"),
)


def write_reports(results: Results, folder: Path) -> None:
    """Write `report.html` and `report.md`.

    Parameters
    ----------
    results : Results
    folder : Path
        An existing folder.
    """
    page = environment().get_template("page.html.j2")
    html = page.render(
        version=__version__,
        title=results["dataset"]["name"],
        kicker=f"{pluralize(len(compared(results)), 'method')} compared",
        content=render_comparison(results),
    )
    write_text(folder / "report.html", html)
    markdown = environment().get_template("report.md.j2").render(_variables(results))
    write_text(folder / "report.md", markdown)


def write_joint_reports(results: JointResults, folder: Path) -> None:
    """Write `report.html` and `report.md` of several data sets.

    Parameters
    ----------
    results : JointResults
    folder : Path
        An existing folder.
    """
    datasets = results["datasets"]
    budget = MAX_THUMBNAIL_CHARACTERS // len(datasets)
    variables = {
        "results": results,
        "comparisons": [
            {
                "results": dataset,
                "content": render_comparison(dataset, prefix=f"d{number}-", level=3, budget=budget),
            }
            for number, dataset in enumerate(datasets, start=1)
        ],
        "tables": {key: joint_table(results, metric) for key, metric in METRICS.items()},
        "diagrams": {
            key: charts.rank_diagram(ranks, METRICS[key].title)
            for key, ranks in results["ranks"].items()
            if ranks
        },
    }
    templates = environment()
    title = f"{len(datasets)} data sets"
    page = templates.get_template("page.html.j2").render(
        version=__version__,
        title=title,
        kicker=f"{title} compared",
        content=Markup(templates.get_template("several.html.j2").render(variables)),
    )
    write_text(folder / "report.html", page)
    write_text(folder / "report.md", templates.get_template("several.md.j2").render(variables))


def render_card(results: Results) -> str:
    """Return the verdict and the table as HTML without scripts, for a notebook."""
    return environment().get_template("card.html.j2").render(_variables(results))


def environment() -> Environment:
    """Return the templates and the functions that they can call."""
    templates = Environment(
        loader=PackageLoader("catnocat.benchmarks.report"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {"marks": MARKS, "metrics": METRICS, "text": text}
    templates.filters |= {
        "cell": cell,
        "verdict": verdict,
        "verdicts": _verdicts,
        "pipes": _pipes,
        "unbroken": _unbroken,
        "only_by_interval": only_by_interval,
        "heat_map": charts.heat_map,
        "correlation": charts.correlation,
        "gains": charts.gains,
        "crowding_curve": charts.crowding_curve,
        "interval": charts.interval,
        "two_lines": charts.two_lines,
        "cost_curve": charts.cost_curve,
        "time": text.format_time,
        "signed": _signed,
    }
    return templates


def render_comparison(
    results: Results,
    *,
    prefix: str = "",
    level: int = 2,
    budget: int = MAX_THUMBNAIL_CHARACTERS,
) -> Markup:
    """Render all sections on one data set.

    Parameters
    ----------
    results : Results
    prefix : str
        Prefix of the anchors, for several data sets on one page.
    level : int
        Level of the section headings.
    budget : int
        Maximum number of characters of the thumbnails.
    """
    errors = results["confident_errors"]
    shown = errors["shown"] if errors else []
    paths = {error["file"]: "" for error in shown}
    content = (
        environment()
        .get_template("comparison.html.j2")
        .render(
            _variables(results),
            prefix=prefix,
            level=level,
            sections=[s for s in SECTIONS if not s.needs or dict(results).get(s.needs)],
            figures=_figures(results),
            probabilities=[_probabilities(error) for error in shown],
            thumbnails=paths | thumbnails(paths, budget),
            other_base=[
                entry["name"]
                for entry in fitted(results)
                if entry["reference"] and not entry["same_base"]
            ],
        )
    )
    # Ids within figures are derived from their captions, which several data sets share.
    return Markup(re.sub(r'(?<=[#"])f(?=\d+-)', f"{prefix}f", content) if prefix else content)


def thumbnails(paths: Iterable[str], budget: int = MAX_THUMBNAIL_CHARACTERS) -> dict[str, str]:
    """Return thumbnails as data URIs, by path, without those that could not be read.

    Parameters
    ----------
    paths : iterable of str
        The first ones take precedence.
    budget : int
        Maximum number of characters; what exceeds it is left out.
    """
    uris: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        uri = thumbnail_data_uri(path, THUMBNAIL_SIDE)
        budget -= len(uri)
        if budget < 0:
            break
        if uri:
            uris[path] = uri
    return uris


def _variables(results: Results) -> dict[str, Any]:
    _, *sentences = text.verdict_sentences(results)
    cautions = [sentence for sentence in text.caution_sentences(results) if sentence in sentences]
    return {
        "results": results,
        "columns": COLUMNS,
        "main_columns": MAIN_COLUMNS,
        "groups": GROUPS,
        "notes": text.notes(results),
        "references": references(results),
        "legend": legend(results),
        "not_corrected": NOT_CORRECTED,
        "headline": text.headline(results),
        "purposes": [sentence for sentence in sentences if sentence not in cautions],
        "cautions": cautions,
        "further": list(text.further_sentences(results)),
        "unit": unit_name(results),
        "fitted": fitted(results),
        "failed": [entry for entry in results["methods"] if "failed" in entry],
        "is_best": partial(is_best, results),
    }


def _figures(results: Analysis) -> dict[str, Any]:
    entries = fitted(results)
    plots = {key: charts.differences(entries, metric) for key, metric in METRICS.items()}
    return {
        "differences": {key: plot for key, plot in plots.items() if plot},
        "per_label": charts.per_label(results, entries),
    }


def _probabilities(error: ConfidentError) -> list[tuple[str, float, bool]]:
    """Return name, probability and correctness of each method, the correct ones first."""
    correct = set(error["correct"])
    rows = [(name, p, name in correct) for name, p in error["probabilities"].items()]
    return sorted(rows, key=lambda row: not row[2])


def _signed(value: float, digits: int = 3) -> str:
    return format_signed(value, digits).replace("-", "−")


def _verdicts(entry: MethodEntry) -> str:
    comparisons = (entry["against_independent"] or {}).values()
    words = {comparison["verdict"] for comparison in comparisons if comparison["verdict"]}
    return " ".join(sorted("equal" if word == "no difference" else word for word in words))


def _unbroken(sentence: str) -> str:
    """Keep a number and its per cent sign on one line."""
    return sentence.replace(" %", "\N{NO-BREAK SPACE}%")


def _pipes(value: object) -> str:
    return str(value).replace("|", "\\|")
