import numpy as np
import pytest

from catnocat.features import FeatureError, FrozenFeatures, extract_features, plan_recipe

KEPT = ["whole@64:avg/keep", "grid2@64:avg/keep"]


def test_recipe_has_the_shape_of_the_features():
    assert plan_recipe(views=KEPT).shape == (5, 1280)
    assert plan_recipe(views=KEPT).dimension == 5 * 1280
    assert plan_recipe(views=["whole", "flip:max"]).shape == (2560,)


@pytest.mark.parametrize(
    "views", [["whole", "grid2/keep"], ["whole:avg/keep", "grid2:avg+max/keep"]]
)
def test_regions_of_different_lengths_are_refused(views):
    with pytest.raises(FeatureError, match="regions can be kept of all views"):
        plan_recipe(views=views)


def test_extraction_returns_a_vector_for_each_region(photographs, tmp_path):
    kept = extract_features(photographs[:3], store=tmp_path, views=KEPT).X
    assert kept.shape == (3, 5, 1280)
    pooled = extract_features(
        photographs[:3], store=tmp_path, views=["whole@64:avg", "grid2@64:avg/max"]
    ).X
    assert np.allclose(kept[:, 0], pooled[:, :1280], atol=1e-4)
    assert np.allclose(kept[:, 1:].max(axis=1), pooled[:, 1280:], atol=1e-4)


def test_no_images_give_an_empty_array_of_regions(tmp_path):
    assert extract_features([], store=tmp_path, views=KEPT).X.shape == (0, 5, 1280)


def test_transformer_returns_regions_without_column_names(photographs, broken, tmp_path):
    features = FrozenFeatures(store=tmp_path, views=KEPT, unreadable="nan")
    regions = features.fit_transform([photographs[0], next(iter(broken))])
    assert regions.shape == (2, 5, 1280)
    assert np.isnan(regions[1]).all()
    with pytest.raises(FeatureError, match="not columns"):
        features.get_feature_names_out()
