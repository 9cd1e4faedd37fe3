"""Measure how much each feature-extraction recipe gains in accuracy (`make recipes`)."""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ....features import QUALITIES
from ...utils import format_signed
from ..command import run_measurement
from .comparison import measure_recipes

# In order of cost; docs/recipes.md reports on further ones.
RECIPES = (
    "whole@224:avg",
    "center@224:avg",
    "whole+flip@224:avg",
    "five@224:avg",
    "grid2@224:avg/max",
    "whole@320:avg",
    "whole@320:avg+max",
    "whole@448:avg+max",
    "whole@224:avg,whole@320:avg+max,whole@448:avg+max",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the recipes, print the table and optionally write it.

    Parameters
    ----------
    arguments : sequence of str, optional
        Default: the arguments of the command line.

    Returns
    -------
    int
        Exit code of `run_measurement`.
    """
    parser = argparse.ArgumentParser(
        prog="python -m catnocat.benchmarks.experiments.recipes",
        description="Accuracy and cost of feature-extraction recipes with the same classifier.",
    )
    parser.add_argument("table", help="a data set, as for catnocat bench")
    parser.add_argument(
        "--recipes",
        default=";".join(RECIPES),
        help="views joined by commas, recipes by semicolons; the first is the reference",
    )
    parser.add_argument(
        "--recipe",
        action="append",
        default=[],
        metavar="'BACKBONE VIEWS'",
        help="instead of --recipes, may be repeated: a backbone, a space and its views",
    )
    parser.add_argument(
        "--qualities", action="store_true", help="instead of --recipes: those of --quality"
    )
    parser.add_argument("--backbone", default="efficientnet_lite0")
    parser.add_argument("--weights", type=Path, help="file of the backbone's weights")
    parser.add_argument("--store", type=Path, help="folder of the feature store")
    parser.add_argument("--engine", default="auto", help="auto, openvino or torch [%(default)s]")
    parser.add_argument("--precision", default="float32", help="or bfloat16 [%(default)s]")
    parser.add_argument(
        "--sample", type=int, default=64, help="images to time each recipe on [%(default)s]"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=-1, help="processes; -1: one per core")
    parser.add_argument("--out", type=Path, help="folder for recipes.json and recipes.md")
    return run_measurement(parser, _measure, arguments)


def _measure(options: argparse.Namespace) -> None:
    results = measure_recipes(
        options.table,
        recipe_texts(options),
        backbone=options.backbone,
        weights=options.weights,
        store=options.store,
        engine=options.engine,
        precision=options.precision,
        sample=options.sample,
        seed=options.seed,
        n_jobs=options.jobs,
        progress=True,
    )
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(results, indent=1, allow_nan=False)
        (options.out / "recipes.json").write_text(f"{text}\n", encoding="utf-8")
        (options.out / "recipes.md").write_text(markdown_table(results), encoding="utf-8")
    console = Console()
    console.print(terminal_table(results))
    console.print(legend(results), style="dim", markup=False)


def recipe_texts(options: argparse.Namespace) -> list[str]:
    """Return the texts of the recipes that the options name."""
    if options.qualities or options.recipe:
        qualities = QUALITIES.values() if options.qualities else ()
        return [*(f"{one.backbone} {one.views}" for one in qualities), *options.recipe]
    return [text.strip() for text in options.recipes.split(";") if text.strip()]


_COLUMNS: dict[str, Callable[[dict[str, Any]], str]] = {
    "network": lambda entry: str(entry["backbone"]).replace("+", " + "),
    "views": lambda entry: ", ".join(entry["views"]),
    "dimension": lambda entry: f"{entry['dimension']:,}",
    "cost": lambda entry: f"{entry['cost']:.1f}",
    "images/s": lambda entry: _format_rate(entry["images_per_second"]),
    "C": lambda entry: f"{entry['C']:g}",
    "folds": lambda entry: f"{entry['inner_macro_ap']:.3f}",
    "test": lambda entry: f"{entry['macro_ap']:.3f}",
    "gain": lambda entry: _format_gain(entry["gain"]),
}


TEXT_COLUMNS = ("network", "views")


def terminal_table(results: dict[str, Any]) -> Table:
    """Return the table for the terminal, with the selected recipe in bold."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in _COLUMNS:
        table.add_column(heading, justify="left" if heading in TEXT_COLUMNS else "right")
    for entry in results["recipes"]:
        bold = "bold" if entry["recipe"] == results["chosen"] else ""
        table.add_row(*(cell(entry) for cell in _COLUMNS.values()), style=bold)
    return table


def markdown_table(results: dict[str, Any]) -> str:
    """Return the table and its legend as Markdown, with the selected recipe in bold."""
    lines = [
        f"| {' | '.join(_COLUMNS)} |",
        f"|---|---|{'---:|' * (len(_COLUMNS) - len(TEXT_COLUMNS))}",
    ]
    for entry in results["recipes"]:
        network, views, *rest = (cell(entry) for cell in _COLUMNS.values())
        views = f"**{views}**" if entry["recipe"] == results["chosen"] else views
        lines.append(f"| {' | '.join([network, views, *rest])} |")
    return "\n".join([*lines, "", legend(results), ""])


def legend(results: dict[str, Any]) -> str:
    """Return a description of the measurement and of the columns."""
    images = results["images"]
    return (
        f"{results['dataset']}: {images['train']} training images, {images['test']} test images,"
        f" {results['labels']} labels; {results['engine']}, {results['precision']}. cost:"
        " multiply-adds of the networks for an image relative to the first recipe;"
        " images/s: measured in this run; folds: out-of-fold macro AP within the training images,"
        " which selects C and the recipe in bold; test: macro AP on the test images; gain: over"
        " the first recipe on the test images, with 95 % interval."
    )


def _format_rate(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.0f}"


def _format_gain(gain: dict[str, Any] | None) -> str:
    if gain is None or gain["difference"] is None:
        return "–"
    if gain["low"] is None:  # too few positive images for an interval
        return format_signed(gain["difference"])
    low, high = format_signed(gain["low"]), format_signed(gain["high"])
    return f"{format_signed(gain['difference'])} [{low}, {high}]"


if __name__ == "__main__":
    raise SystemExit(main())
