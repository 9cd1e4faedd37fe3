"""The comparison on the terminal: verdict, table, next command."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..analysis import Analysis, HeadlineCode, JointResults, MethodEntry, Results, SkippedImage
from ..metrics import METRICS
from ..utils import pluralize, unit_name
from .tables import (
    MAIN_COLUMNS,
    MARKS,
    METRIC_COLUMNS,
    Column,
    cell,
    fitted,
    is_best,
    joint_table,
    legend,
    only_by_interval,
    skipped_lines,
    verdict,
)
from .text import (
    cost_sentence,
    crowding_findings,
    dependence_sentence,
    failure_sentences,
    further_sentences,
    headline,
    joint_headline,
    notes,
    short_differences,
    verdict_sentences,
    warning_line,
)

MAX_SKIPPED = 10
"""Skipped images listed with --verbose."""
MAX_NAMED = 3
"""Skipped images named without --verbose."""
NARROW = 100
"""Width of the terminal below which the columns of the table are closer."""
COLOURS = {"better": "green", "worse": "red", "no difference": "dim"}
HEADLINE_COLOURS = {
    HeadlineCode.INDEPENDENT_SUFFICES_FOR_BOTH: "green",
    HeadlineCode.NOTHING_USABLE: "red",
    HeadlineCode.ALL_FAILED: "red",
    HeadlineCode.NOTHING_MEASURED: "red",
}


def print_results(
    content: Mapping[str, Any], console: Console | None = None, *, verbose: bool = False
) -> None:
    """Print the verdict, the table and the next command.

    Parameters
    ----------
    content : Result or dict
        Content of `results.json`.
    console : rich.console.Console, optional
        Default: stdout.
    verbose : bool
        Also print the figures of the verdict, the recommendation and its reasons, crowding,
        dependence, costs, notes on the data, warnings, and every image that was left out.
    """
    results = cast(Results, content)
    console = console or Console()
    colour = HEADLINE_COLOURS.get(HeadlineCode(results["verdicts"]["headline"]["code"]), "cyan")
    console.print(Text(headline(results), style=f"bold {colour}"))
    if differences := short_differences(results):
        console.print(Text(differences))
    if warning := warning_line(results):
        console.print(Text(warning, style="yellow"))
    console.print()
    console.print(Text(_caption(results), style="dim"))
    console.print(_table(results, narrow=console.width < NARROW))
    if explanation := legend(results):
        console.print(Text(explanation, style="dim"))
    for entry in results["methods"]:
        if "failed" in entry:
            console.print(Text(f"{entry['name']} failed: {entry['failed']}", style="red"))
    _print_skipped(console, results["skipped_images"], verbose)
    if verbose:
        console.print()
        for paragraph in _background(results):
            console.print(Text(paragraph))
    if command := results["next_command"]:
        console.print()
        console.print(Text.assemble("Next: ", (command, "bold")), soft_wrap=True)


def print_joint_results(
    results: JointResults, console: Console | None = None, *, verbose: bool = False
) -> None:
    """Print the joint verdict and one table of methods by data sets.

    Parameters
    ----------
    results : JointResults
    console : rich.console.Console, optional
        Default: stdout.
    verbose : bool
        Also print ranks, tests, and the verdict on each data set.
    """
    console = console or Console()
    datasets = results["datasets"]
    for sentence in joint_headline(results, len(datasets)):
        console.print(Text(sentence, style="bold cyan"))
    console.print()
    table = Table(box=None, header_style="bold", pad_edge=False, title_justify="left")
    table.add_column("Macro AP", no_wrap=True)
    for dataset in datasets:
        table.add_column(Text(dataset["dataset"]["name"]), justify="right")
    table.add_column("mean rank", justify="right")
    for row in joint_table(results, METRICS["macro_ap"]):
        cells = [
            Text("–")
            if entry["value"] is None
            else _marked(f"{entry['value']:.3f}", entry["verdict"] or "", bold=entry["best"])
            for entry in row["cells"]
        ]
        rank = "–" if row["rank"] is None else f"{row['rank']:.2f}"
        table.add_row(row["name"], *cells, rank)
    console.print(table)
    explanation = "▲ significantly better, ▼ significantly worse than its independent reference"
    console.print(Text(explanation, style="dim"))
    if verbose:
        console.print()
        console.print(Text(results["answer"]))
        for dataset in datasets:
            console.print()
            for sentence in verdict_sentences(dataset):
                console.print(Text(sentence))


def _caption(results: Analysis) -> str:
    """Return one line on what was tested: images, labels, test images, averages."""
    dataset, protocol, unit = results["dataset"], results["protocol"], unit_name(results)
    averaged = min(
        (int(entry["metrics"]["labels_averaged"] or 0) for entry in fitted(results)), default=0
    )
    n_labels = len(dataset["labels"])
    parts = [
        f"{dataset['name']}: {pluralize(dataset['images'], unit)}, {pluralize(n_labels, 'label')}",
        f"{pluralize(protocol['test_images'], f'test {unit}')} ({protocol['split']})",
    ]
    if fitted(results) and averaged < n_labels:
        parts.append(f"macro averages over {averaged} of {n_labels} labels")
    return "; ".join(parts)


def _table(results: Analysis, narrow: bool) -> Table:
    names = [_display_name(entry) for entry in results["methods"]]
    table = Table(box=None, header_style="bold", pad_edge=False, collapse_padding=narrow)
    table.add_column("method", no_wrap=True, min_width=max(map(len, names), default=0))
    for column in MAIN_COLUMNS:
        # A heading may be broken between its words, not within one.
        longest_word = max(map(len, column.short.split()))
        table.add_column(column.short, justify="right", min_width=longest_word)
    for entry in results["methods"]:
        if "failed" in entry:
            table.add_row(entry["name"], "failed")
            continue
        cells = (_cell(results, entry, column) for column in MAIN_COLUMNS)
        style = "dim" if entry["kind"] == "baseline" else ""
        table.add_row(_display_name(entry), *cells, style=style)
    return table


def _display_name(entry: MethodEntry) -> str:
    return f"{entry['name']} (baseline)" if entry["kind"] == "baseline" else entry["name"]


def _cell(results: Analysis, entry: MethodEntry, column: Column) -> Text:
    comparison = verdict(entry, column)
    text, best = cell(entry, column), is_best(results, entry, column)
    if column not in METRIC_COLUMNS:
        return Text(text, style="bold" if best else "")
    return _marked(text, str(comparison["verdict"]) if comparison else "", bold=best)


def _marked(figure: str, word: str, *, bold: bool) -> Text:
    """Return a figure with the coloured mark of its verdict."""
    text = Text(figure, style="bold" if bold else "")
    return text.append(MARKS.get(word, " "), style=COLOURS.get(word, ""))


def _print_skipped(console: Console, skipped: Sequence[SkippedImage], verbose: bool) -> None:
    if not skipped:
        return
    start = f"{pluralize(len(skipped), 'image')} {'was' if len(skipped) == 1 else 'were'} left out"
    if not verbose:
        names = ", ".join(image["image"] for image in skipped[:MAX_NAMED])
        more = ", ..." if len(skipped) > MAX_NAMED else ""
        console.print(Text(f"{start} ({names}{more}); see the report", style="yellow"))
        return
    console.print(Text(f"{start}:", style="yellow"))
    for line in skipped_lines(skipped, MAX_SKIPPED):
        console.print(Text(f"  {line}"))
    if len(skipped) > MAX_SKIPPED:
        console.print(Text(f"  and {len(skipped) - MAX_SKIPPED} more; see results.json"))


def _background(results: Results) -> Iterator[str]:
    """Generate everything else that is known, for `--verbose`."""
    _, *verdict_details = verdict_sentences(results)
    yield from verdict_details
    failures = failure_sentences(results)
    yield from (text for text in further_sentences(results) if text not in failures)
    yield from notes(results)
    for entry in results["methods"]:
        for warning in entry.get("warnings", ()):
            yield f"{entry['name']}: {warning}"
    if any(
        only_by_interval(verdict(entry, column))
        for entry in fitted(results)
        for column in MAIN_COLUMNS
    ):
        yield (
            "Some intervals of differences exclude 0 although the table shows =. An interval holds"
            " for one difference with 95 %; the marks hold for the whole table."
        )
    for sentence in crowding_findings(results["crowding"]):
        yield f"Crowding: {sentence}"
    yield f"Dependence: {dependence_sentence(results['dependence'])}"
    if costs := cost_sentence(results["cost"]):
        yield f"Cost: {costs}"
    yield from (f"Background: {sentence}" for sentence in results["details"])
