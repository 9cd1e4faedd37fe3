"""Check named backbones against plain loops of their libraries (`make backbones`).

Every classification network of torchvision and networks of all families of timm get random
weights, which are saved to a file and loaded as ``--weights FILE`` loads them. Results are kept in
a file of JSON lines, so that an interrupted run continues where it stopped.
"""

import argparse
import gc
import json
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...features import Backbone, FeatureError, View, find_backbone, open_engine

ENGINES = ("torch", "openvino")
MIN_COSINE = 0.9999
MAX_DIFFERENCE = 1e-4  # of the largest value of a feature
IMAGES = 3


def check_network(
    name: str, engines: Sequence[str] = ENGINES, batch_sizes: Sequence[int] = (2, 1)
) -> dict[str, Any]:
    """Compare a network with random weights with a plain loop over the same images.

    The weights go through a file, as those of ``--weights FILE`` do.

    Parameters
    ----------
    name : str
        ``"torchvision:NAME"`` or ``"timm:NAME"``.
    engines : sequence of {"torch", "openvino"}
    batch_sizes : sequence of int
        The first is used for the comparison; with the others, the images come in reverse order.

    Returns
    -------
    dict
        `network`, `outcome` ("agrees", "differs", "refused" or "error"), `parameters`, `length`,
        `pooling`, `map` (channels or None); for each engine in `engines` the number of `rows`, the
        smallest `cosine` with the plain loop, the largest `change` with order and size of batches,
        or the `message` of a refusal.
    """
    entry: dict[str, Any] = {"network": name, "engines": {}}
    try:
        with tempfile.TemporaryDirectory() as folder:
            network = random_network(name)
            entry["parameters"] = sum(values.numel() for values in network.parameters())
            file = Path(folder) / "weights.pth"
            torch.save(network.state_dict(), file)
            backbone = find_backbone(name, file)
        entry |= {
            "length": backbone.vector_length([View(pooling=backbone.pooling)]),
            "pooling": backbone.pooling,
            "map": backbone.channels,
        }
        images = _noise(backbone.preprocessing.size)
        expected = plain_features(network, _normalize(images, backbone))
        del network
        for engine in engines:
            entry["engines"][engine] = _check_engine(
                engine, backbone, images, expected, batch_sizes
            )
        outcomes = {result["outcome"] for result in entry["engines"].values()}
        order = ("error", "differs", "refused", "agrees")
        entry["outcome"] = next(outcome for outcome in order if outcome in outcomes)
    except FeatureError as error:
        entry |= {"outcome": "refused", "message": str(error)}
    except Exception as error:  # a bug; the table shows it
        entry |= {"outcome": "error", "message": f"{type(error).__name__}: {error}"}
    gc.collect()
    return entry


def random_network(name: str) -> Any:
    """Return a network whose every part has an effect, in evaluation mode.

    Libraries start many factors at 0 or 1e-6, so that an error in a block would not show.
    """
    library, _, architecture = name.partition(":")
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if library == "timm":
            import timm

            network = timm.create_model(architecture)
        else:
            from torchvision import models

            network = models.get_model(architecture, weights=None)
    with torch.no_grad():
        for key, values in network.state_dict().items():
            if not values.is_floating_point() or values.ndim > 1:
                continue
            if key.endswith(("weight", "running_var", "gamma")):
                values.uniform_(0.5, 1.5)
            elif key.endswith(("bias", "running_mean")):
                values.normal_(std=0.1)
    return network.eval()


def plain_features(network: Any, images: torch.Tensor) -> NDArray[np.float32]:
    """Return the input of the last layer of a network in a forward pass.

    For several last layers (distilled networks) it is the mean of their inputs; for a convolution
    (SqueezeNet) the mean over positions.
    """
    layers = last_layers(network)
    inputs: list[torch.Tensor] = []
    hooks = [
        layer.register_forward_pre_hook(lambda _, arguments: inputs.append(arguments[0]))
        for layer in layers
    ]
    with torch.inference_mode():
        output = network(images)
    for hook in hooks:
        hook.remove()
    if not inputs:  # without a classifier
        inputs = [output]
    flat = [rows.mean((2, 3)) if rows.ndim == 4 else rows for rows in inputs]
    # Classifiers of several scales (CrossViT), or of each token.
    if any(rows.shape != (len(images), flat[0].shape[-1]) for rows in flat):
        with torch.inference_mode():
            flat = [network.forward_head(network.forward_features(images), pre_logits=True)]
    return torch.stack(flat).mean(0).numpy()


def last_layers(network: Any) -> list[torch.nn.Module]:
    """Return the classifiers of a network, without `torch.nn.Identity`.

    A normalisation that timm removes together with the classifier (`NormLinear`) is part of it.
    """
    if hasattr(network, "get_classifier"):
        head = network.get_classifier()
        layers = list(head) if isinstance(head, tuple | list | torch.nn.ModuleList) else [head]
    else:
        heads = ("classifier", "fc", "head", "heads")
        layers = [
            module
            for key, module in network.named_modules()
            if key.partition(".")[0] in heads
            and isinstance(module, torch.nn.Linear | torch.nn.Conv2d)
        ][-1:]
    owners = {
        part: module
        for module in network.modules()
        if type(module).__name__ == "NormLinear"
        for part in module.children()
    }
    return [
        owners.get(layer, layer)
        for layer in layers
        if isinstance(layer, torch.nn.Module) and not isinstance(layer, torch.nn.Identity)
    ]


def _check_engine(
    engine: str,
    backbone: Backbone,
    images: NDArray[np.uint8],
    expected: NDArray[np.float32],
    batch_sizes: Sequence[int],
) -> dict[str, Any]:
    view = View("whole", backbone.preprocessing.size, backbone.pooling)
    first: NDArray[np.float32] | None = None
    change = 0.0
    try:
        for batch_size in batch_sizes:
            with open_engine(engine, backbone, "float32", 1, batch_size) as opened:
                run = opened.network(view)
                if first is None:
                    first = run(images)
                again = run(np.ascontiguousarray(images[::-1]))[::-1]
            if again.shape != first.shape:
                change = float("inf")
            else:
                change = max(change, float(np.abs(again - first).max() / np.abs(first).max()))
    except FeatureError as error:
        return {"outcome": "refused", "message": str(error)}
    assert first is not None
    result: dict[str, Any] = {"rows": len(first), "change": change, "cosine": None}
    if first.shape == expected.shape:
        result["cosine"] = float(_cosines(first, expected).min())
    agrees = (
        result["rows"] == len(images)
        and result["cosine"] is not None
        and result["cosine"] >= MIN_COSINE
        and change <= MAX_DIFFERENCE
    )
    return {"outcome": "agrees" if agrees else "differs", **result}


def _noise(size: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (IMAGES, size // 16 + 1, size // 16 + 1, 3))
    fine = coarse.repeat(16, axis=1).repeat(16, axis=2)[:, :size, :size]
    noise: NDArray[np.uint8] = (fine // 2 + rng.integers(0, 128, fine.shape)).astype(np.uint8)
    return noise


def _normalize(images: NDArray[np.uint8], backbone: Backbone) -> torch.Tensor:
    mean, std = (
        torch.tensor(values).reshape(1, 3, 1, 1)
        for values in (backbone.preprocessing.mean, backbone.preprocessing.std)
    )
    return (torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255 - mean) / std


def _cosines(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    a, b = first.astype(np.float64), second.astype(np.float64)
    cosines: NDArray[np.float64] = (a * b).sum(axis=1) / (
        np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    )
    return cosines


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
    options = parser.parse_args(arguments)
    entries = _read(options.out)
    known = {entry["network"] for entry in entries}
    planned = options.names or all_networks()
    started = time.monotonic()
    for name in planned:
        if time.monotonic() - started > 60 * options.minutes:
            break
        if name in known:
            continue
        entry = check_network(name)
        entries.append(entry)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        with options.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        print(f"{name}: {entry['outcome']} {_message(entry)}".rstrip(), flush=True)
    if options.page is not None:
        write_page(
            options.page, entries, len(set(planned) - {entry["network"] for entry in entries})
        )
    wrong = sum(entry["outcome"] in ("differs", "error") for entry in entries)
    print(f"{len(entries)} networks checked, {wrong} differ or fail", file=sys.stderr)
    return 1 if wrong else 0


def all_networks() -> list[str]:
    """Return the networks to check, of both libraries in turn, small ones first.

    All of torchvision's, and for each family of timm the three whose names say that they are small.
    """
    from torchvision import models

    sizes = {
        name: min(weights.meta["num_params"] for weights in models.get_model_weights(name))
        for name in models.list_models(module=models)
    }
    torchvision = [f"torchvision:{name}" for name in sorted(sizes, key=lambda name: sizes[name])]
    turns = zip_longest(torchvision, timm_networks())
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
    return [f"timm:{name}" for names in rounds for name in names if name is not None]


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
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "torchvision", "timm"))
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
    results = [entry["engines"].get(engine, {}) for engine in ENGINES]
    cells += [
        _cell(result["message"])
        if "message" in result
        else "other shape"
        if result.get("cosine") is None
        else f"{result['cosine']:.6f}"
        for result in results
    ]
    cells += ["" if "change" not in result else f"{result['change']:.0e}" for result in results]
    return f"| {' | '.join(cells)} |"


def _message(entry: dict[str, Any]) -> str:
    messages = [
        entry.get("message"),
        *(result.get("message") for result in entry["engines"].values()),
    ]
    return "; ".join(message for message in messages if message)


def _cell(text: str) -> str:
    return " ".join(text.split())[:160].replace("|", "\\|")


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    raise SystemExit(main())
