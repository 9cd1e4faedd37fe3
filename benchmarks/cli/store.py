"""`catnocat store`: look into a feature store, check it, tidy it up, move vectors in and out."""

import json as json_format
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .extract import table_of_pictures, told_skipped
from .options import EngineName, PrecisionName, comma_separated

if TYPE_CHECKING:
    from ...features import Stored

store = typer.Typer(
    help="Look into a feature store, check it, and tidy it up.",
    no_args_is_help=True,
)

Store = Annotated[
    Path | None,
    typer.Option("--store", help="Folder of the feature store.  [default: in the cache]"),
]
Prefix = Annotated[
    str, typer.Option("--recipe", help="The beginning of a recipe's digest, as ls shows it.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@store.command()
def ls(store: Store = None, json: Json = False) -> None:
    """List the recipes in a store and how much there is of each."""
    from ...features import recipes_in

    found = [_description(stored) for stored in recipes_in(_root(store))]
    if json:
        typer.echo(json_format.dumps(found, ensure_ascii=False))
        return
    heads = ("recipe", "images", "failed", "shards", "MB", "what")
    lines = [
        (
            entry["digest"],
            f"{entry['images']:,}",
            f"{entry['failed']:,}",
            f"{entry['shards']:,}",
            f"{entry['bytes'] / 1e6:,.0f}",
            _trouble(entry) or " ".join((entry["backbone"], *_details(entry["recipe"]))),
        )
        for entry in found
    ]
    typer.echo(_columns([heads, *lines]) if lines else f"{_root(store)} holds no features")


@store.command()
def verify(store: Store = None, recipe: Prefix = "", json: Json = False) -> int:
    """Read every byte of a store and name what has changed since it was written; then exit 1."""
    from ...features import verify_store

    found = verify_store(_root(store), recipe)
    if json:
        damages = [{"path": str(one.path), "reason": one.reason} for one in found.damages]
        counts = {"recipes": found.recipes, "shards": found.shards, "rows": found.rows}
        typer.echo(json_format.dumps({**counts, "damages": damages}, ensure_ascii=False))
        return 1 if found.damages else 0
    for damage in found.damages:
        typer.echo(str(damage))
    whole = f"{found.rows:,} rows in {found.shards:,} shards of {found.recipes:,} recipes are whole"
    if found.damages:
        whole += "; 'catnocat store gc --drop-damaged' removes what is not, extract makes it anew"
    typer.echo(whole)
    return 1 if found.damages else 0


@store.command()
def gc(
    store: Store = None,
    recipe: Prefix = "",
    older_than: Annotated[
        float,
        typer.Option(min=0, help="Leave alone what was written in the last so many seconds."),
    ] = 3600.0,
    drop_damaged: Annotated[
        bool, typer.Option("--drop-damaged", help="Remove shards whose bytes have changed.")
    ] = False,
    json: Json = False,
) -> None:
    """Remove what crashes left and rows that stand twice, and merge small shards.

    Others may go on reading and writing meanwhile.
    """
    from ...features import tidy_store

    done = tidy_store(_root(store), recipe, age=older_than, drop_damaged=drop_damaged)
    if json:
        about = {**asdict(done), "damaged": [str(path) for path in done.damaged]}
        typer.echo(json_format.dumps(about, ensure_ascii=False))
        return
    typer.echo(
        f"{done.leftovers:,} leftovers and {done.duplicates:,} duplicate rows removed,"
        f" {done.merged:,} shards merged into {done.written:,}, {done.freed / 1e6:,.1f} MB freed"
    )
    fate = "removed" if drop_damaged else "left; --drop-damaged removes it"
    for path in done.damaged:
        typer.echo(f"{path}: damaged, {fate}")


@store.command()
def export(
    table: Annotated[
        str, typer.Argument(help="The data set whose rows are written, in its order.")
    ],
    out: Annotated[Path, typer.Option(help="A .npy or .safetensors file; a .csv comes beside it.")],
    store: Store = None,
    recipe: Prefix = "",
    backbone: Annotated[
        str | None, typer.Option(help="Which recipe, if there are several.")
    ] = None,
    views: Annotated[str | None, typer.Option(help="Likewise.")] = None,
    engine: Annotated[EngineName | None, typer.Option(help="Likewise.")] = None,
    precision: Annotated[PrecisionName | None, typer.Option(help="Likewise.")] = None,
    json: Json = False,
) -> None:
    """Write stored vectors for other programs, with the table of their images; compute nothing."""
    from ...features import choose_recipe, export_vectors, progress_bar

    stored = choose_recipe(
        _root(store),
        recipe,
        backbone=backbone,
        views=None if views is None else comma_separated(views),
        engine=None if engine is None or engine is EngineName.auto else engine.value,
        precision=None if precision is None else precision.value,
    )
    pictures = table_of_pictures(table)
    with nullcontext() if json else progress_bar("reading") as bar:
        done = export_vectors(pictures.paths, stored, out, names=pictures.images, progress=bar)
    names = dict(zip(pictures.paths, pictures.images, strict=True))
    skipped = [{"image": names[path], "reason": reason} for path, reason in done.skipped]
    if json:
        about = {"out": str(out), "shape": done.shape, "recipe": done.recipe.to_dict()}
        typer.echo(json_format.dumps({**about, "skipped_images": skipped}, ensure_ascii=False))
        return
    shape = " x ".join(f"{length:,}" for length in done.shape)
    typer.echo(f"{shape} numbers: {out}, their images: {out.with_suffix('.csv')}")
    typer.echo("\n".join(told_skipped(skipped)), nl=bool(skipped))


@store.command("import")
def import_(
    vectors: Annotated[
        Path, typer.Argument(help="A .npy or .safetensors file, (images, numbers).")
    ],
    name: Annotated[str, typer.Option(help="The vectors become the backbone imported:NAME.")],
    store: Store = None,
    images: Annotated[
        Path | None,
        typer.Option(
            help="CSV with a column sha256 or image, row by row."
            "  [default: beside the vectors, .csv]"
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Put vectors that were made elsewhere into a store, under the name imported:NAME."""
    from ...features import import_vectors

    done = import_vectors(vectors, name, _root(store), table=images)
    if json:
        about = {"rows": done.rows, "new": done.new, "recipe": done.recipe.to_dict()}
        typer.echo(json_format.dumps(about, ensure_ascii=False))
        return
    typer.echo(
        f"{done.rows:,} vectors of {done.recipe.dimension:,} numbers, {done.new:,} of them new;"
        f" use them with --backbone {done.recipe.backbone}"
    )


def _root(store: Path | None) -> Path:
    from ...features import cache_folder

    return cache_folder() / "features" if store is None else store


def _description(stored: "Stored") -> dict[str, Any]:
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
    except FileNotFoundError:  # another one's half-done work, done by now
        return 0


def _trouble(entry: dict[str, Any]) -> str:
    return f"recipe.json: {entry['trouble']}" if entry["trouble"] else ""


def _details(recipe: dict[str, Any]) -> Iterable[str]:
    return (",".join(recipe["views"]), recipe["engine"], recipe["precision"])


def _columns(rows: list[tuple[str, ...]]) -> str:
    """Lay out rows of text: numbers, which stand in the middle, to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    last = len(widths) - 1

    def line(row: tuple[str, ...]) -> str:
        cells = (
            cell.ljust(width) if place in (0, last) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    return "\n".join(map(line, rows))
