"""What is in a data set, on the terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_MOST_LABELS = 40
_MOST_PICTURES = 5


def print_inspection(told: dict[str, Any], console: Console | None = None) -> None:
    """Print what `inspect_dataset` found.

    Parameters
    ----------
    told : dict
    console : rich.console.Console or None
        None prints to stdout.
    """
    console = console or Console()
    for line in summary(told["dataset"]):
        console.print(Text(line))
    console.print(_labels(told))
    hidden = len(told["labels"]) - _MOST_LABELS
    if hidden > 0:
        console.print(Text(f"and {hidden} labels more; --json or the page lists all"))
    sizes = ", ".join(f"{size}: {count:,}" for size, count in told["labels_per_image"].items())
    console.print(Text(f"Pictures by their number of labels: {sizes}"))
    console.print(Text("Most frequent label sets:"))
    for entry in told["label_sets"][:_MOST_PICTURES]:
        console.print(Text(f"  {entry['images']:>7,}  {' | '.join(entry['labels']) or '(none)'}"))
    for line in findings(told):
        console.print(Text(line))


def summary(dataset: dict[str, Any]) -> list[str]:
    """Say in a few lines how large a data set is."""
    lines = [
        f"{dataset['name']} ({dataset['source']})",
        f"{dataset['images']:,} pictures, {dataset['labels']} labels, "
        f"{dataset['cardinality']:.2f} per picture, {dataset['label_sets']:,} different label "
        f"sets; {dataset['without_label']:,} pictures without a label",
    ]
    more = {
        "split": dataset["split"]
        and ", ".join(f"{part} {count:,}" for part, count in dataset["split"].items()),
        "groups": dataset["groups"],
        "objects": dataset["objects"],
        "unknown answers": dataset["unknown_answers"] or None,
        "ready features": dataset["features"],
    }
    told = [f"{name}: {value}" for name, value in more.items() if value is not None]
    return [*lines, "; ".join(told)] if told else lines


def findings(told: dict[str, Any]) -> list[str]:
    """Say what is wrong with a data set, a line for each matter."""
    lines = []
    if rare := told["too_rare"]:
        names = ", ".join(rare[:_MOST_LABELS]) + (", ..." if len(rare) > _MOST_LABELS else "")
        lines.append(f"Too rare to be judged ({len(rare)}): {names}")
    if "unreadable" not in told:
        return lines
    lines.append(f"Unreadable pictures: {len(told['unreadable'])}")
    lines += [
        f"  {entry['where']}: {entry['image']}: {entry['reason']}"
        for entry in told["unreadable"][:_MOST_PICTURES]
    ]
    same = told["identical"]
    lines.append(
        f"Byte-identical: {same['copies']} copies; {same['groups_across_splits']} pictures are on "
        f"both sides of the split, {same['groups_with_other_labels']} carry different labels"
    )
    lines += ["  " + " = ".join(map(named, group)) for group in same["groups"][:_MOST_PICTURES]]
    if (near := told["near"]) is not None:
        sides = " across the split" if near["across_splits"] else ""
        lines.append(
            f"Nearly identical{sides} (cosine of features {near['threshold']:g} or more): "
            f"{len(near['pairs'])} pairs"
        )
        lines += [
            f"  {pair['cosine']:.3f}  " + " ~ ".join(map(named, pair["images"]))
            for pair in near["pairs"][:_MOST_PICTURES]
        ]
    return lines


def named(picture: dict[str, Any]) -> str:
    """Name a picture, and its part where there are parts."""
    part = f" ({picture['split']})" if "split" in picture else ""
    return f"{picture['image']}{part}"


def _labels(told: dict[str, Any]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("label")
    columns = {
        "images": "pictures",
        "prevalence": "share",
        "train": "train",
        "test": "test",
        "objects": "objects",
        "unknown": "unknown",
    }
    shown = {key: name for key, name in columns.items() if any(_filled(told["labels"], key))}
    for name in shown.values():
        table.add_column(name, justify="right")
    frequent = sorted(told["labels"], key=lambda label: -label["images"])
    for label in frequent[:_MOST_LABELS]:
        named_label = Text(label["name"], style="" if label["judgeable"] else "yellow")
        table.add_row(named_label, *(_cell(label[key]) for key in shown))
    return table


def _filled(labels: list[dict[str, Any]], key: str) -> list[bool]:
    return [key in label and (key != "unknown" or label[key] > 0) for label in labels]


def _cell(value: float) -> str:
    return f"{value:.2%}" if isinstance(value, float) else f"{value:,}"
