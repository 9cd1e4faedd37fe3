import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from catnocat.features import FeatureError, FrozenFeatures, UnreadableImage, extract_features


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


def test_transform_returns_the_vectors_of_extract_features(photographs, store):
    expected = extract_features(photographs, store=store).X
    features = FrozenFeatures(store=store)
    assert np.array_equal(features.fit_transform(photographs), expected)
    column = np.array([[str(path)] for path in photographs])
    assert np.array_equal(features.transform(column), expected)


@pytest.mark.slow
def test_transformer_in_pipeline_and_grid_search(photographs, store):
    features = FrozenFeatures(store=store)
    model = make_pipeline(features, LogisticRegression(max_iter=1000))
    search = GridSearchCV(model, {"logisticregression__C": [0.01, 1]}, cv=2)
    labels = np.arange(len(photographs)) % 2
    search.fit([str(path) for path in photographs], labels)
    assert search.predict([str(photographs[0])]).shape == (1,)


def test_clone_has_the_same_parameters():
    features = FrozenFeatures(backbone="timm:resnet18", views=["center"], unreadable="nan")
    assert clone(features).get_params() == features.get_params()


@pytest.mark.slow
def test_output_can_be_a_data_frame(photographs, store):
    pandas = pytest.importorskip("pandas")
    features = FrozenFeatures(store=store, views=["whole@64:avg", "whole@64:max"])
    table = features.set_output(transform="pandas").fit_transform(photographs[:3])
    assert isinstance(table, pandas.DataFrame)
    assert list(table.columns[[0, 1280]]) == ["whole@64:avg_0", "whole@64:max_0"]


def test_unreadable_image_raises_or_gives_a_row_of_nan(photographs, broken, store):
    paths = [photographs[0], next(iter(broken)), photographs[1]]
    with pytest.raises(UnreadableImage, match="truncated"):
        FrozenFeatures(store=store).fit_transform(paths)
    rows = FrozenFeatures(store=store, unreadable="nan").fit_transform(paths)
    assert np.isnan(rows).all(axis=1).tolist() == [False, True, False]


@pytest.mark.parametrize("wrong", [[1, 2], [["a", "b"]], "one.jpg", np.zeros((2, 2))])
def test_inputs_that_are_not_paths_are_refused(wrong, store):
    with pytest.raises(FeatureError, match="paths"):
        FrozenFeatures(store=store).fit(wrong)


def test_wrong_parameter_is_named(photographs):
    with pytest.raises(FeatureError, match="unreadable"):
        FrozenFeatures(unreadable="ignore").fit(photographs)
