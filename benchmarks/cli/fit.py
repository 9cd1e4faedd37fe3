"""`catnocat fit`."""

import json as json_format
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .data import DATASET
from .options import TABLE_OPTIONS, Json, with_options

if TYPE_CHECKING:
    from ..inference import Model

SPLIT = (
    "Part of a table with a split to fit to: all for production; train for the model that the"
    " benchmark evaluates on the test part."
)
_N_WEAKEST = 3


class Split(StrEnum):
    """The part of a table to fit to."""

    all = "all"
    train = "train"
    test = "test"


class Calibration(StrEnum):
    """Methods of probability calibration."""

    none = "none"
    sigmoid = "sigmoid"
    isotonic = "isotonic"


@with_options(
    *("format", "data", "store", "backbone", "weights", "views", "quality", "min_positives"),
    *("seed", "n_jobs"),
    *TABLE_OPTIONS,
)
def fit(
    dataset: Annotated[str, typer.Argument(help=DATASET)],
    out: Annotated[Path, typer.Option(help="The model file.")] = Path("model.catnocat"),
    method: Annotated[
        str, typer.Option(help="A method of the benchmark, see 'catnocat bench'.")
    ] = "logistic",
    split: Annotated[Split, typer.Option(help=SPLIT)] = Split.all,
    calibrate: Annotated[
        Calibration, typer.Option(help="Calibrate probabilities on held-out images; takes longer.")
    ] = Calibration.none,
    json: Json = False,
    *,
    options: dict[str, Any],
) -> None:
    """Fit one method to labelled images and write a model file.

    Its parameters and thresholds are selected as in the benchmark.
    """
    from ..inference import fit_model

    model = fit_model(
        dataset,
        method=method,
        out=out,
        split=split.value,
        calibrate=calibrate.value,
        progress=not json,
        **options,
    )
    if json:
        summary = {
            "model": str(out),
            "method": model.method,
            "labels": list(model.labels),
            "training": model.training,
            "versions": model.versions,
        }
        typer.echo(json_format.dumps(summary, ensure_ascii=False, allow_nan=False))
        return
    typer.echo(_format_summary(model, out))


def _format_summary(model: "Model", out: Path) -> str:
    training = model.training
    parts = {
        None: "",
        "all": ", train and test part (--split train keeps the test part for evaluation)",
        "train": ", the train part",
        "test": ", the test part",
    }
    params = "".join(f", {name} = {value}" for name, value in training["best_params"].items())
    lines = [
        f"{model.method}{params}, fitted to {training['images']:,} images of {training['dataset']}"
        f"{parts[training['split']]}",
        *_format_metrics(training["held_out"]),
        *(f"warning: {text}" for text in training["warnings"]),
    ]
    if training["skipped_images"]:
        lines.append(
            f"{training['skipped_images']:,} images could not be read ('catnocat extract')"
        )
    size = out.stat().st_size
    lines.append(f"{out}: {len(model.labels)} labels, {size / 1e6:,.1f} MB")
    return "\n".join(lines)


def _format_metrics(metrics: dict[str, Any]) -> list[str]:
    if metrics["macro_ap"] is None:
        return []
    by_label = {name: ap for name, ap in metrics["average_precision"].items() if ap is not None}
    weakest = sorted(by_label, key=by_label.__getitem__)[:_N_WEAKEST]
    listed = ", ".join(f"{name} {by_label[name]:.2f}" for name in weakest)
    return [
        f"on images held out in the parameter search: macro AP {metrics['macro_ap']:.3f};"
        f" lowest AP: {listed}"
    ]
