import argparse
import json

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from catnocat.benchmarks.experiments.recipes import (
    count_multiply_adds,
    main,
    markdown_table,
    recipe_texts,
)
from catnocat.features import QUALITIES, plan_recipe

RECIPES = "whole@64:avg;flip@64:avg;whole@64:avg, grid2@32:avg+max/max"


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Write a table of crops of two photographs, one of the files corrupt."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    photographs = [load_sample_image("china.jpg"), load_sample_image("flower.jpg")]
    lines = ["image,labels,split"]
    for number in range(40):
        which, dark = number % 2, number % 3 == 0
        top, left = rng.integers(0, 200), rng.integers(0, 400)
        crop = photographs[which][top : top + 200, left : left + 200] // (3 if dark else 1)
        Image.fromarray(crop).save(folder / f"{number}.jpg")
        labels = [["china", "flower"][which], *(["dark"] if dark else [])]
        lines.append(f"{number}.jpg,{'|'.join(labels)},{'train' if number < 24 else 'test'}")
    (folder / "39.jpg").write_bytes(b"broken")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def measured(images, tmp_path_factory):
    folder = tmp_path_factory.mktemp("measured")
    options = ["--engine", "torch", "--sample", "8", "--jobs", "1"]
    paths = ["--store", str(folder / "store"), "--out", str(folder / "out")]
    assert main([str(images), "--recipes", RECIPES, *options, *paths]) == 0
    return folder / "out"


@pytest.mark.slow
def test_recipes_are_compared_on_the_same_split(measured):
    results = json.loads((measured / "recipes.json").read_text(encoding="utf-8"))
    first, flip, last = results["recipes"]
    assert results["images"] == {"train": 24, "test": 15}
    assert results["unreadable_images"] == 1
    assert [entry["dimension"] for entry in results["recipes"]] == [1280, 1280, 3840]
    assert [entry["cost"] for entry in results["recipes"]] == [1, 2, 2]  # 64² + 4 · 32²
    assert flip["views"] == ["whole+flip@64:avg"]
    assert last["views"] == ["whole@64:avg", "grid2@32:avg+max/max"]
    assert first["gain"] is None
    for entry in (flip, last):
        assert entry["gain"]["difference"] == pytest.approx(entry["macro_ap"] - first["macro_ap"])
        # 15 test images have too few positives for an interval.
        assert entry["interval"] == {"low": None, "high": None, "reason": "too few positives"}
    best = max(results["recipes"], key=lambda entry: entry["inner_macro_ap"])
    assert results["chosen"] == best["recipe"]


@pytest.mark.slow
def test_the_table_marks_the_chosen_recipe(measured):
    results = json.loads((measured / "recipes.json").read_text(encoding="utf-8"))
    text = (measured / "recipes.md").read_text(encoding="utf-8")
    assert text == markdown_table(results)
    (bold,) = [line for line in text.splitlines() if "| **" in line]
    chosen = next(entry for entry in results["recipes"] if entry["recipe"] == results["chosen"])
    assert ", ".join(chosen["views"]) in bold


@pytest.mark.parametrize(
    ("recipes", "word"),
    [
        ("", "no recipe"),
        ("hole", "view"),
        ("whole;whole@224:avg", "twice"),
        ("whole;grid/keep", "keeps regions"),
    ],
)
def test_invalid_recipe_is_one_line(images, capsys, recipes, word):
    assert main([str(images), "--recipes", recipes]) == 2
    message = capsys.readouterr().err
    assert word in message
    assert message.count("\n") == 1


def test_missing_table_is_one_line(tmp_path, capsys):
    assert main([str(tmp_path / "none.csv")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.slow
def test_networks_and_their_combinations_are_compared(images, tmp_path):
    recipes = ["lite0 whole@64:avg", "lite1 whole@64:avg", "lite0+lite1 whole@64:avg;whole@96:max"]
    options = ["--engine", "torch", "--sample", "0", "--jobs", "1", "--out", str(tmp_path)]
    arguments = [word for recipe in recipes for word in ("--recipe", recipe)]
    assert main([str(images), *arguments, *options, "--store", str(tmp_path / "store")]) == 0
    results = json.loads((tmp_path / "recipes.json").read_text(encoding="utf-8"))
    first, second, both = results["recipes"]
    assert [entry["dimension"] for entry in results["recipes"]] == [1280, 1280, 2560]
    assert second["backbone"] == "efficientnet_lite1"
    assert second["cost"] == second["multiply_adds"] / first["multiply_adds"] > 1.2
    assert both["cost"] == pytest.approx(1 + second["cost"] * (96 / 64) ** 2, rel=0.01)
    assert both["views"] == ["whole@64:avg", "whole@96:max"]
    assert both["gain"]["difference"] == pytest.approx(both["macro_ap"] - first["macro_ap"])


def test_cost_agrees_with_the_multiply_adds_that_the_authors_publish():
    small, large = (
        count_multiply_adds(plan_recipe(backbone=name, engine="torch"))
        for name in ("lite0", "lite1")
    )
    # 407 and 631 million at 224 and 240 pixels, with the classifier and the normalisation.
    assert large / small == pytest.approx(631 / 407, rel=0.02)
    assert small == pytest.approx(407e6, rel=0.1)


def test_qualities_are_recipes_of_their_own():
    options = argparse.Namespace(qualities=True, recipe=["lite1 whole"], recipes="")
    texts = recipe_texts(options)
    assert texts[0] == "efficientnet_lite0 whole@224:avg"
    assert texts[-1] == "lite1 whole"
    assert len(texts) == len(QUALITIES) + 1
