"""Check named backbones against plain loops (`make backbones`).

Every classification network of torchvision and networks of all families of timm get random
weights, which are saved to a file and loaded as ``--weights FILE`` loads them. Results are kept in
a file of JSON lines, so that an interrupted run continues where it stopped.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path
from typing import Any

from .backbone_check import ENGINES, IMAGES, MAX_DIFFERENCE, MIN_COSINE, check_network

MIN_TIMM = 150
_PER_FAMILY = 3
_LARGE = re.compile(
    r"huge|giant|gigantic|large|_xl|xxl|_l\b|_l_|so\d+m|_b\d{2}|_[hgl]\d+|enormous|_base|\d{3}m"
)
_SMALL = re.compile(
    r"tiny|nano|atto|femto|pico|small|mini|test_|_[ts]\b|_[ts]_|_?0?50\b|_xx?s|_0\b"
)
_BEGIN, _END = "<!-- table: begin -->\n", "<!-- table: end -->\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check networks, print one line for each, and write the table.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        1 when a network differs from the plain loop or ends in an unexpected error, else 0.
    """
    parser = argparse.ArgumentParser(
        prog="catnocat.benchmarks.experiments.backbones", description=__doc__
    )
    parser.add_argument("names", nargs="*", help="check these instead, for example timm:resnet18")
    parser.add_argument("--out", type=Path, default=Path("backbones.jsonl"), help="results so far")
    parser.add_argument("--page", type=Path, help="Markdown page whose table is replaced")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after these")
    asked = parser.parse_args(arguments)
    entries = _read(asked.out)
    known = {entry["network"] for entry in entries}
    planned = asked.names or all_networks()
    started = time.monotonic()
    for name in planned:
        if time.monotonic() - started > 60 * asked.minutes:
            break
        if name in known:
            continue
        entry = check_network(name)
        entries.append(entry)
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        with asked.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        print(f"{name}: {entry['outcome']} {_message(entry)}".rstrip(), flush=True)
    if asked.page is not None:
        write_page(asked.page, entries, len(set(planned) - {one["network"] for one in entries}))
    wrong = sum(entry["outcome"] in ("differs", "error") for entry in entries)
    print(f"{len(entries)} networks checked, {wrong} differ or fail", file=sys.stderr)
    return 1 if wrong else 0


def all_networks() -> list[str]:
    """Return the networks to check, of both libraries in turn, small ones first.

    All of torchvision's, and for each family of timm the three whose names say that they are small.
    """
    from torchvision import models

    sizes = {
        name: min(one.meta["num_params"] for one in models.get_model_weights(name))
        for name in models.list_models(module=models)
    }
    ours = [f"torchvision:{name}" for name in sorted(sizes, key=lambda name: sizes[name])]
    turns = zip_longest(ours, timm_networks())
    return [name for turn in turns for name in turn if name is not None]


def timm_networks(per_family: int = _PER_FAMILY) -> list[str]:
    """Return names of timm's networks: one of each family, then a second of each, and so on."""
    import timm

    families = []
    for module in timm.list_modules():
        names = timm.list_models(module=module)
        names.sort(key=lambda name: (bool(_LARGE.search(name)), not _SMALL.search(name), name))
        families.append(names[:per_family])
    rounds = zip_longest(*families)
    return [f"timm:{name}" for each in rounds for name in each if name is not None]


def write_page(page: Path, entries: Sequence[dict[str, Any]], missing: int) -> None:
    """Replace the table of a page."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    content = before + _BEGIN + "\n".join(table(entries, missing)) + "\n" + _END + after
    page.write_text(content, encoding="utf-8")


def table(entries: Sequence[dict[str, Any]], missing: int) -> list[str]:
    """Return the outcome of a run as lines of Markdown."""
    counts = [
        f"{sum(entry['network'].startswith(library) for entry in entries)} of {library}"
        for library in ("torchvision", "timm")
    ]
    outcomes = [
        f"{count} {words}"
        for outcome, words in (
            ("agrees", "agree on both engines"),
            ("refused", "are refused with one line on an engine or on both"),
            ("differs", "differ"),
            ("error", "end in an unexpected error"),
        )
        if (count := sum(entry["outcome"] == outcome for entry in entries)) or outcome == "differs"
    ]
    versions = ", ".join(f"{one} {version(one)}" for one in ("torch", "torchvision", "timm"))
    lines = [
        f"{len(entries)} networks were checked ({', '.join(counts)}) with {versions} and openvino"
        f" {version('openvino')}: {', '.join(outcomes)}."
        + (f" {missing} more are in the list of the command and were not run." if missing else ""),
        f"{IMAGES} images each; agreement is a cosine of at least {MIN_COSINE} and a change by the"
        f" order and size of batches of at most {MAX_DIFFERENCE:g} of the largest value.",
        "",
        "| network | numbers | pooling | map | cosine, torch | openvino | change, torch"
        " | openvino |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for entry in sorted(entries, key=lambda entry: str(entry["network"])):
        lines.append(_row(entry))
    return lines


def _row(entry: dict[str, Any]) -> str:
    if not entry.get("engines"):
        return f"| {entry['network']} | {entry['outcome']}: {_cell(entry['message'])} | | | | | | |"
    cells = [
        entry["network"],
        f"{entry['length']:,}",
        entry["pooling"],
        "none" if entry["map"] is None else f"{entry['map']:,}",
    ]
    found = [entry["engines"].get(engine, {}) for engine in ENGINES]
    cells += [
        _cell(one["message"])
        if "message" in one
        else "other shape"
        if one.get("cosine") is None
        else f"{one['cosine']:.6f}"
        for one in found
    ]
    cells += ["" if "change" not in one else f"{one['change']:.0e}" for one in found]
    return f"| {' | '.join(cells)} |"


def _message(entry: dict[str, Any]) -> str:
    messages = [entry.get("message"), *(one.get("message") for one in entry["engines"].values())]
    return "; ".join(message for message in messages if message)


def _cell(text: str) -> str:
    return " ".join(text.split())[:160].replace("|", "\\|")


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    raise SystemExit(main())
