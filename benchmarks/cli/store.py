"""`catnocat store`: list, check and clean a feature store; export and import vectors."""

import json as json_format
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .extract import format_skipped, load_images
from .options import TABLE_OPTIONS, Json, Store, comma_separated, with_options

if TYPE_CHECKING:
    from ...features import StoredRecipe

store = typer.Typer(
    help="List, check and clean a feature store; export and import vectors.",
    no_args_is_help=True,
)

Prefix = Annotated[
    str,
    typer.Option("--recipe", help="First characters of the digest of a recipe, as listed by ls."),
]


@store.command()
def ls(store: Store = None, json: Json = False) -> None:
    """List the recipes in a store, with numbers of images and sizes."""
    from ...features import list_recipes

    entries = [_describe(stored) for stored in list_recipes(_root(store))]
    if json:
        typer.echo(json_format.dumps(entries, ensure_ascii=False))
        return
    header = ("recipe", "images", "failed", "shards", "MB", "details")
    lines = [
        (
            entry["digest"],
            f"{entry['images']:,}",
            f"{entry['failed']:,}",
            f"{entry['shards']:,}",
            f"{entry['bytes'] / 1e6:,.0f}",
            _format_error(entry) or " ".join((entry["backbone"], *_format_recipe(entry["recipe"]))),
        )
        for entry in entries
    ]
    typer.echo(
        _align_columns([header, *lines]) if lines else f"{_root(store)} contains no features"
    )


@store.command()
def verify(store: Store = None, recipe: Prefix = "", json: Json = False) -> int:
    """Verify the checksums of a store; exit with 1 if anything is damaged."""
    from ...features import verify_store

    report = verify_store(_root(store), recipe)
    if json:
        damages = [{"path": str(damage.path), "reason": damage.reason} for damage in report.damages]
        counts = {"recipes": report.recipes, "shards": report.shards, "rows": report.rows}
        typer.echo(json_format.dumps({**counts, "damages": damages}, ensure_ascii=False))
        return 1 if report.damages else 0
    for damage in report.damages:
        typer.echo(str(damage))
    summary = (
        f"{report.rows:,} rows in {report.shards:,} shards of {report.recipes:,} recipes are valid"
    )
    if report.damages:
        summary += (
            "; delete the damaged ones with 'catnocat store gc --drop-damaged' and extract again"
        )
    typer.echo(summary)
    return 1 if report.damages else 0


@store.command()
def gc(
    store: Store = None,
    recipe: Prefix = "",
    older_than: Annotated[
        float,
        typer.Option(min=0, help="Keep files written in the last SECONDS."),
    ] = 3600.0,
    drop_damaged: Annotated[
        bool, typer.Option("--drop-damaged", help="Delete shards with a wrong checksum.")
    ] = False,
    json: Json = False,
) -> None:
    """Delete leftovers of crashed runs and duplicate rows, and merge small shards.

    Other processes may read and write the store at the same time.
    """
    from ...features import collect_garbage

    report = collect_garbage(_root(store), recipe, age=older_than, drop_damaged=drop_damaged)
    if json:
        output = {**asdict(report), "damaged": [str(path) for path in report.damaged]}
        typer.echo(json_format.dumps(output, ensure_ascii=False))
        return
    typer.echo(
        f"{report.leftovers:,} leftovers and {report.duplicates:,} duplicate rows deleted,"
        f" {report.merged:,} shards merged into {report.written:,},"
        f" {report.freed / 1e6:,.1f} MB freed"
    )
    action = "deleted" if drop_damaged else "kept; --drop-damaged deletes it"
    for path in report.damaged:
        typer.echo(f"{path}: damaged, {action}")


@store.command()
@with_options(*TABLE_OPTIONS)
def export(
    table: Annotated[str, typer.Argument(help="Data set whose vectors are written, in its order.")],
    out: Annotated[
        Path,
        typer.Option(help="Output .npy or .safetensors file; a .csv file is written next to it."),
    ],
    store: Store = None,
    recipe: Prefix = "",
    backbone: Annotated[str | None, typer.Option(help="Select one of several recipes.")] = None,
    views: Annotated[str | None, typer.Option(help="Select one of several recipes.")] = None,
    engine: Annotated[
        Literal["auto", "torch", "openvino"] | None,
        typer.Option(help="Select one of several recipes."),
    ] = None,
    precision: Annotated[
        Literal["float32", "bfloat16"] | None,
        typer.Option(help="Select one of several recipes."),
    ] = None,
    json: Json = False,
    *,
    options: dict[str, Any],
) -> None:
    """Export stored vectors and a table of their images. Nothing is computed."""
    from ...features import choose_recipe, export_vectors, progress_bar

    stored = choose_recipe(
        _root(store),
        recipe,
        backbone=backbone,
        views=None if views is None else comma_separated(views),
        engine=None if engine == "auto" else engine,
        precision=precision,
    )
    images = load_images(table, **options)
    with nullcontext() if json else progress_bar("reading") as bar:
        exported = export_vectors(images.paths, stored, out, names=images.images, progress=bar)
    names = dict(zip(images.paths, images.images, strict=True))
    skipped = [{"image": names[path], "reason": reason} for path, reason in exported.skipped]
    if json:
        output = {
            "out": str(out),
            "shape": exported.shape,
            "recipe": exported.recipe.to_dict(),
        }
        typer.echo(json_format.dumps({**output, "skipped_images": skipped}, ensure_ascii=False))
        return
    shape = " x ".join(f"{length:,}" for length in exported.shape)
    typer.echo(f"{shape} array: {out}; table of images: {out.with_suffix('.csv')}")
    typer.echo("\n".join(format_skipped(skipped)), nl=bool(skipped))


@store.command("import")
def import_(
    vectors: Annotated[
        Path, typer.Argument(help="A .npy or .safetensors file of shape (n_images, n_features).")
    ],
    name: Annotated[str, typer.Option(help="Name of the backbone: imported:NAME.")],
    store: Store = None,
    images: Annotated[
        Path | None,
        typer.Option(
            help="CSV file with a column sha256 or image, in the order of the vectors."
            "  [default: the .csv file next to the vectors]"
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Import vectors computed by other programs as backbone imported:NAME."""
    from ...features import import_vectors

    imported = import_vectors(vectors, name, _root(store), table=images)
    if json:
        output = {"rows": imported.rows, "new": imported.new, "recipe": imported.recipe.to_dict()}
        typer.echo(json_format.dumps(output, ensure_ascii=False))
        return
    typer.echo(
        f"{imported.rows:,} vectors of {imported.recipe.dimension:,} features,"
        f" {imported.new:,} new; use them with --backbone {imported.recipe.backbone}"
    )


def _root(store: Path | None) -> Path:
    from ...features import cache_folder

    return cache_folder() / "features" if store is None else store


def _describe(stored: "StoredRecipe") -> dict[str, Any]:
    rows = None if stored.recipe is None else stored.open()
    files = map(_size, stored.folder.iterdir())
    return {
        "digest": stored.digest,
        "folder": str(stored.folder),
        "backbone": stored.backbone,
        "images": 0 if rows is None else len(rows),
        "failed": 0 if rows is None else len(rows.failures),
        "shards": len(list(stored.folder.glob("*.idx"))),
        "bytes": sum(files),
        "recipe": None if stored.recipe is None else stored.recipe.to_dict(),
        "trouble": stored.trouble,
    }


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # a temporary file of another process, finished since
        return 0


def _format_error(entry: dict[str, Any]) -> str:
    return f"recipe.json: {entry['trouble']}" if entry["trouble"] else ""


def _format_recipe(recipe: dict[str, Any]) -> Iterable[str]:
    return (",".join(recipe["views"]), recipe["engine"], recipe["precision"])


def _align_columns(rows: list[tuple[str, ...]]) -> str:
    """Align rows of text: the first and last columns to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    last = len(widths) - 1

    def line(row: tuple[str, ...]) -> str:
        cells = (
            cell.ljust(width) if position in (0, last) else cell.rjust(width)
            for position, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    return "\n".join(map(line, rows))
