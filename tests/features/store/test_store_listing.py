import hashlib
import json

import numpy as np
import pytest

from catnocat.features import FeatureError, FeatureStore, choose_recipe, list_recipes

DIGESTS = [hashlib.sha256(b"a picture").digest()]


@pytest.fixture
def root(tmp_path, make_recipe):
    """Return a store of two recipes, and other files."""
    for precision in ("float32", "bfloat16"):
        recipe = make_recipe(precision=precision)
        FeatureStore(tmp_path, recipe).write(DIGESTS, np.ones((1, 4)))
    (tmp_path / "notes.txt").touch()
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_recipes_are_listed_and_nothing_else(root):
    found = list_recipes(root)
    assert sorted(stored.recipe.precision for stored in found) == ["bfloat16", "float32"]
    assert all(stored.folder.name.endswith(stored.digest) for stored in found)
    assert [len(stored.open()) for stored in found] == [1, 1]


def test_the_one_that_is_meant_is_found(root, make_recipe):
    exact = choose_recipe(root, precision="float32", engine="torch", views=("whole",))
    assert exact.recipe == make_recipe()
    assert choose_recipe(root, make_recipe().digest[:8]).recipe == make_recipe()


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({}, "holds several recipes, choose one with --recipe"),
        ({"engine": "torch"}, "holds several recipes"),
        ({"backbone": "other"}, "holds no such recipe; available: "),
        ({"views": ("center",)}, "holds no such recipe"),
        ({"prefix": "nothing"}, "holds no such recipe"),
    ],
)
def test_none_or_several_are_one_line_that_names_them(root, wanted, message):
    with pytest.raises(FeatureError, match=message) as error:
        choose_recipe(root, **wanted)
    assert "timm:test whole@224:avg torch bfloat16" in str(error.value)
    assert "\n" not in str(error.value)


def test_an_empty_folder_holds_no_features(tmp_path):
    with pytest.raises(FeatureError, match="holds no features"):
        choose_recipe(tmp_path)


def test_what_cannot_be_used_is_listed_with_the_reason(root, make_recipe):
    damaged, newer = (stored.folder for stored in list_recipes(root))
    (damaged / "recipe.json").write_text("{")
    values = {**make_recipe().to_dict(), "schema": 99, "more": 1}
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    newer = newer.rename(root / f"timm-test-{digest[:12]}")
    (newer / "recipe.json").write_text(json.dumps(values, indent=2) + "\n")
    troubles = {stored.folder: stored.trouble for stored in list_recipes(root)}
    assert troubles[damaged] == "is damaged"
    assert "newer catnocat (schema 99)" in troubles[newer]
    with pytest.raises(FeatureError, match=r"recipe\.json: written by a newer catnocat"):
        choose_recipe(root, digest[:12]).open()
