"""The options that several commands take, said once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class EngineName(StrEnum):
    """How a network is run."""

    auto = "auto"
    torch = "torch"
    openvino = "openvino"


class PrecisionName(StrEnum):
    """How exactly it computes."""

    float32 = "float32"
    bfloat16 = "bfloat16"


Format = Annotated[
    str | None, typer.Option(help="Format of a path, where it cannot be told by itself.")
]
Data = Annotated[
    Path | None, typer.Option(help="Where named data sets lie or are put.  [default: in the cache]")
]
Store = Annotated[
    Path | None, typer.Option(help="Folder of the feature store.  [default: in the cache]")
]
Backbone = Annotated[str, typer.Option(help="efficientnet_lite0, torchvision:NAME or timm:NAME.")]
Weights = Annotated[Path | None, typer.Option(help="The backbone's weights, .pth or .safetensors.")]
Views = Annotated[
    str,
    typer.Option(
        help="What is shown: comma-separated CROP[@SIZE][:POOLING]. whole@320:avg+max is better"
        " and twice the work; docs/recipes.md tells which to take when."
    ),
]
Engine = Annotated[
    EngineName,
    typer.Option(help="auto is openvino where it is installed and there is no GPU."),
]
Precision = Annotated[
    PrecisionName, typer.Option(help="bfloat16 is faster on processors made for it.")
]
Scheduler = Annotated[
    str | None, typer.Option(help="Address of a Dask scheduler whose workers do the work.")
]
MinPositives = Annotated[
    int, typer.Option(min=0, help="Leave out labels with fewer positive images.")
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of all that is drawn by chance.")]
Jobs = Annotated[int, typer.Option(help="Parallel processes; -1 for all cores.")]


def comma_separated(text: str) -> tuple[str, ...]:
    """Give the parts of an option that takes several."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
