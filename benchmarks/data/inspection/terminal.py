"""Description of a data set for the terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...utils import escape_controls

_MOST_LABELS = 40
_MOST_SETS = 5


def print_inspection(inspection: dict[str, Any], console: Console | None = None) -> None:
    """Print an inspection.

    Parameters
    ----------
    inspection : dict
        The result of `inspect_dataset`.
    console : rich.console.Console or None
        None prints to stdout.
    """
    console = console or Console()
    for line in summary(inspection["dataset"]):
        console.print(_text(line))
    console.print(Text("\nFindings:" if inspection["findings"] else "\nNo findings.", style="bold"))
    for line in finding_lines(inspection["findings"]):
        console.print(_text(line))
    console.print()
    console.print(_labels(inspection))
    hidden = len(inspection["labels"]) - _MOST_LABELS
    if hidden > 0:
        console.print(Text(f"and {hidden} more labels; --json or the page lists all"))
    sizes = ", ".join(
        f"{size}: {count:,}" for size, count in inspection["labels_per_image"].items()
    )
    console.print(_text(f"Images by their number of labels: {sizes}"))
    console.print(Text("Most frequent label sets:"))
    for entry in inspection["label_sets"][:_MOST_SETS]:
        console.print(_text(f"  {entry['images']:>7,}  {' | '.join(entry['labels']) or '(none)'}"))
    if commands := repairs(inspection["findings"]):
        console.print(Text("\nTo repair:", style="bold"))
        for command in commands:
            console.print(_text(f"  {command}"), soft_wrap=True)


def summary(dataset: dict[str, Any]) -> list[str]:
    """Return a few lines on the size of a data set."""
    lines = [
        f"{dataset['name']} ({dataset['source']})",
        f"{dataset['images']:,} images, {dataset['labels']} labels, "
        f"{dataset['cardinality']:.2f} per image, {dataset['label_sets']:,} different label "
        f"sets; {dataset['without_label']:,} images without a label",
    ]
    more = {
        "split": dataset["split"]
        and ", ".join(f"{part} {count:,}" for part, count in dataset["split"].items()),
        "groups": dataset["groups"],
        "objects": dataset["objects"],
        "unknown labels": dataset["unknown_answers"] or None,
        "ready features": dataset["features"],
    }
    given = [f"{name}: {value}" for name, value in more.items() if value is not None]
    return [*lines, "; ".join(given)] if given else lines


def finding_lines(findings: list[dict[str, Any]]) -> list[str]:
    """Return the lines that state the findings of a data set and their details."""
    lines = []
    for entry in findings:
        lines.append(f"- {entry['message']}")
        lines += [f"    {detail}" for detail in entry["details"]]
    return lines


def repairs(findings: list[dict[str, Any]]) -> list[str]:
    """Return the command lines that repair findings, each once."""
    return list(dict.fromkeys(entry["repair"] for entry in findings if entry["repair"]))


def _text(line: str, style: str = "") -> Text:
    """Return a text in which names from files cannot control the terminal."""
    return Text(escape_controls(line), style)


def _labels(inspection: dict[str, Any]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("label")
    columns = {
        "images": "images",
        "prevalence": "share",
        "train": "train",
        "test": "test",
        "objects": "objects",
        "unknown": "unknown",
    }
    shown = {key: name for key, name in columns.items() if any(_filled(inspection["labels"], key))}
    for name in shown.values():
        table.add_column(name, justify="right")
    frequent = sorted(inspection["labels"], key=lambda label: -label["images"])
    for label in frequent[:_MOST_LABELS]:
        named_label = _text(label["name"], style="" if label["judgeable"] else "yellow")
        table.add_row(named_label, *(_cell(label[key]) for key in shown))
    return table


def _filled(labels: list[dict[str, Any]], key: str) -> list[bool]:
    return [key in label and (key != "unknown" or label[key] > 0) for label in labels]


def _cell(value: float) -> str:
    return f"{value:.2%}" if isinstance(value, float) else f"{value:,}"
