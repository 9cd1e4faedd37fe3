import numpy as np
import pytest

from catnocat.features import FeatureError, FrozenFeatures, extract_features, plan_recipe

KEPT = ["whole@64:avg/keep", "grid2@64:avg/keep"]


def test_the_recipe_knows_the_shape():
    assert plan_recipe(views=KEPT).shape == (5, 1280)
    assert plan_recipe(views=KEPT).dimension == 5 * 1280
    assert plan_recipe(views=["whole", "flip:max"]).shape == (2560,)


@pytest.mark.parametrize(
    "views", [["whole", "grid2/keep"], ["whole:avg/keep", "grid2:avg+max/keep"]]
)
def test_regions_of_different_lengths_are_refused(views):
    with pytest.raises(FeatureError, match="regions can be kept of all views"):
        plan_recipe(views=views)


def test_extraction_gives_a_vector_for_each_region(photographs, tmp_path):
    kept = extract_features(photographs[:3], store=tmp_path, views=KEPT).X
    assert kept.shape == (3, 5, 1280)
    pooled = extract_features(
        photographs[:3], store=tmp_path, views=["whole@64:avg", "grid2@64:avg/max"]
    ).X
    assert np.allclose(kept[:, 0], pooled[:, :1280], atol=1e-4)
    assert np.allclose(kept[:, 1:].max(axis=1), pooled[:, 1280:], atol=1e-4)


def test_no_pictures_have_no_regions(tmp_path):
    assert extract_features([], store=tmp_path, views=KEPT).X.shape == (0, 5, 1280)


def test_the_transformer_gives_regions_but_no_names_of_columns(photographs, broken, tmp_path):
    features = FrozenFeatures(store=tmp_path, views=KEPT, unreadable="nan")
    found = features.fit_transform([photographs[0], next(iter(broken))])
    assert found.shape == (2, 5, 1280)
    assert np.isnan(found[1]).all()
    with pytest.raises(FeatureError, match="not columns"):
        features.get_feature_names_out()
