"""The diagnostics of `catnocat doctor` on the terminal."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text


def print_diagnostics(diagnostics: dict[str, Any], console: Console | None = None) -> None:
    """Print the result of `run_diagnostics`.

    Parameters
    ----------
    diagnostics : dict
    console : rich.console.Console or None
        None prints to stdout.
    """
    console = console or Console()
    rows = [*_rows(diagnostics)]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        console.print(Text(f"{name:<{width}}  "), Text(value), sep="", soft_wrap=True)
    for key, title, style in (
        ("errors", "error: ", "bold red"),
        ("advice", "advice: ", "bold yellow"),
    ):
        for entry in diagnostics[key]:
            console.print()
            console.print(Text(title, style), Text(entry["message"]), sep="", soft_wrap=True)
            console.print(Text(f"  {entry['remedy']}"), soft_wrap=True)
    console.print()
    if diagnostics["errors"]:
        console.print(Text("catnocat does not work on this machine yet.", "bold red"))
    else:
        console.print(Text("Everything that is needed works.", "bold green"))


def _rows(diagnostics: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "catnocat", f"{diagnostics['catnocat']}, Python {diagnostics['python']}"
    for extra in (None, *(entry["name"] for entry in diagnostics["extras"])):
        packages = [entry for entry in diagnostics["packages"] if entry["extra"] == extra]
        if packages:
            yield extra or "packages", ", ".join(map(_format_package, packages))
    if machine := diagnostics["machine"]:
        usable, total = machine["usable_processors"], machine["processors"]
        processors = f"{usable}" if usable == total else f"{usable} of {total}"
        yield "machine", f"{machine['system']}, {machine['architecture']}"
        yield "processors", f"{processors}, {machine['torch_threads']} torch threads"
        yield "GPU", machine["gpu"] or "none that torch can use"
    if defaults := diagnostics["defaults"]:
        yield "engine", f"{defaults['engine']}: {defaults['engine_reason']}"
        yield "precision", f"{defaults['precision']}: {defaults['precision_reason']}"
        yield "decoder", defaults["decoder"].replace("/", ", ")
    yield "cache", _format_folder(diagnostics["cache"])
    yield "store", _format_folder(diagnostics["store"])
    if diagnostics["speed"]:
        yield from _speed_rows(diagnostics["speed"])


def _format_package(package: dict[str, Any]) -> str:
    name, version = package["name"], package["version"]
    if version is None:
        return f"{name} missing"
    return f"{name} {version}" + ("" if package["fits"] else f" (not {package['required']})")


def _format_folder(folder: dict[str, Any]) -> str:
    state = "writable" if folder["writable"] else "NOT writable"
    free = f"{folder['free_bytes'] / 1e9:,.1f} GB free for {folder['capacity_images']:,} images"
    return f"{folder['folder']}, {state}, {free}"


def _speed_rows(speed: dict[str, Any]) -> Iterator[tuple[str, str]]:
    networks = ", ".join(
        f"{rate:,.0f} ({precision})" for precision, rate in speed["network_per_second"].items()
    )
    rate = speed["images_per_second"]
    seconds = 10_000 / rate
    duration = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    yield "decoding", f"{speed['decoded_per_second']:,.0f} images/s by one processor"
    yield "network", f"{networks} images/s"
    yield (
        "extraction",
        f"{rate:,.0f} images/s ({speed['image']}): {duration} for 10,000, after"
        f" {speed['start_seconds']:.1f} s to start",
    )
