"""The comparison on the terminal: verdict, table, next command."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..analysis import HeadlineCode
from ..utils import pluralize, unit_name
from .charts import cost_sentence
from .columns import (
    MAIN_COLUMNS,
    MARKS,
    METRIC_COLUMNS,
    Column,
    best_value,
    cell,
    fitted,
    legend,
    only_by_interval,
    verdict,
)
from .text import caution_sentences, failure_sentences, further_sentences, notes, verdict_sentences

MAX_SKIPPED = 10  # named with --verbose
MAX_NAMED = 3  # named without
NARROW = 100  # columns of the terminal; below, the table's columns stand closer
COLOURS = {"better": "green", "worse": "red", "no difference": "dim"}
HEADLINE_COLOURS = {
    HeadlineCode.INDEPENDENT_SUFFICES_FOR_BOTH: "green",
    HeadlineCode.NOTHING_USABLE: "red",
    HeadlineCode.ALL_FAILED: "red",
    HeadlineCode.NOTHING_MEASURED: "red",
}


def print_results(
    results: dict[str, Any], console: Console | None = None, *, verbose: bool = False
) -> None:
    """Print the verdict, the table and the next command.

    Parameters
    ----------
    results : dict
        The content of `results.json`.
    console : rich.console.Console or None
        None prints to stdout.
    verbose : bool
        Also print the recommendation and its reasons, crowding, dependence, costs, notes on the
        data, warnings, and every image that was left out.
    """
    console = console or Console()
    _print_verdict(console, results)
    console.print()
    console.print(Text(_caption(results), style="dim"))
    console.print(_table(results, narrow=console.width < NARROW))
    if explained := legend(results):
        console.print(Text(explained, style="dim"))
    for entry in results["methods"]:
        if "failed" in entry:
            console.print(Text(f"{entry['name']} failed: {entry['failed']}", style="red"))
    _print_skipped(console, results["skipped_images"], verbose)
    if verbose:
        console.print()
        for paragraph in _background(results):
            console.print(Text(paragraph))
    if command := results.get("next_command"):
        console.print()
        console.print(Text.assemble("Next: ", (command, "bold")), soft_wrap=True)


def _print_verdict(console: Console, results: dict[str, Any]) -> None:
    first, *sentences = verdict_sentences(results)
    colour = HEADLINE_COLOURS.get(results["verdicts"]["headline"]["code"], "cyan")
    console.print(Text(first, style=f"bold {colour}"))
    cautions = caution_sentences(results)
    for sentence in sentences:
        console.print(Text(sentence, style="yellow" if sentence in cautions else ""))


def _caption(results: dict[str, Any]) -> str:
    """Return one line on what was tested: images, labels, test images, averages."""
    dataset, protocol, unit = results["dataset"], results["protocol"], unit_name(results)
    averaged = min((e["metrics"]["labels_averaged"] for e in fitted(results)), default=0)
    n_labels = len(dataset["labels"])
    parts = [
        f"{dataset['name']}: {pluralize(dataset['images'], unit)}, {pluralize(n_labels, 'label')}",
        f"{pluralize(protocol['test_images'], f'test {unit}')} ({protocol['split']})",
    ]
    if fitted(results) and averaged < n_labels:
        parts.append(f"macro averages over {averaged} of {n_labels} labels")
    return "; ".join(parts)


def _table(results: dict[str, Any], narrow: bool) -> Table:
    names = [_shown_name(entry) for entry in results["methods"]]
    table = Table(box=None, header_style="bold", pad_edge=False, collapse_padding=narrow)
    table.add_column("method", no_wrap=True, min_width=max(map(len, names), default=0))
    for column in MAIN_COLUMNS:
        # A heading may be broken between its words, not in one.
        words = max(map(len, column.short.split()))
        table.add_column(column.short, justify="right", min_width=words)
    for entry in results["methods"]:
        style = "dim" if entry["kind"] == "baseline" else ""
        if "failed" in entry:
            table.add_row(entry["name"], "failed")
            continue
        cells = (_cell(results, entry, column) for column in MAIN_COLUMNS)
        table.add_row(_shown_name(entry), *cells, style=style)
    return table


def _shown_name(entry: dict[str, Any]) -> str:
    return f"{entry['name']} (baseline)" if entry["kind"] == "baseline" else str(entry["name"])


def _cell(results: dict[str, Any], entry: dict[str, Any], column: Column) -> Text:
    found = verdict(entry, column)
    text = Text(cell(entry, column), style="bold" if best_value(results, entry, column) else "")
    if column in METRIC_COLUMNS:
        word = str(found["verdict"]) if found else ""
        text.append(MARKS.get(word, " "), style=COLOURS.get(word, ""))
    return text


def _print_skipped(console: Console, skipped: list[dict[str, str]], verbose: bool) -> None:
    if not skipped:
        return
    were = "was" if len(skipped) == 1 else "were"
    start = f"{pluralize(len(skipped), 'image')} {were} left out"
    if not verbose:
        named = ", ".join(image["image"] for image in skipped[:MAX_NAMED])
        more = ", ..." if len(skipped) > MAX_NAMED else ""
        console.print(Text(f"{start} ({named}{more}); see the report", style="yellow"))
        return
    console.print(Text(f"{start}:", style="yellow"))
    for image in skipped[:MAX_SKIPPED]:
        console.print(Text(f"  {image['where']}: {image['image']}: {image['reason']}"))
    if len(skipped) > MAX_SKIPPED:
        console.print(Text(f"  and {len(skipped) - MAX_SKIPPED} more; see results.json"))


def _background(results: dict[str, Any]) -> Iterator[str]:
    """Yield everything else that is known, for `--verbose`."""
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
            "Some intervals of differences exclude 0 where the table shows =: a single interval"
            " holds with 95 % for itself, the marks of the whole table hold together."
        )
    for sentence in results.get("crowding", {}).get("findings", ()):
        if sentence not in results["answer"]:
            yield f"Crowding: {sentence}"
    if "dependence" in results:
        yield f"Dependence: {results['dependence']['reading']}"
    if "cost" in results and (costs := cost_sentence(results["cost"])):
        yield f"Cost: {costs}"
    yield from (f"Background: {sentence}" for sentence in results.get("details", ()))
