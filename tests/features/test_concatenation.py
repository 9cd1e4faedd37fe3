import json

import numpy as np
import pytest
from PIL import Image

from catnocat.features import (
    ConcatenatedRecipe,
    FeatureError,
    FrozenFeatures,
    Recipe,
    blocks_of,
    concatenate_recipes,
    extract_features,
    open_features,
    plan_recipe,
    recipe_from_dict,
    split_views,
)

BOTH = "lite0+lite1"
VIEWS = "whole@64:avg;whole@96:avg+max"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def paths(photographs):
    return photographs[:5]


@pytest.fixture(scope="module")
def both(paths, store):
    return extract_features(paths, backbone=BOTH, views=VIEWS, store=store, engine="torch")


def test_features_are_those_of_each_network_side_by_side(paths, both, store):
    alone = [
        extract_features(paths, backbone=name, views=views, store=store, engine="torch")
        for name, views in zip(("lite0", "lite1"), VIEWS.split(";"), strict=True)
    ]
    assert [extraction.computed for extraction in alone] == [0, 0]  # stored by network
    assert both.computed == len(paths)
    assert both.X.shape == (5, 1280 + 2560)
    np.testing.assert_array_equal(both.X, np.concatenate([part.X for part in alone], axis=1))
    np.testing.assert_array_equal(both.sha256, alone[0].sha256)


def test_second_combination_runs_only_the_new_network(paths, both, store):
    again = extract_features(paths, backbone=BOTH, views=VIEWS, store=store, engine="torch")
    assert again.computed == 0
    np.testing.assert_array_equal(again.X, both.X)
    folders = {folder.name.rpartition("-")[0] for folder in store.iterdir()}
    assert folders == {"efficientnet_lite0", "efficientnet_lite1"}


def test_unreadable_image_is_skipped_once(paths, both, tmp_path, store):
    extraction = extract_features(
        [paths[0], tmp_path / "none.jpg", paths[1]],
        backbone=BOTH,
        views=VIEWS,
        store=store,
        engine="torch",
    )
    assert extraction.readable.tolist() == [True, False, True]
    assert [reason for _, reason in extraction.skipped] == ["no such file"]
    np.testing.assert_array_equal(extraction.X, both.X[:2])


def test_progress_counts_each_network(paths, store, both):
    calls = []
    extract_features(
        paths,
        backbone=BOTH,
        views=VIEWS,
        store=store,
        engine="torch",
        progress=lambda done, total: calls.append((done, total)),
    )
    assert calls == [(5, 10), (10, 10)]


def test_recipe_lists_its_blocks_and_survives_json():
    recipe = plan_recipe(backbone=BOTH, views=VIEWS, engine="torch")
    assert recipe.backbone == "efficientnet_lite0+efficientnet_lite1"
    assert recipe.shape == (3840,)
    assert recipe.pixels == 64**2 + 96**2
    assert [block.backbone for block in blocks_of(recipe)] == recipe.backbone.split("+")
    again = recipe_from_dict(json.loads(recipe.to_json()))
    assert isinstance(again, ConcatenatedRecipe)
    assert (again, again.digest) == (recipe, recipe.digest)
    single = blocks_of(recipe)[0]
    assert type(recipe_from_dict(single.to_dict())) is Recipe
    assert blocks_of(single) == (single,)


def test_order_of_networks_is_part_of_the_recipe():
    digests = {
        plan_recipe(backbone=name, engine="torch").digest for name in ("lite0+lite1", "lite1+lite0")
    }
    assert len(digests) == 2


def test_default_size_is_that_of_each_network():
    recipe = plan_recipe(backbone=BOTH, engine="torch")
    assert [str(view) for view in recipe.views] == ["whole@224:avg", "whole@240:avg"]


def test_kept_regions_are_joined_region_by_region(paths, store):
    views = "whole@64:cells2/keep;whole@96:cells2/keep"
    extraction = extract_features(
        paths[:2], backbone=BOTH, views=views, store=store, engine="torch"
    )
    assert extraction.X.shape == (2, 4, 2560)
    second = extract_features(
        paths[:2], backbone="lite1", views="whole@96:cells2/keep", store=store, engine="torch"
    )
    np.testing.assert_array_equal(extraction.X[:, :, 1280:], second.X)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"backbone": "lite0+"}, "name of a network"),
        ({"backbone": "lite0+lite0"}, "given twice"),
        ({"backbone": BOTH, "views": "whole;flip;five"}, "views for 3 networks"),
        ({"backbone": "lite0", "views": "whole;flip"}, "views for 2 networks"),
        ({"backbone": BOTH, "weights": "w.pth"}, "single network"),
        ({"backbone": BOTH, "views": "whole;whole:cells2/keep"}, "numbers of regions"),
        ({"backbone": "lite0+lite9"}, "unknown backbone 'lite9'"),
    ],
)
def test_wrong_combination_is_refused_in_one_line(arguments, message):
    with pytest.raises(FeatureError, match=message) as error:
        plan_recipe(engine="torch", **arguments)
    assert "\n" not in str(error.value)


def test_engines_of_the_blocks_must_agree():
    blocks = [
        plan_recipe(engine=engine, views=f"whole@{size}")
        for engine, size in (("torch", 64), ("openvino", 96))
    ]
    with pytest.raises(FeatureError, match="differ in their engine"):
        concatenate_recipes(blocks)


def test_views_are_split_by_network():
    assert split_views(["whole", "flip;five"], 2) == [["whole", "flip"], ["five"]]
    assert split_views((), 2) == [[], []]


def test_open_features_gives_the_vectors_of_the_store(paths, both, store):
    images = [Image.open(path).convert("RGB") for path in paths[:2]]
    options = {"backbone": BOTH, "views": VIEWS, "engine": "torch"}
    with open_features(**options, use_store=False, n_jobs=1) as features:
        assert features.recipe == both.recipe
        np.testing.assert_array_equal(features.vectors(images), both.X[:2])
        extraction = features.run(paths[:2])
        np.testing.assert_array_equal(extraction.X, both.X[:2])
        assert features.vectors([]).shape == (0, 3840)


def test_contributions_of_all_networks_add_up_to_the_score(paths, both):
    image = Image.open(paths[0]).convert("RGB")
    directions = np.random.default_rng(0).normal(size=(2, 3840))
    with open_features(backbone=BOTH, views=VIEWS, engine="torch", use_store=False) as features:
        row, contributions = features.attribute(image, directions)
    np.testing.assert_allclose(row, both.X[0], atol=1e-4)
    sums = sum(crop.values.sum(axis=(1, 2)) for crop in contributions)
    np.testing.assert_allclose(sums, directions @ row, rtol=1e-6)


def test_transformer_names_the_network_of_each_feature(paths, both, store):
    transformer = FrozenFeatures(backbone=BOTH, views=VIEWS, store=store, engine="torch")
    np.testing.assert_array_equal(transformer.fit_transform(paths), both.X)
    names = transformer.get_feature_names_out()
    assert len(set(names)) == len(names) == 3840
    assert names[0] == "efficientnet_lite0_whole@64:avg_0"
    assert names[-1] == "efficientnet_lite1_whole@96:avg+max_2559"
