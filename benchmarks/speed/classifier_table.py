"""What `classifiers` measured, as tables; computes nothing."""

from typing import Any

from rich.console import Console
from rich.table import Table

_COLUMNS = {
    "ours s": ("our_seconds", ".2f"),
    "theirs s": ("rival_seconds", ".2f"),
    "ratio": ("ratio", ".1f"),
    "by default": ("default_ratio", ".1f"),
    "our cpu s": ("our_cpu_seconds", ".2f"),
    "their cpu s": ("rival_cpu_seconds", ".2f"),
    "cpu ratio": ("cpu_ratio", ".1f"),
    "our gap": ("our_gap", ".0e"),
    "their gap": ("rival_gap", ".0e"),
    "our objective": ("our_objective", ".5g"),
    "their objective": ("rival_objective", ".5g"),
    "our memory": ("our_memory_of_X", ".1f"),
    "their memory": ("rival_memory_of_X", ".1f"),
}


def print_result(result: dict[str, Any]) -> None:
    """Print everything.

    Parameters
    ----------
    result : dict
        What `classifiers.measure` gave.
    """
    console = Console(width=190, highlight=False)
    data, machine = result["data"], result["machine"]
    console.print(
        f"{data['images']:,} x {data['features']:,} features of {data['name']}, C {data['C']:g},"
        f" {machine['processors']} processors; memory in multiples of the features'"
    )
    table = Table("what", box=None, pad_edge=False, header_style="bold")
    for heading in _COLUMNS:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in result["comparisons"]:
        label = f"{row['what']}: {row['rival']}"
        if row.get("rival_labels_measured"):
            label += f" ({row['rival_labels_measured']} labels timed)"
        if "unavailable" in row:
            label = f"{label}: {row['unavailable'][:60]}"
        table.add_row(label, *(_shown(row, *column) for column in _COLUMNS.values()))
    console.print(table)
    for row in (*result["growth"], *result["large"]):
        features = f" x {row['features']:,}" if "features" in row else ""
        told = row.get("unavailable") or (
            f"{row['seconds']:.2f} s, {row['cpu_seconds']:.2f} s of all processors, "
            f"{row['memory_of_X']:.2f} x the memory of the features"
        )
        model = row.get("model", "LogisticBinaryRelevance")
        console.print(
            f"{model}, {row['images']:,} images{features}, {row['labels']} labels: {told}"
        )
    for aim in result["aims"]:
        ratio = "not measured" if aim["ratio"] is None else f"{aim['ratio']:.1f} x"
        if aim["default_ratio"] is not None:
            ratio += f" (by default {aim['default_ratio']:.1f} x)"
        word = "reached" if aim["reached"] else "missed"
        console.print(f"{aim['aim']}: {ratio}, aim {aim['wanted']} x: {word}")


def _shown(row: dict[str, Any], name: str, form: str) -> str:
    return format(row[name], form) if row.get(name) is not None else ""
