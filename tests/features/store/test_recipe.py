import dataclasses
import json
import re

import pytest

from catnocat.features import FeatureError, Preprocessing, Recipe, View, plan_recipe


def test_json_round_trip(make_recipe):
    recipe = make_recipe(views=(View(), View("center", 320, "avg+max")))
    again = Recipe.from_json(recipe.to_json())
    assert again == recipe
    assert hash(again) == hash(recipe)
    assert again.digest == recipe.digest


def test_every_field_changes_the_digest(make_recipe):
    recipe = make_recipe()
    changes = {
        "backbone": "other",
        "weights": "1" * 64,
        "channels": 5,
        "preprocessing": Preprocessing(224, "bilinear", (0.5,) * 3, (0.5,) * 3, 0.875),
        "views": (View("center"),),
        "engine": "openvino",
        "precision": "bfloat16",
        "decoder": "other",
        "schema": 2,
        "bit_depth": 12,
    }
    assert set(changes) == {field.name for field in dataclasses.fields(Recipe)}
    digests = {make_recipe(**{key: value}).digest for key, value in changes.items()}
    assert len(digests | {recipe.digest}) == len(changes) + 1


def test_digests_of_released_recipes_do_not_change(make_recipe):
    assert make_recipe().digest.startswith("47ec331688d9d468")
    recipe = make_recipe(backbone="efficientnet_lite0", channels=1280, engine="openvino")
    assert recipe.digest.startswith("8e2c4ba4ea3661c5")


def test_folder_name_is_valid_on_every_file_system(make_recipe):
    folder = make_recipe(backbone="timm:a/b\\c d.é").folder
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", folder)
    assert folder.startswith("timm-a-b-c-d.")


def test_dimension_counts_views_and_poolings(make_recipe):
    assert make_recipe(views=(View(), View("whole", 320, "avg+max"))).dimension == 12


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"preprocessing": 3}'])
def test_invalid_recipe_is_refused(text):
    with pytest.raises(FeatureError, match="not a recipe"):
        Recipe.from_json(text)


def test_unknown_field_is_refused(make_recipe):
    with pytest.raises(FeatureError, match="not a recipe"):
        Recipe.from_json(json.dumps({**make_recipe().to_dict(), "new": 1}))


def test_recipe_without_views_is_refused(make_recipe):
    with pytest.raises(FeatureError, match="view"):
        make_recipe(views=())


def test_plan_recipe_takes_one_view_or_several():
    one = plan_recipe(views="center", engine="torch")
    assert one.views == (View("center", 224, "avg"),)
    assert plan_recipe(views=[View("center")], engine="torch") == one


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"engine": "steam"}, "engine"),
        ({"precision": "int1"}, "precision"),
        ({"backbone": "resnet"}, "backbone"),
        ({"backbone": "timm:"}, "backbone"),
        ({"views": "hole"}, "view"),
        ({"weights": "nowhere.pth"}, "no such file"),
    ],
)
def test_invalid_parameters_are_named(wrong, word):
    with pytest.raises(FeatureError, match=word):
        plan_recipe(**wrong)


def test_pixels_count_each_crop_once_per_size(make_recipe):
    views = map(View.parse, ("whole@100:avg", "flip@100:max", "five@50:avg", "center@50:max"))
    assert make_recipe(views=tuple(views)).pixels == 2 * 100**2 + 5 * 50**2
