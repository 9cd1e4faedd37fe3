"""Measure how much each feature-extraction recipe gains in accuracy (`make recipes`)."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from ..command import run_measurement
from .comparison import measure_recipes
from .table import legend, markdown_table, terminal_table

#: From the plainest on; what was tried beyond these is told in docs/recipes.md.
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
    """Measure, print the table, and write it if asked to.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        As `run_measurement` says.
    """
    parser = argparse.ArgumentParser(
        prog="catnocat.benchmarks.experiments.recipes.command",
        description="What recipes of features are worth to the same classifier.",
    )
    parser.add_argument("table", help="a data set, as for catnocat bench")
    parser.add_argument(
        "--recipes",
        default=";".join(RECIPES),
        help="views joined by commas, recipes by semicolons; the first is the reference",
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


def _measure(asked: argparse.Namespace) -> None:
    results = measure_recipes(
        asked.table,
        [text.strip() for text in asked.recipes.split(";") if text.strip()],
        backbone=asked.backbone,
        weights=asked.weights,
        store=asked.store,
        engine=asked.engine,
        precision=asked.precision,
        sample=asked.sample,
        seed=asked.seed,
        n_jobs=asked.jobs,
        progress=True,
    )
    if asked.out is not None:
        asked.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(results, indent=1, allow_nan=False)
        (asked.out / "recipes.json").write_text(f"{text}\n", encoding="utf-8")
        (asked.out / "recipes.md").write_text(markdown_table(results), encoding="utf-8")
    console = Console()
    console.print(terminal_table(results))
    console.print(legend(results), style="dim", markup=False)


if __name__ == "__main__":
    raise SystemExit(main())
