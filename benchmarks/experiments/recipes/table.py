"""The recipes' worth as a table, on the terminal and in Markdown."""

from collections.abc import Callable
from typing import Any

from rich.table import Table

from ...utils import format_signed

_COLUMNS: dict[str, Callable[[dict[str, Any]], str]] = {
    "views": lambda entry: ", ".join(entry["views"]),
    "numbers": lambda entry: f"{entry['dimension']:,}",
    "cost": lambda entry: f"{entry['cost']:.1f}",
    "images/s": lambda entry: _rounded(entry["images_per_second"]),
    "C": lambda entry: f"{entry['C']:g}",
    "folds": lambda entry: f"{entry['inner_macro_ap']:.3f}",
    "test": lambda entry: f"{entry['macro_ap']:.3f}",
    "gain": lambda entry: _with_interval(entry["gain"]),
}


def terminal_table(results: dict[str, Any]) -> Table:
    """Lay the table out for a terminal, the chosen recipe in bold."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in _COLUMNS:
        table.add_column(heading, justify="left" if heading == "views" else "right")
    for entry in results["recipes"]:
        bold = "bold" if entry["recipe"] == results["chosen"] else ""
        table.add_row(*(cell(entry) for cell in _COLUMNS.values()), style=bold)
    return table


def markdown_table(results: dict[str, Any]) -> str:
    """Write the table and what its columns mean, the chosen recipe in bold."""
    lines = [f"| {' | '.join(_COLUMNS)} |", f"|---|{'---:|' * (len(_COLUMNS) - 1)}"]
    for entry in results["recipes"]:
        first, *rest = (cell(entry) for cell in _COLUMNS.values())
        first = f"**{first}**" if entry["recipe"] == results["chosen"] else first
        lines.append(f"| {' | '.join([first, *rest])} |")
    return "\n".join([*lines, "", legend(results), ""])


def legend(results: dict[str, Any]) -> str:
    """Say what was measured and what the columns mean."""
    images = results["images"]
    return (
        f"{results['dataset']}: {images['train']} images to learn from, {images['test']} to judge,"
        f" {results['labels']} labels; {results['backbone']}, {results['engine']},"
        f" {results['precision']}. cost: pixels shown to the network, the first recipe's being 1;"
        " images/s as measured in this run; folds: macro AP out of fold within the training part,"
        " which chooses C and the recipe in bold; test: macro AP on the test part; gain: over the"
        " first recipe there, with its 95 % interval."
    )


def _rounded(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.0f}"


def _with_interval(gain: dict[str, Any] | None) -> str:
    if gain is None or gain["difference"] is None:
        return "–"
    low, high = format_signed(gain["low"]), format_signed(gain["high"])
    return f"{format_signed(gain['difference'])} [{low}, {high}]"
