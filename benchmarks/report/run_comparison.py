"""The comparison of two runs as text and as a self-contained page."""

from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from ... import __version__
from ..analysis.run_comparison import MethodComparison, MetricDifference, RunComparison
from ..metrics import METRICS
from ..utils import format_signed, pluralize


@dataclass(frozen=True)
class RunName:
    """A run, and what distinguishes it.

    Attributes
    ----------
    name : str
        Its folder.
    about : str
        Data set, backbone and views.
    """

    name: str
    about: str


def describe_run(name: str, results: dict[str, Any]) -> RunName:
    """Describe a run by its `results.json`.

    Examples
    --------
    >>> recipe = {"backbone": "resnet18", "views": ["whole"]}
    >>> describe_run("b", {"dataset": {"name": "pets", "images": 1200}, "recipe": recipe}).about
    'pets, 1,200 images; resnet18; views whole'
    """
    dataset, recipe = results.get("dataset", {}), results.get("recipe", {})
    parts = []
    if "name" in dataset:
        parts.append(f"{dataset['name']}, {pluralize(dataset.get('images', 0), 'image')}")
    if "backbone" in recipe:
        parts.append(str(recipe["backbone"]))
    if views := recipe.get("views"):
        parts.append(f"views {', '.join(map(str, views))}")
    return RunName(name, "; ".join(parts) or "no description")


def run_summary(comparison: RunComparison) -> str:
    """Return which images and labels were compared, as sentences."""
    images = pluralize(comparison.n_images, "test image")
    sentences = [f"{images} and {pluralize(comparison.n_labels, 'label')} are in both runs."]
    if comparison.only_a or comparison.only_b:
        sentences.append(
            f"{comparison.only_a:,} test images are only in A, {comparison.only_b:,} only in B;"
            " they are left out."
        )
    for run, labels in (("A", comparison.labels_only_a), ("B", comparison.labels_only_b)):
        if labels:
            sentences.append(f"Only {run} has: {', '.join(labels)}.")
    if comparison.changed_truths:
        sentences.append(
            f"{pluralize(comparison.changed_truths, 'true label')} changed between the runs; both"
            " are scored against those of B."
        )
    return " ".join(sentences)


def verdict(entry: MetricDifference) -> str:
    """Return "better", "worse" or "" for run B.

    Examples
    --------
    >>> verdict(MetricDifference("hamming_loss", 0.2, 0.1, -0.1, -0.12, -0.08, 0.004))
    'better'
    """
    if entry.low <= 0 <= entry.high:
        return ""
    return "better" if METRICS[entry.metric].gain(entry.difference) > 0 else "worse"


def method_sentence(method: MethodComparison) -> str:
    """Return what was fixed and what broke, as one sentence."""
    return (
        f"{pluralize(method.fixed, 'prediction')} fixed and {method.broken:,} broken;"
        f" {pluralize(method.images_fixed, 'whole label set')} fixed and"
        f" {method.images_broken:,} broken."
    )


def render_text(comparison: RunComparison, a: RunName, b: RunName) -> str:
    """Return the comparison for a terminal."""
    lines = [f"A: {a.name}: {a.about}", f"B: {b.name}: {b.about}", run_summary(comparison)]
    for method in comparison.methods:
        lines += ["", title(method), f"  {'':<16} {'A':>6} {'B':>6}   B - A (95 % interval)"]
        for entry in method.differences:
            row = _metric_row(entry)
            lines.append(
                f"  {entry.metric:<16} {row['a']:>6} {row['b']:>6}  {row['difference']:>6}"
                f" ({row['interval']})  {row['verdict']}".rstrip()
            )
        lines.append(f"  {method_sentence(method)}")
    return "\n".join(lines)


def render_page(comparison: RunComparison, a: RunName, b: RunName) -> str:
    """Return the comparison as a self-contained page."""
    environment = Environment(
        loader=PackageLoader("catnocat.benchmarks.report"),
        autoescape=select_autoescape(["html", "html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("run_comparison.html.j2").render(
        version=__version__,
        name_a=a.name,
        name_b=b.name,
        about_a=a.about,
        about_b=b.about,
        summary=run_summary(comparison),
        methods=[_method(method) for method in comparison.methods],
    )


def title(method: MethodComparison) -> str:
    """Return the name of a method, or both names where they differ."""
    if method.method_a == method.method_b:
        return method.method_a
    return f"{method.method_a} (A) and {method.method_b} (B)"


def _method(method: MethodComparison) -> dict[str, Any]:
    return {
        "title": title(method),
        "sentence": method_sentence(method),
        "metrics": [_metric_row(entry) for entry in method.differences],
        "labels": [
            {
                "label": change.label,
                "ap_a": _figure(change.ap_a),
                "ap_b": _figure(change.ap_b),
                "fixed": f"{change.fixed:,}",
                "broken": f"{change.broken:,}",
            }
            for change in method.labels
        ],
        "images": method.images,
    }


def _metric_row(entry: MetricDifference) -> dict[str, str]:
    return {
        "name": METRICS[entry.metric].title,
        "a": _figure(entry.a),
        "b": _figure(entry.b),
        "difference": format_signed(entry.difference),
        "interval": f"{format_signed(entry.low)} to {format_signed(entry.high)}",
        "p": f"{entry.p:.3f}",
        "verdict": verdict(entry),
    }


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
