"""The options that several commands take, declared once."""

import functools
import inspect
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from ..utils import InputError


class EngineName(StrEnum):
    """How a network is run."""

    auto = "auto"
    torch = "torch"
    openvino = "openvino"


class QualityName(StrEnum):
    """Networks and views, chosen by measurement."""

    fast = "fast"
    balanced = "balanced"
    best = "best"


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
Backbone = Annotated[
    str,
    typer.Option(
        help="lite0, lite1, lite2, torchvision:NAME, timm:NAME or openclip:NAME:WEIGHTS; joined by"
        " '+', their features are concatenated."
    ),
]
Quality = Annotated[
    QualityName | None,
    typer.Option(
        help="Networks and views by quality, instead of --backbone and --views; docs/quality.md"
        " has their accuracy and cost."
    ),
]
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


DEFAULT_BACKBONE, DEFAULT_VIEWS = "efficientnet_lite0", "whole"


def resolve_quality(quality: QualityName | None, backbone: str, views: str) -> tuple[str, str]:
    """Return backbone and views, those of a level of quality if it is given."""
    if quality is None:
        return backbone, views
    if (backbone, views) != (DEFAULT_BACKBONE, DEFAULT_VIEWS):
        raise InputError(
            f"--quality {quality.value}: chooses the networks and views; leave out --backbone and"
            " --views."
        )
    from ...features import find_quality

    chosen = find_quality(quality.value)
    return chosen.backbone, chosen.views


def comma_separated(text: str) -> tuple[str, ...]:
    """Give the parts of an option that takes several."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


class MinusOne(StrEnum):
    """What -1 in a 0/1 column means."""

    unknown = "unknown"
    absent = "absent"
    present = "present"


class Blank(StrEnum):
    """What an empty cell of a 0/1 column means."""

    unknown = "unknown"
    absent = "absent"


class SimilarLabels(StrEnum):
    """What happens to names that differ in case or spaces only."""

    merge = "merge"
    keep = "keep"


_PANEL = "How a label table is read"


def _reading(help: str, **how: Any) -> Any:
    return typer.Option(help=help, rich_help_panel=_PANEL, show_default=False, **how)


_TABLE_OPTIONS: dict[str, Any] = {
    "image_column": Annotated[str | None, _reading("Table: the column of the images' paths.")],
    "label_column": Annotated[str | None, _reading("Table: the column of the labels.")],
    "label_columns": Annotated[
        str, _reading("Table: the 0/1 columns, as in cat,dog or a pattern such as 'has_*'.")
    ],
    "separator": Annotated[
        list[str] | None,
        _reading(
            "What joins labels, as in ','; may be repeated. '|' keeps names whole that look joined."
        ),
    ],
    "image_root": Annotated[
        Path | None, _reading("Table: the folder of the images.  [default: the table's]")
    ],
    "image_suffix": Annotated[str | None, _reading("Table: what image names lack, as in .jpg.")],
    "split_column": Annotated[str | None, _reading("Table: the column that says train or test.")],
    "split_values": Annotated[str, _reading("Table: what its values mean, as in 0=train,1=test.")],
    "min_confidence": Annotated[
        float | None, _reading("Table with a row per label: rows of lower confidence do not count.")
    ],
    "minus_one": Annotated[MinusOne | None, _reading("Table: what -1 in a 0/1 column means.")],
    "blank": Annotated[Blank | None, _reading("Table: what an empty cell of a 0/1 column means.")],
    "similar_labels": Annotated[
        SimilarLabels | None, _reading("Labels that differ in case or spaces only.")
    ],
}
_LISTS = ("label_columns", "split_values")

Command = TypeVar("Command", bound=Callable[..., Any])


def reads_tables(command: Command) -> Command:
    """Give a command the options of reading a label table, as its argument `reading`.

    Parameters
    ----------
    command : callable
        With an argument ``reading``, a dictionary of the fields of `TableOptions`.

    Returns
    -------
    callable
        The command with an option for each of them.
    """

    @functools.wraps(command)
    def with_options(**arguments: Any) -> Any:
        reading = {name: arguments.pop(name, None) for name in _TABLE_OPTIONS}
        for name in _LISTS:
            reading[name] = comma_separated(reading[name] or "")
        reading["separator"] = tuple(reading["separator"] or ())
        for name in ("minus_one", "blank", "similar_labels"):
            reading[name] = None if reading[name] is None else str(reading[name])
        return command(**arguments, reading=reading)

    signature = inspect.signature(command, eval_str=True)
    own = [part for name, part in signature.parameters.items() if name != "reading"]
    added = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=annotation,
            default="" if name in _LISTS else None,
        )
        for name, annotation in _TABLE_OPTIONS.items()
    ]
    own = [part.replace(kind=inspect.Parameter.KEYWORD_ONLY) for part in own]
    with_options.__signature__ = signature.replace(parameters=[*own, *added])  # type: ignore[attr-defined]
    with_options.__annotations__ = {part.name: part.annotation for part in (*own, *added)} | {
        "return": signature.return_annotation
    }
    return with_options  # type: ignore[return-value]
