"""What `catnocat doctor` found, on the terminal."""

from typing import Any

from rich.console import Console
from rich.text import Text


def print_examination(told: dict[str, Any], console: Console | None = None) -> None:
    """Print what `examine` found.

    Parameters
    ----------
    told : dict
    console : rich.console.Console or None
        None prints to stdout.
    """
    console = console or Console()
    rows = [*_rows(told)]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        console.print(Text(f"{name:<{width}}  "), Text(value), sep="", soft_wrap=True)
    for title, style in (("broken", "bold red"), ("advice", "bold yellow")):
        for one in told[title]:
            console.print()
            console.print(Text(f"{title}: ", style), Text(one["what"]), sep="", soft_wrap=True)
            console.print(Text(f"  {one['remedy']}"), soft_wrap=True)
    console.print()
    if told["broken"]:
        console.print(Text("Something that is needed is broken.", "bold red"))
    else:
        console.print(Text("Everything that is needed works.", "bold green"))


def _rows(told: dict[str, Any]) -> Any:
    yield "catnocat", f"{told['catnocat']}, Python {told['python']}"
    for extra in (None, *(one["name"] for one in told["extras"])):
        of_extra = [one for one in told["packages"] if one["extra"] == extra]
        if of_extra:
            yield extra or "packages", ", ".join(map(_package, of_extra))
    if told["machine"]:
        yield from _machine(told["machine"])
    if told["choice"]:
        choice = told["choice"]
        yield "engine", f"{choice['engine']}: {choice['engine_why']}"
        yield "precision", f"{choice['precision']}: {choice['precision_why']}"
        yield "decoder", choice["decoder"].replace("/", ", ")
    yield "cache", _folder(told["cache"])
    yield "store", _folder(told["store"])
    if told["speed"]:
        yield from _speed(told["speed"])


def _package(one: dict[str, Any]) -> str:
    if one["version"] is None:
        return f"{one['name']} missing"
    return f"{one['name']} {one['version']}" + ("" if one["fits"] else f" (not {one['required']})")


def _machine(machine: dict[str, Any]) -> Any:
    usable, all_of_them = machine["usable_processors"], machine["processors"]
    processors = f"{usable}" if usable == all_of_them else f"{usable} of {all_of_them}"
    yield "machine", f"{machine['system']}, {machine['architecture']}"
    yield "processors", f"{processors}, {machine['torch_threads']} torch threads"
    yield "graphics", machine["gpu"] or "no processor that torch can use"


def _folder(about: dict[str, Any]) -> str:
    state = "can be written to" if about["writable"] else "CANNOT be written to"
    room = f"{about['free_bytes'] / 1e9:,.1f} GB free: {about['room_for_pictures']:,} pictures"
    return f"{about['folder']}, {state}, {room}"


def _speed(speed: dict[str, Any]) -> Any:
    networks = ", ".join(
        f"{rate:,.0f} {name}" for name, rate in speed["network_per_second"].items()
    )
    photos = speed["photos_per_second"]
    yield "decoding", f"{speed['decoded_per_second']:,.0f} photos/s by one processor"
    yield "network", f"{networks} pictures/s"
    yield (
        "together",
        f"{photos:,.0f} photos/s ({speed['photo']}), {_duration(10_000 / photos)} for 10,000,"
        f" after {speed['start_seconds']:.1f} s to start",
    )


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
