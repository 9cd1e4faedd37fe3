"""`catnocat fit`."""

import json as json_format
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import (
    Backbone,
    Data,
    Format,
    Jobs,
    MinPositives,
    Seed,
    Store,
    Views,
    Weights,
    comma_separated,
    reads_tables,
)

if TYPE_CHECKING:
    from ..inference import Model

TABLE = (
    "menagerie, voc2007, voc2012, coco2014, coco2017, or the path of a label table or of a folder"
    " in a known layout."
)
SPLIT = (
    "Of a table with a split: all of it, for work, or the part that the benchmark fits to, so that"
    " the rest can judge."
)
_WEAKEST = 3


class Split(StrEnum):
    """Which part of a table is learned from."""

    all = "all"
    train = "train"
    test = "test"


class Calibration(StrEnum):
    """By what curves probabilities are set right."""

    none = "none"
    sigmoid = "sigmoid"
    isotonic = "isotonic"


@reads_tables
def fit(
    table: Annotated[str, typer.Argument(help=TABLE)],
    out: Annotated[Path, typer.Option(help="The model file.")] = Path("model.catnocat"),
    method: Annotated[
        str, typer.Option(help="A method of the benchmark, see 'catnocat bench'.")
    ] = "logistic",
    split: Annotated[Split, typer.Option(help=SPLIT)] = Split.all,
    calibrate: Annotated[
        Calibration, typer.Option(help="Set probabilities right on held-out images; takes longer.")
    ] = Calibration.none,
    format: Format = None,
    data: Data = None,
    store: Store = None,
    backbone: Backbone = "efficientnet_lite0",
    weights: Weights = None,
    views: Views = "whole",
    min_positives: MinPositives = 0,
    seed: Seed = 0,
    jobs: Jobs = -1,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    *,
    reading: dict[str, Any],
) -> None:
    """Fit one method to labelled pictures and write a model file.

    Its parameters and thresholds are chosen as the benchmark chooses them.
    """
    from ..inference import fit_model

    model = fit_model(
        table,
        method=method,
        out=out,
        split=split.value,
        calibrate=calibrate.value,
        format=format,
        data=data,
        store=store,
        backbone=backbone,
        weights=weights,
        views=comma_separated(views),
        min_positives=min_positives,
        seed=seed,
        n_jobs=jobs,
        progress=not json,
        **reading,
    )
    told = {"model": str(out), "method": model.method, "labels": list(model.labels)}
    if json:
        summary = told | {"training": model.training, "versions": model.versions}
        typer.echo(json_format.dumps(summary, ensure_ascii=False, allow_nan=False))
        return
    typer.echo(_told(model, out))


def _told(model: "Model", out: Path) -> str:
    about = model.training
    parts = {
        None: "",
        "all": ", train and test part (--split train leaves the test part for judging)",
        "train": ", the train part",
        "test": ", the test part",
    }
    chosen = "".join(f", {name} = {value}" for name, value in about["chosen"].items())
    lines = [
        f"{model.method}{chosen}, fitted to {about['images']:,} images of {about['dataset']}"
        f"{parts[about['split']]}",
        *_figures(about["held_out"]),
        *(f"warning: {text}" for text in about["warnings"]),
    ]
    if about["skipped_images"]:
        lines.append(f"{about['skipped_images']:,} pictures could not be read ('catnocat extract')")
    size = out.stat().st_size
    lines.append(f"{out}: {len(model.labels)} labels, {size / 1e6:,.1f} MB")
    return "\n".join(lines)


def _figures(figures: dict[str, Any]) -> list[str]:
    if figures["macro_ap"] is None:
        return []
    each = {name: ap for name, ap in figures["average_precision"].items() if ap is not None}
    weakest = sorted(each, key=each.__getitem__)[:_WEAKEST]
    told = ", ".join(f"{name} {each[name]:.2f}" for name in weakest)
    return [
        f"on images held out while C and the like were chosen: macro AP {figures['macro_ap']:.3f};"
        f" weakest: {told}"
    ]
