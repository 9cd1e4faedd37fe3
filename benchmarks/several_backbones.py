"""Compare several backbones, and several choices of views, on one data set."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from .analysis import BackboneResults, Results, ScoredPredictions, compare_backbones
from .analysis.backbone_comparison import NetworkResult
from .benchmark import bench, parse_options
from .report import write_backbone_reports
from .report.text import backbone_sentences
from .utils import InputError, open_output_folder, translate_write_errors, write_json

ALTERNATIVES = "|"


def bench_backbones(
    dataset: str | Path = "menagerie",
    *,
    backbones: Sequence[str],
    views: Sequence[str] = ("whole",),
    out: str | Path | None = None,
    **options: Any,
) -> BackboneResults:
    """Compare multi-label classifiers on the features of several networks.

    Parameters
    ----------
    dataset : str or Path
        A name or a path, see `load_dataset`.
    backbones : sequence of str
        Networks, each as `catnocat.features.extract_features` takes it; the first one is the
        reference.
    views : sequence of str
        Choices of views, each as comma-separated text; every network is run with each of them.
    out : path or None
        Folder for `results.json`, `report.html` and `report.md`; those of each network are in a
        folder of their own in it. None writes nothing.
    **options
        Options of `bench`.

    Returns
    -------
    BackboneResults
        The content of the joint `results.json`: the results of each network with its views, and
        their comparison.

    Raises
    ------
    InputError, catnocat.features.FeatureError
        For wrong input; the message is one line.

    Examples
    --------
    ::

        bench_backbones("pets/labels.csv", backbones=["lite0", "lite2"],
                        views=["whole", "whole@320:avg+max"])
    """
    pairs = [(backbone, text) for backbone in backbones for text in views]
    if len(set(pairs)) < max(2, len(pairs)):
        raise InputError("--backbone: name at least two networks or views to compare, each once.")
    if options.get("weights") is not None:
        raise InputError(
            "--weights: a file of weights belongs to one network; compare several backbones"
            " without it, or one network with it."
        )
    config = parse_options(
        {key: value for key, value in options.items() if key != "progress"}
        | {"backbone": ",".join(backbones), "views": f" {ALTERNATIVES} ".join(views)}
    )
    networks = []
    with open_output_folder(out) as folder:
        for number, (backbone, text) in enumerate(pairs, start=1):
            scored: list[ScoredPredictions] = []
            results = bench(
                dataset,
                out=None if folder is None else folder / folder_name(number, backbone, text, views),
                backbone=backbone,
                views=tuple(text.split(",")),
                on_scored=scored.append,
                **options,
            )
            networks.append(NetworkResult(backbone, text, results, scored[0].resampled))
    _check_same_images(networks)
    comparison = compare_backbones(networks)
    summary: BackboneResults = {
        "backbones": [cast(Results, network.results) for network in networks],
        "comparison": comparison,
        "answer": " ".join(backbone_sentences(comparison)),
        "command": config.command(dataset),
    }
    if folder is not None:
        with translate_write_errors(folder):
            write_json(folder / "results.json", summary)
            write_backbone_reports(summary, folder)
    return summary


def folder_name(number: int, backbone: str, text: str, views: Sequence[str]) -> str:
    """Return the name of the folder for the report of one network.

    Examples
    --------
    >>> folder_name(2, "timm:resnet18.a1_in1k", "whole", ["whole"])
    '2-timm-resnet18.a1_in1k'
    """
    name = f"{backbone}-{text}" if len(views) > 1 else backbone
    return f"{number}-{re.sub('[^A-Za-z0-9_.]+', '-', name)[:80]}"


def _check_same_images(networks: Sequence[NetworkResult]) -> None:
    """Raise an InputError if the networks were not tested on the same images."""
    tested = {
        (
            network.results["protocol"]["test_images"],
            network.results["protocol"]["train_images"],
            len(network.results["skipped_images"]),
        )
        for network in networks
    }
    if len(tested) > 1:
        raise InputError(
            "the networks were not tested on the same images, since near duplicates were searched"
            " with the features of each; compare several backbones without"
            " --drop-duplicates-across-splits."
        )
