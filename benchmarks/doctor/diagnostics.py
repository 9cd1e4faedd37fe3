"""The diagnostics of `catnocat doctor`: all checks, and their output on the terminal."""

import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from ... import __version__
from .environment import (
    default_engine,
    describe_folder,
    describe_machine,
    installed_packages,
    measure_speed,
)

_LOW_DISK_BYTES = 10**9
_MIN_SPEEDUP = 1.3  # of bfloat16, to recommend it


def run_diagnostics(store: Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Check that everything needed is installed and works, and measure the speed.

    Parameters
    ----------
    store : Path, optional
        Folder of the feature store; the one in the cache by default.
    quick : bool, default=False
        Skip the speed measurement.

    Returns
    -------
    dict
        Plain JSON values. ``errors`` lists what prevents catnocat from working and ``advice`` what
        could be improved, each with a remedy; what could not be determined is None.
    """
    from ...features import cache_folder

    errors: list[dict[str, str]] = []
    cache = cache_folder()
    installed = installed_packages()
    folders = {
        "cache": describe_folder(cache),
        "store": describe_folder(store or cache / "features"),
    }
    errors += _package_errors(installed["packages"]) + _folder_errors(folders)
    machine = _attempt(errors, "this machine cannot be described", describe_machine)
    gpu = machine and machine["gpu"]
    defaults = _attempt(errors, "no network can be used", lambda: default_engine(gpu))
    can_measure = not quick and defaults is not None
    speed = _attempt(errors, "no features can be computed", measure_speed) if can_measure else None
    return {
        "catnocat": __version__,
        "python": platform.python_version(),
        **installed,
        **folders,
        "machine": machine,
        "defaults": defaults,
        "speed": speed,
        "errors": errors,
        "advice": _advice(installed["extras"], folders["store"], speed),
    }


def _attempt(errors: list[dict[str, str]], problem: str, check: Callable[[], Any]) -> Any:
    """Run a check; if it raises an exception, append that to the errors and return None."""
    try:
        return check()
    except Exception as error:  # an incomplete library may raise any exception
        reason = " ".join(str(error).split()) or type(error).__name__
        remedy = "reinstall catnocat: pip install --force-reinstall catnocat"
        errors.append({"message": f"{problem}: {reason}", "remedy": remedy})
        return None


def _package_errors(packages: list[dict[str, Any]]) -> list[dict[str, str]]:
    errors = []
    for package in packages:
        if package["extra"] is None and not package["fits"]:
            required = f"{package['name']}{package['required'] or ''}"
            version = package["version"]
            state = "not installed" if version is None else f"installed is {version}"
            errors.append(
                {"message": f"{required} is needed: {state}", "remedy": f"pip install '{required}'"}
            )
    return errors


def _folder_errors(folders: dict[str, Any]) -> list[dict[str, str]]:
    remedies = {
        "cache": "set the environment variable CATNOCAT_CACHE to another folder",
        "store": "choose another folder with --store",
    }
    # One error per message: the store is usually in the cache, whose remedy applies to both.
    by_message = {folders[name]["error"]: remedy for name, remedy in reversed(remedies.items())}
    return [
        {"message": message, "remedy": remedy} for message, remedy in by_message.items() if message
    ]


def _advice(
    extras: list[dict[str, Any]], store: dict[str, Any], speed: dict[str, Any] | None
) -> list[dict[str, str]]:
    advice = [
        {
            "message": f"{', '.join(extra['missing'])} is not installed: {extra['use']}",
            "remedy": extra["install"],
        }
        for extra in extras
        if extra["missing"]
    ]
    if store["free_bytes"] < _LOW_DISK_BYTES:
        message = f"the disk of the feature store has space for {store['capacity_images']:,} images"
        advice.append(
            {"message": message, "remedy": "choose a folder on another disk with --store"}
        )
    if speed is not None:
        rates = speed["network_per_second"]
        speedup = rates["bfloat16"] / rates["float32"]
        if speedup > _MIN_SPEEDUP:
            message = (
                f"bfloat16 is {speedup:.1f} times as fast as float32 here; features differ slightly"
            )
            advice.append({"message": message, "remedy": "catnocat extract --precision bfloat16"})
    return advice


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
