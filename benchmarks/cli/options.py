"""Command-line options that several commands share.

The options of `BenchOptions` and `TableOptions` are declared there. `with_options` turns them into
parameters of a command: its names, types and defaults are those of the dataclass, and the help is
taken from its docstring.
"""

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, fields
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import typer

from ..data.tables import EVERY_FORMAT, TableOptions
from ..options import REPEATABLE, BenchOptions, resolve_quality

TABLE_OPTIONS = tuple(option.name for option in fields(TableOptions))
BENCH_OPTIONS = tuple(
    option.name for option in fields(BenchOptions) if option.name not in TABLE_OPTIONS
)

Store = Annotated[
    Path | None,
    typer.Option("--store", help="Folder of the feature store.  [default: in the cache]"),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ModelFile = Annotated[Path, typer.Argument(help="A model file written by 'catnocat fit'.")]
ModelWeights = Annotated[
    Path | None,
    typer.Option("--weights", help="File of the backbone's weights, if the model needs one."),
]

_FLAGS = {"n_jobs": "--jobs"}
_METAVARS = {
    "detections": "[NAME=]FILE",
    "detection_names": "FILE",
    "zero_shot": "NAME:WEIGHTS",
    "prompts": "plain|contrast|FILE",
}

Command = TypeVar("Command", bound=Callable[..., Any])


def comma_separated(text: str) -> tuple[str, ...]:
    """Return the values of a comma-separated option."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def with_options(*names: str) -> Callable[[Command], Command]:
    """Add options of `BenchOptions` to a command, which gets their values as `options`.

    Instead of a quality, the command gets the backbone and the views of this quality.

    Parameters
    ----------
    *names : str
        Names of fields, such as ``*TABLE_OPTIONS``.

    Returns
    -------
    callable
        Decorator of a function with a keyword argument ``options``, a dictionary by field name.
    """

    def decorate(command: Command) -> Command:
        by_name = {option.name: option for option in fields(BenchOptions)}
        declared = {name: by_name[name] for name in names}

        @functools.wraps(command)
        def with_declared_options(**arguments: Any) -> Any:
            options = {name: _to_value(name, arguments.pop(name)) for name in declared}
            if "quality" in options:
                options["backbone"], options["views"] = resolve_quality(
                    options.pop("quality"), options["backbone"], options["views"]
                )
            return command(**arguments, options=options)

        signature = inspect.signature(command, eval_str=True)
        own = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for name, parameter in signature.parameters.items()
            if name != "options"
        ]
        added = [_parameter(option) for option in declared.values()]
        new: Any = with_declared_options
        new.__signature__ = signature.replace(parameters=[*own, *added])
        new.__annotations__ = {part.name: part.annotation for part in (*own, *added)} | {
            "return": signature.return_annotation
        }
        return new  # type: ignore[no-any-return]

    return decorate


def _to_value(name: str, given: Any) -> Any:
    if name in REPEATABLE:
        return tuple(given or ())
    return comma_separated(given) if _kind(name) is Sequence else given


def _parameter(option: "Field[Any]") -> inspect.Parameter:
    """Return an option as a parameter that typer understands."""
    kind: Any = _kind(option.name)
    default = option.default
    if kind is Sequence:
        kind, default = (list[str] | None, None) if option.name in REPEATABLE else (str, default)
    if isinstance(default, tuple):
        default = ",".join(default)
    flags = [_FLAGS.get(option.name, f"--{option.name.replace('_', '-')}")]
    information = typer.Option(
        *flags,
        help=_help(option.name),
        metavar=_METAVARS.get(option.name),
        show_default=default is not None and default is not False and default != "",
        **option.metadata,
    )
    return inspect.Parameter(
        option.name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=Annotated[kind, information],
        default=default,
    )


def _kind(name: str) -> Any:
    """Return the type of an option on the command line; `Sequence` if it has several values."""
    hint = get_type_hints(BenchOptions)[name]
    members = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    if any(get_origin(member) is Sequence for member in members):
        return Sequence
    return Path | None if Path in members else hint


def _help(name: str) -> str:
    text = _descriptions().get(name, "")
    if name in TABLE_OPTIONS and name not in EVERY_FORMAT:
        text = f"Label table: {text[:1].lower()}{text[1:]}"
    if name in REPEATABLE:
        return f"{text} May be repeated."
    if _kind(name) is Sequence:
        return f"{text} Comma-separated."
    return text


@functools.cache
def _descriptions() -> Mapping[str, str]:
    """Return the description of each field, from the docstrings of both classes."""
    return parse_attributes(TableOptions) | parse_attributes(BenchOptions)


def parse_attributes(cls: type) -> dict[str, str]:
    """Return the descriptions in the section "Attributes" of a class, without markup.

    Examples
    --------
    >>> parse_attributes(BenchOptions)["seed"]
    'Random seed.'
    """
    section = re.search(
        r"^Attributes\n-+\n(.*?)(?=\n\n\S|\Z)", inspect.getdoc(cls) or "", re.DOTALL | re.MULTILINE
    )
    descriptions: dict[str, str] = {}
    names: list[str] = []
    for line in section[1].splitlines() if section else ():
        if line.startswith(" "):
            for name in names:
                descriptions[name] = f"{descriptions.get(name, '')} {line.strip()}".strip()
        else:
            names = [name.strip() for name in line.partition(":")[0].split(",") if name.strip()]
    return {name: text.replace("`", "") for name, text in descriptions.items()}
