"""Accuracy and cost of feature-extraction recipes with the same classifier (`make recipes`)."""

import argparse
import json
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.preprocessing import StandardScaler

from ...classifiers import LogisticBinaryRelevanceCV
from ...features import (
    QUALITIES,
    Extraction,
    Recipe,
    View,
    blocks_of,
    extract_features,
    find_backbone,
    plan_recipe,
    progress_bar,
)
from ...features.preprocessing import ViewBatching
from ..data import load_dataset
from ..data.tables import LabelTable
from ..evaluation import INNER_FOLDS, Fold, inner_folds, outer_folds, relative_test_size
from ..metrics import Scorecard
from ..significance import compare_with_references
from ..utils import InputError, format_signed
from .command import run_measurement

Part = tuple[str, View]
"""A network and one of its views."""

PENALTIES = (3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)


def measure_recipes(
    dataset: str | Path,
    recipes: Sequence[str],
    *,
    backbone: str = "efficientnet_lite0",
    weights: str | Path | None = None,
    store: str | Path | None = None,
    engine: str = "auto",
    precision: str = "float32",
    sample: int = 64,
    seed: int = 0,
    n_jobs: int = -1,
    progress: bool = False,
) -> dict[str, Any]:
    """Fit the same classifier on the features of each recipe and score it on the same images.

    The classifier is one logistic regression per label on standardised features. C and the best
    recipe are selected by out-of-fold macro AP within the training images. The test images (the
    split of the table, or else a stratified fifth) are scored once per recipe.

    Parameters
    ----------
    dataset : str or path
        As in `catnocat.benchmarks.bench`.
    recipes : sequence of str
        Views joined by commas, or a backbone, a space and its views; the first recipe is the
        reference.
    backbone, weights, store, engine, precision
        As in `catnocat.features.extract_features`.
    sample : int
        Number of images for timing each recipe; 0: no timing.
    seed : int
    n_jobs : int
        Number of parallel processes of the bootstrap.
    progress : bool

    Returns
    -------
    dict
        JSON values; ``"recipes"`` has an entry per recipe, ``"chosen"`` is the selected one.

    Raises
    ------
    InputError, catnocat.features.FeatureError
        If the data set, a recipe or the backbone is invalid.
    """
    options: dict[str, Any] = {
        "backbone": backbone,
        "weights": weights,
        "engine": engine,
        "precision": precision,
    }
    planned = plan_recipes(recipes, options)
    costs = {name: count_multiply_adds(recipe, weights) for name, recipe in planned.items()}
    table = load_dataset(dataset, n_jobs=n_jobs, progress=progress)
    vectors = RecipeVectors(
        table.paths,
        list(planned.values()),
        store=store,
        progress=progress,
        **options,
    )
    readable = table.take(np.flatnonzero(vectors.readable))
    fold = outer_folds(readable, None, seed)[0]
    entries, cards = [], {}
    with progress_bar("recipes", show=progress) as bar:
        for number, (name, recipe) in enumerate(planned.items()):
            rate = vectors.images_per_second(name, sample) if sample else None
            scores, cards[name] = _evaluate(vectors.vectors(recipe), readable, fold, seed)
            entries.append(_describe(name, recipe, costs[name], costs[recipes[0]], rate) | scores)
            bar(number + 1, len(planned))
    units = None if readable.group is None else readable.group[fold.test]
    compared = compare_with_references(
        cards,
        dict.fromkeys(cards, recipes[0]),
        units=units,
        relative_test_size=relative_test_size([fold]),
        seed=seed,
        n_jobs=n_jobs,
    )
    for entry in entries:
        comparison = compared[entry["recipe"]]
        entry["interval"] = comparison["intervals"]["macro_ap"]
        entry["gain"] = (comparison["against_reference"] or {}).get("macro_ap")
    return {
        "dataset": readable.name,
        "images": {"train": len(fold.train), "test": len(fold.test)},
        "labels": readable.n_labels,
        "unreadable_images": int((~vectors.readable).sum()),
        "backbone": planned[recipes[0]].backbone,
        "engine": recipe.engine,
        "precision": recipe.precision,
        "seed": seed,
        "inner_folds": INNER_FOLDS,
        "reference": recipes[0],
        "chosen": max(entries, key=lambda entry: entry["inner_macro_ap"])["recipe"],
        "recipes": entries,
    }


def split_recipe(text: str, backbone: str) -> tuple[str, str]:
    """Return the backbone and the views of a recipe; without a backbone, the given one.

    Examples
    --------
    >>> split_recipe("whole, flip", "lite0"), split_recipe("lite0+lite2 whole;flip", "lite0")
    (('lite0', 'whole,flip'), ('lite0+lite2', 'whole;flip'))
    """
    text = re.sub(r"\s*([,;])\s*", r"\1", text.strip())
    network, _, views = text.rpartition(" ")
    return network.strip() or backbone, views


def plan_recipes(recipes: Sequence[str], options: dict[str, Any]) -> dict[str, Recipe]:
    """Return the recipe of each text, in order."""
    if not recipes:
        raise InputError("--recipes: no recipe given; name views such as whole@224:avg")
    planned: dict[str, Recipe] = {}
    for text in recipes:
        backbone, views = split_recipe(text, options["backbone"])
        if options["weights"] is not None and backbone != options["backbone"]:
            raise InputError(
                f"--recipe {text!r}: a file of weights belongs to one network; leave out --weights"
            )
        recipe = plan_recipe(**options | {"backbone": backbone, "views": views})
        if len(recipe.shape) > 1:
            raise InputError(
                f"--recipes: {text!r} keeps regions; a recipe needs one vector per image"
            )
        if recipe in planned.values():
            raise InputError(f"--recipes: {text!r} is given twice; give it once")
        planned[text] = recipe
    return planned


def _evaluate(
    X: NDArray[np.float32], table: LabelTable, fold: Fold, seed: int
) -> tuple[dict[str, float], Scorecard]:
    """Fit and select C on the training images, score the test images."""
    training, test = table.take(fold.train), table.take(fold.test)
    scaler = StandardScaler().fit(X[fold.train])
    inner = [(part.train, part.test) for part in inner_folds(training, seed)]
    model = LogisticBinaryRelevanceCV(Cs=PENALTIES, cv=inner)
    model.fit(scaler.transform(X[fold.train]), training.Y, known=training.known)
    P = model.predict_proba(scaler.transform(X[fold.test]))
    card = Scorecard(test.Y, P, P >= 0.5, test.known)
    return {
        "C": float(model.C_),
        "inner_macro_ap": float(model.scores_.mean(axis=1).max()),
        "macro_ap": float(card.measure()["macro_ap"]),
    }, card


def _describe(
    name: str, recipe: Recipe, multiply_adds: int, reference: int, rate: float | None
) -> dict[str, Any]:
    return {
        "recipe": name,
        "backbone": recipe.backbone,
        "views": [str(view) for view in recipe.views],
        "dimension": recipe.dimension,
        "multiply_adds": multiply_adds,
        "cost": multiply_adds / reference,
        "images_per_second": rate,
    }


def count_multiply_adds(recipe: Recipe, weights: str | Path | None = None) -> int:
    """Return the multiply-adds of all networks for one image."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    total = 0
    for block in blocks_of(recipe):
        network: Any = find_backbone(block.backbone, weights).build()
        passes = ViewBatching(block.views, block.channels)
        for view, crops in zip(passes.networks, passes.crops, strict=True):
            images = torch.zeros(1, 3, view.size, view.size)
            with FlopCounterMode(display=False) as counter:
                network.trunk(images)
            total += len(crops) * counter.get_total_flops() // 2
    return total


def parts_of(recipe: Recipe) -> list[Part]:
    """Return the network and view of each part of a recipe, in the order of its features."""
    return [(block.backbone, view) for block in blocks_of(recipe) for view in block.views]


class RecipeVectors:
    """Feature vectors of many recipes, of which each crop passes each network once.

    Parameters
    ----------
    paths : sequence of str
    recipes : sequence of Recipe
    progress : bool
        Show a progress bar for each network, crop and size.
    **options
        Options of `catnocat.features.extract_features`.

    Attributes
    ----------
    readable : array of bool, shape (n,)
        Whether each image can be read.
    """

    def __init__(
        self, paths: Sequence[str], recipes: Sequence[Recipe], *, progress: bool, **options: Any
    ) -> None:
        self.paths = paths
        self.options = options
        self._views: dict[tuple[str, str, int], list[View]] = {}
        for network, view in dict.fromkeys(part for recipe in recipes for part in parts_of(recipe)):
            self._views.setdefault((network, view.crop, view.size), []).append(view)
        for group in self._views:
            network, crop, size = group
            with progress_bar(f"{network} {crop}@{size}", show=progress) as bar:
                extraction = self._extract(group, progress=bar)
        self.readable = extraction.readable

    def vectors(self, recipe: Recipe) -> NDArray[np.float32]:
        """Return the vectors of the readable images for one of the recipes."""
        return np.concatenate([self._part(*part) for part in parts_of(recipe)], axis=1)

    def images_per_second(self, text: str, count: int) -> float | None:
        """Time decoding and networks on `count` images with an empty store.

        Start-up time is excluded. Return None if no time remains.
        """
        paths = np.asarray(self.paths)[self.readable][: count + 8].tolist()
        backbone, views = split_recipe(text, self.options["backbone"])
        options = {**self.options, "backbone": backbone, "views": views}
        with tempfile.TemporaryDirectory() as store:
            first = extract_features(paths[:8], **{**options, "store": store})
            second = extract_features(paths[8:], **{**options, "store": store})
        images, seconds = second.computed - first.computed, second.seconds - first.seconds
        return images / seconds if images > 0 and seconds > 0 else None

    def _extract(self, group: tuple[str, str, int], **options: Any) -> Extraction:
        own = {"backbone": group[0], "views": self._views[group]}
        return extract_features(self.paths, **{**self.options, **own, **options})

    def _part(self, network: str, view: View) -> NDArray[np.float32]:
        key = (network, view.crop, view.size)
        group = self._views[key]
        extraction = self._extract(key)
        lengths = [other.shape(extraction.recipe.channels)[0] for other in group]
        start = sum(lengths[: group.index(view)])
        part: NDArray[np.float32] = extraction.X[:, start : start + lengths[group.index(view)]]
        return part


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
