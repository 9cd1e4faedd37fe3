"""What a recipe of features is worth to cat/no-cat, and what it costs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from ....classifiers import LogisticBinaryRelevanceCV
from ....features import Recipe, plan_recipe, progress_bar
from ...data import load_dataset
from ...data.tables import LabelTable
from ...evaluation import INNER_FOLDS, Fold, inner_folds, outer_folds, test_to_train
from ...metrics import Scorecard
from ...significance import compare_with_references
from ...utils import InputError
from .recipe_vectors import RecipeParts

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
    """Fit the same classifier to the features of each recipe and judge it on the same images.

    The classifier is one logistic regression per label on standardised features, C chosen by
    out-of-fold macro AP within the training part, which also chooses between the recipes. The test
    part, the table's own or else a stratified fifth, is judged once for each.

    Parameters
    ----------
    dataset : str or path
        As for `catnocat.benchmarks.bench.bench`.
    recipes : sequence of str
        Views joined by commas; the first is what all others are compared with.
    backbone, weights, store, engine, precision
        As for `catnocat.features.extract_features`.
    sample : int
        How many images to time each recipe on; 0 times nothing.
    seed : int
    n_jobs : int
        Parallel processes of the bootstrap.
    progress : bool

    Returns
    -------
    dict
        Plain values; ``"recipes"`` has an entry for each, ``"chosen"`` names one of them.

    Raises
    ------
    InputError, catnocat.features.FeatureError
        With one line for the person who asked.
    """
    how: dict[str, Any] = {
        "backbone": backbone,
        "weights": weights,
        "engine": engine,
        "precision": precision,
    }
    planned = _plan(recipes, how)
    table = load_dataset(dataset, n_jobs=n_jobs, progress=progress)
    parts = RecipeParts(
        table.paths, [one.views for one in planned.values()], store=store, progress=progress, **how
    )
    readable = table.take(np.flatnonzero(parts.readable))
    fold = outer_folds(readable, None, seed)[0]
    entries, cards = [], {}
    with progress_bar("recipes", show=progress) as bar:
        for number, (name, recipe) in enumerate(planned.items()):
            rate = parts.images_per_second(recipe.views, sample) if sample else None
            judged, cards[name] = _judge(parts.vectors(recipe.views), readable, fold, seed)
            entries.append(_describe(name, recipe, planned[recipes[0]], rate) | judged)
            bar(number + 1, len(planned))
    units = None if readable.group is None else readable.group[fold.test]
    compared = compare_with_references(
        cards,
        dict.fromkeys(cards, recipes[0]),
        units=units,
        test_to_train=test_to_train([fold]),
        seed=seed,
        n_jobs=n_jobs,
    )
    for entry in entries:
        found = compared[entry["recipe"]]
        entry["interval"] = found["intervals"]["macro_ap"]
        entry["gain"] = (found["against_reference"] or {}).get("macro_ap")
    return {
        "dataset": readable.name,
        "images": {"train": len(fold.train), "test": len(fold.test)},
        "labels": readable.n_labels,
        "unreadable_images": int((~parts.readable).sum()),
        "backbone": recipe.backbone,
        "engine": recipe.engine,
        "precision": recipe.precision,
        "seed": seed,
        "inner_folds": INNER_FOLDS,
        "reference": recipes[0],
        "chosen": max(entries, key=lambda entry: entry["inner_macro_ap"])["recipe"],
        "recipes": entries,
    }


def _plan(recipes: Sequence[str], how: dict[str, Any]) -> dict[str, Recipe]:
    if not recipes:
        raise InputError("--recipes: none is named; name views, for example whole@224:avg.")
    planned: dict[str, Recipe] = {}
    for text in recipes:
        recipe = plan_recipe(views=text.split(","), **how)
        if len(recipe.shape) > 1:
            raise InputError(f"--recipes: {text!r} keeps regions, a recipe here must give a vector")
        if recipe in planned.values():
            raise InputError(f"--recipes: {text!r} is named twice; name it once.")
        planned[text] = recipe
    return planned


def _judge(
    X: NDArray[np.float32], table: LabelTable, fold: Fold, seed: int
) -> tuple[dict[str, float], Scorecard]:
    """Fit and choose C on the training part, judge on the test part."""
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


def _describe(name: str, recipe: Recipe, plainest: Recipe, rate: float | None) -> dict[str, Any]:
    return {
        "recipe": name,
        "views": [str(view) for view in recipe.views],
        "dimension": recipe.dimension,
        "cost": recipe.pixels / plainest.pixels,
        "images_per_second": rate,
    }
