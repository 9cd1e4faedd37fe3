"""`catnocat export`."""

import json as json_format
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ..utils import InputError


def export(
    model: Annotated[Path, typer.Argument(help="A model file written by 'catnocat fit'.")],
    onnx: Annotated[Path | None, typer.Option(help="The ONNX file to write.")] = None,
    with_network: Annotated[
        bool,
        typer.Option("--with-network", help="Include the network: from images to probabilities."),
    ] = False,
    weights: Annotated[
        Path | None, typer.Option(help="File of the backbone's weights, if the model needs one.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write a model as an ONNX file for other runtimes."""
    from ..inference import load
    from ..inference.export import export_onnx

    if onnx is None:
        raise InputError("name the file to write: --onnx FILE")
    with load(model, use_store=False, weights=weights) as loaded:
        report = export_onnx(loaded.record, onnx, with_network=with_network, weights=weights)
    if json:
        typer.echo(json_format.dumps({"file": str(onnx), **asdict(report)}, ensure_ascii=False))
        return
    for name, (kind, *shape) in report.inputs.items():
        typer.echo(f"input  {name}: {kind} ({', '.join(map(str, shape))})")
    typer.echo(f"output probabilities: float32 (n_images, {report.n_labels})")
    typer.echo(
        f"{onnx}: {report.n_bytes / 1e6:,.1f} MB, equal to predict_proba within"
        f" {report.difference:.1g} in ONNX Runtime"
    )
