"""The comparison as a table on the terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..wording import counted
from .columns import (
    MAIN_COLUMNS,
    MARKS,
    METRIC_COLUMNS,
    Column,
    best_value,
    cell,
    fitted,
    references,
    verdict,
)
from .cost_view import cost_sentence
from .notes import notes

MAX_SKIPPED = 10
NARROW = 100  # columns of a terminal: below that they stand closer


def print_results(results: dict[str, Any], console: Console | None = None) -> None:
    """Print the table, the images that were left out, and the answer last.

    Parameters
    ----------
    results : dict
        The content of `results.json`.
    console : rich.console.Console or None
        None prints to stdout.
    """
    console = console or Console()
    dataset, protocol = results["dataset"], results["protocol"]
    console.print(
        Text(
            f"{dataset['name']}: {counted(dataset['images'], 'image')},"
            f" {counted(len(dataset['labels']), 'label')},"
            f" {dataset['cardinality']:.2f} per image; judged on {protocol['images_judged']}"
            f" ({protocol['split']})"
        )
    )
    averaged = min((e["metrics"]["labels_averaged"] for e in fitted(results)), default=0)
    if fitted(results) and averaged < len(dataset["labels"]):
        console.print(
            Text(f"Macro averages are over the {counted(averaged, 'label')} that can be judged.")
        )
    for note in notes(results):
        console.print(Text(note))
    console.print(_table(results, narrow=console.width < NARROW))
    console.print(Text(_legend(results), style="dim"))
    for entry in results["methods"]:
        if "failed" in entry:
            console.print(Text(f"{entry['name']} failed: {entry['failed']}", style="red"))
        for warning in entry.get("warnings", ()):
            console.print(Text(f"{entry['name']}: {warning}", style="dim"))
    _print_skipped(console, results["skipped_images"])
    for sentence in results.get("crowding", {}).get("findings", ()):
        if sentence not in results["answer"]:
            console.print(Text(f"Crowds: {sentence}"))
    if "dependence" in results:
        console.print(Text(f"Dependence: {results['dependence']['reading']}"))
    if "cost" in results and (told := cost_sentence(results["cost"])):
        console.print(Text(f"Cost: {told}"))
    for sentence in results.get("details", ()):
        console.print(Text(f"Behind it: {sentence}"))
    console.print(Text(f"\n{results['answer']}"))


def _table(results: dict[str, Any], narrow: bool) -> Table:
    names = [entry["name"] for entry in results["methods"]]
    table = Table(box=None, header_style="bold", pad_edge=False, collapse_padding=narrow)
    table.add_column("method", no_wrap=True, min_width=max(map(len, names), default=0))
    for column in MAIN_COLUMNS:
        # A heading may be broken between its words, not in one.
        words = max(map(len, column.short.split()))
        table.add_column(column.short, justify="right", min_width=words)
    for entry in results["methods"]:
        if "failed" in entry:
            table.add_row(entry["name"], "failed")
            continue
        table.add_row(entry["name"], *(_cell(results, entry, column) for column in MAIN_COLUMNS))
    return table


def _cell(results: dict[str, Any], entry: dict[str, Any], column: Column) -> Text:
    found = verdict(entry, column)
    mark = MARKS[found["verdict"]] if found else " "
    style = "bold" if best_value(results, entry, column) else ""
    return Text(f"{cell(entry, column)}{mark if column in METRIC_COLUMNS else ''}", style=style)


def _legend(results: dict[str, Any]) -> str:
    held_against = references(results)
    if not held_against:
        return ""
    return (
        f"▲ better, ▼ worse than {' / '.join(held_against)} by more than chance; = no difference"
        " shown (95 % certainty for the whole table)."
    )


def _print_skipped(console: Console, skipped: list[dict[str, str]]) -> None:
    if not skipped:
        return
    were = "was" if len(skipped) == 1 else "were"
    console.print(Text(f"{counted(len(skipped), 'image')} {were} left out:", style="yellow"))
    for image in skipped[:MAX_SKIPPED]:
        console.print(Text(f"  {image['where']}: {image['image']}: {image['reason']}"))
    if len(skipped) > MAX_SKIPPED:
        console.print(Text(f"  and {len(skipped) - MAX_SKIPPED} more; see results.json"))
