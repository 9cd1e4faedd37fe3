import hashlib
import json

import numpy as np
import pytest

from catnocat.features import FeatureError, FeatureStore, choose_recipe, list_recipes

DIGESTS = [hashlib.sha256(b"an image").digest()]


@pytest.fixture
def root(tmp_path, make_recipe):
    """Return a store with two recipes and other files."""
    for precision in ("float32", "bfloat16"):
        recipe = make_recipe(precision=precision)
        FeatureStore(tmp_path, recipe).write(DIGESTS, np.ones((1, 4)))
    (tmp_path / "notes.txt").touch()
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_only_recipes_are_listed(root):
    listed = list_recipes(root)
    assert sorted(stored.recipe.precision for stored in listed) == ["bfloat16", "float32"]
    assert all(stored.folder.name.endswith(stored.digest) for stored in listed)
    assert [len(stored.open()) for stored in listed] == [1, 1]


def test_choose_recipe_returns_the_only_match(root, make_recipe):
    exact = choose_recipe(root, precision="float32", engine="torch", views=("whole",))
    assert exact.recipe == make_recipe()
    assert choose_recipe(root, make_recipe().digest[:8]).recipe == make_recipe()


@pytest.mark.parametrize(
    ("criteria", "message"),
    [
        ({}, "holds several recipes, choose one with --recipe"),
        ({"engine": "torch"}, "holds several recipes"),
        ({"backbone": "other"}, "holds no such recipe; available: "),
        ({"views": ("center",)}, "holds no such recipe"),
        ({"prefix": "nothing"}, "holds no such recipe"),
    ],
)
def test_no_match_or_several_are_reported_with_candidates(root, criteria, message):
    with pytest.raises(FeatureError, match=message) as error:
        choose_recipe(root, **criteria)
    assert "timm:test whole@224:avg torch bfloat16" in str(error.value)
    assert "\n" not in str(error.value)


def test_empty_folder_has_no_recipes(tmp_path):
    with pytest.raises(FeatureError, match="holds no features"):
        choose_recipe(tmp_path)


def test_unusable_recipes_are_listed_with_reasons(root, make_recipe):
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
