"""Everything that `catnocat doctor` tells, as a plain dictionary."""

import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ... import __version__
from .folders import describe_folder
from .machine import choose, describe_machine
from .packages import installed_packages
from .speed import measure_speed

_LITTLE_ROOM = 10**9
_WORTH_IT = 1.3  # times as fast, before other features are worth a thought


def examine(store: Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Look whether everything needed is there and works.

    Parameters
    ----------
    store : Path, optional
        Folder of the feature store; the one in the cache if not given.
    quick : bool, default=False
        Measure nothing.

    Returns
    -------
    dict
        Plain JSON values. ``broken`` lists what keeps catnocat from working and ``advice`` what
        could be better, each with what to do about it; what could not be found out is None.
    """
    from ...features import cache_folder

    broken: list[dict[str, str]] = []
    attempt = _Attempts(broken)
    cache = cache_folder()
    told: dict[str, Any] = {
        "catnocat": __version__,
        "python": platform.python_version(),
        **installed_packages(),
        "cache": describe_folder(cache),
        "store": describe_folder(store or cache / "features"),
    }
    broken += _missing(told["packages"]) + _unwritable(told)
    told["machine"] = attempt("this machine cannot be described", describe_machine)
    gpu = told["machine"] and told["machine"]["gpu"]
    told["choice"] = attempt("no network can be used", lambda: choose(gpu))
    works = not quick and told["choice"] is not None
    told["speed"] = attempt("no features can be computed", measure_speed) if works else None
    return {**told, "broken": broken, "advice": _advice(told)}


class _Attempts:
    """Does what may fail, and notes why it did: a doctor does not faint."""

    def __init__(self, broken: list[dict[str, str]]) -> None:
        self.broken = broken

    def __call__(self, trouble: str, task: Callable[[], Any]) -> Any:
        try:
            return task()
        except Exception as error:  # whatever a half-installed library raises
            message = " ".join(str(error).split()) or type(error).__name__
            remedy = "install catnocat anew: pip install --force-reinstall catnocat"
            self.broken.append({"what": f"{trouble}: {message}", "remedy": remedy})
            return None


def _missing(packages: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "what": f"{one['name']} {one['required'] or ''} is needed, "
            + ("it is not installed" if one["version"] is None else f"{one['version']} is there"),
            "remedy": f"pip install '{one['name']}{one['required'] or ''}'",
        }
        for one in packages
        if one["extra"] is None and not one["fits"]
    ]


def _unwritable(told: dict[str, Any]) -> list[dict[str, str]]:
    remedies = {
        "cache": "let the environment variable CATNOCAT_CACHE name another folder",
        "store": "name another folder with --store",
    }
    found = {told[name]["trouble"]: remedy for name, remedy in reversed(remedies.items())}
    return [{"what": trouble, "remedy": remedy} for trouble, remedy in found.items() if trouble]


def _advice(told: dict[str, Any]) -> list[dict[str, str]]:
    advice = [
        {
            "what": f"{', '.join(extra['missing'])} is not installed: {extra['use']}",
            "remedy": extra["install"],
        }
        for extra in told["extras"]
        if extra["missing"]
    ]
    if told["store"]["free_bytes"] < _LITTLE_ROOM:
        room = told["store"]["room_for_pictures"]
        what = f"little room is left for the feature store: {room:,} pictures"
        advice.append({"what": what, "remedy": "name a folder on another disk with --store"})
    if told["speed"] is not None:
        rates = told["speed"]["network_per_second"]
        times = rates["bfloat16"] / rates["float32"]
        if times > _WORTH_IT:
            what = (
                f"bfloat16 is {times:.1f} times as fast as float32 here; features differ a little"
            )
            advice.append({"what": what, "remedy": "catnocat extract --precision bfloat16"})
    return advice
