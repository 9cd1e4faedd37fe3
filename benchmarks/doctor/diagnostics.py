"""All diagnostics of `catnocat doctor`, as a plain dictionary."""

import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ... import __version__
from .environment import default_engine, describe_folder, describe_machine, installed_packages
from .speed import measure_speed

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
