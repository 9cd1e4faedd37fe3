"""What `features` measured, as tables; computes nothing."""

from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

_COLUMNS: dict[str, Callable[[dict[str, Any]], str]] = {
    "images/s": lambda found: _shown(found, "per_second", ".0f"),
    "x obvious": lambda found: _shown(found, "times_obvious", ".1f"),
    "of ceiling": lambda found: _shown(found, "of_ceiling", ".0%"),
    "peak MB": lambda found: _shown(found, "peak_mb", ".0f"),
}

_WITHOUT_INSTRUCTIONS = (
    "This processor has no instructions for bfloat16: what is called so is computed in float32 with"
    " rounded\nweights. Its aim is for processors that have them (AMX, AVX-512 BF16)."
)


def print_result(result: dict[str, Any]) -> None:
    """Print everything.

    Parameters
    ----------
    result : dict
        What `features.measure` gave.
    """
    console = Console(width=100, highlight=False)
    machine = result["machine"]
    load = "" if machine["load"] is None else f", load {machine['load']:.1f} when done"
    console.print(f"{result['photos']['name']}, {machine['processors']} processors{load}")
    table = Table("way", box=None, pad_edge=False, header_style="bold")
    for heading in _COLUMNS:
        table.add_column(heading, justify="right", no_wrap=True)
    for label, found in result["ways"].items():
        if "unavailable" in found:
            label = f"{label}: {found['unavailable']}"
        table.add_row(label, *(cell(found) for cell in _COLUMNS.values()))
    console.print(table)
    console.print(_told_known(result["known"]))
    for row in result["growth"]:
        console.print(_told_growth(row))
    for aim in result["aims"]:
        console.print(_told_aim(aim))
    if not machine["bfloat16"]:
        console.print(_WITHOUT_INSTRUCTIONS)


def _shown(found: dict[str, Any], name: str, form: str) -> str:
    return format(found[name], form) if name in found else ""


def _told_known(found: dict[str, Any]) -> str:
    if "unavailable" in found:
        return f"stored features: {found['unavailable']}"
    return (
        f"{found['images']:,} stored features of known files: {found['seconds']:.2f} s,"
        f" {found['added_mb']:.0f} MB, of which the array is {found['array_mb']:.0f} MB;"
        f" opening without reading: {found['open_seconds']:.3f} s"
    )


def _told_growth(row: dict[str, Any]) -> str:
    if "unavailable" in row:
        return f"{row['photos']:,} photographs: {row['unavailable']}"
    return (
        f"{row['photos']:,} photographs: {row['ms_per_image']:.2f} ms each, peak"
        f" {row['peak_mb']:.0f} MB, of which the result is {row['result_mb']:.0f} MB"
    )


def _told_aim(aim: dict[str, Any]) -> str:
    told = {True: "reached", False: "MISSED", None: "not measured"}[aim["reached"]]
    sign = "at least" if aim["more_is_better"] else "at most"
    measured = "" if aim["measured"] is None else f"{aim['measured']:.3g}, "
    return f"{aim['aim']}: {measured}wanted {sign} {aim['wanted']:g}: {told}"
