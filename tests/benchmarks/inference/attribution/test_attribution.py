"""The evidence adds up to the score, and points at what is there."""

import numpy as np
import pytest
from PIL import Image
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from catnocat.benchmarks.inference.attribution import draw_overlay, find_evidence, highest
from catnocat.benchmarks.inference.explain.explain import orientation_of, stored_place
from catnocat.benchmarks.utils.errors import InputError
from catnocat.classifiers import LogisticBinaryRelevance, MLkNN, RegionMaxClassifier
from catnocat.features import OpenFeatures, find_backbone, plan_recipe, read_image

LABELS = ("circle", "noise")


def pictures():
    """Give pictures of a bright square somewhere, or of none."""
    rng = np.random.default_rng(0)
    found = []
    for number in range(24):
        pixels = rng.integers(60, 110, (96, 128, 3), dtype=np.uint8)
        if number % 2:
            x, y = rng.integers(0, 80), rng.integers(0, 50)
            pixels[y : y + 40, x : x + 40] = (250, 40, 30)
        found.append(Image.fromarray(pixels))
    Y = np.array([[number % 2, number % 3 == 0] for number in range(24)], np.uint8)
    return found, Y


def explained(views, classifier):
    recipe = plan_recipe(engine="torch", views=views)
    images, Y = pictures()
    with OpenFeatures(find_backbone(), recipe, keep=False) as features:
        X = features.vectors(images)
        scale = StandardScaler() if X.ndim == 2 else "passthrough"
        pipeline = Pipeline([("scale", scale), ("method", classifier)]).fit(X, Y)
        ask = pipeline.predict_proba
        return find_evidence(features, pipeline, ask, LABELS, images[1])


@pytest.mark.slow
@pytest.mark.parametrize(
    "views",
    ["whole@96", ["whole@96:avg+max", "center@128:gem"], "grid2@96:avg/concat", "flip@96:spatial2"],
    ids=str,
)
def test_the_mean_of_the_map_and_the_intercept_are_the_score(views):
    for found in explained(views, LogisticBinaryRelevance(C=1e-3)):
        assert found.kind == "exact"
        log_odds = np.log(found.probability / (1 - found.probability))
        assert found.values.mean() + found.intercept == pytest.approx(log_odds, abs=1e-4)
        assert found.score == pytest.approx(log_odds, abs=1e-4)


@pytest.mark.slow
def test_a_classifier_of_regions_is_exact_in_its_best_region():
    for found in explained("whole@96:cells3/keep", RegionMaxClassifier(rounds=1)):
        assert found.kind == "exact"
        log_odds = np.log(found.probability / (1 - found.probability))
        assert found.score == pytest.approx(log_odds, abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("views", "classifier"),
    [("whole@96", MLkNN(3)), ("whole@96:regions", LogisticBinaryRelevance(C=1e-3))],
    ids=["no weighted sum", "no sum over places"],
)
def test_others_are_covered_part_by_part(views, classifier):
    for found in explained(views, classifier):
        assert found.kind == "occlusion"
        assert found.score is None
        assert np.isfinite(found.values).all()
        overlay = draw_overlay(pictures()[0][1], found, highest([found]))
        assert overlay.mode == "RGB"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_peak_is_found_again_in_the_file_as_it_is_stored(tmp_path, orientation):
    stored = np.zeros((40, 60, 3), np.uint8)
    stored[8:12, 48:52] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.png"
    Image.fromarray(stored).save(path, exif=exif)
    image = read_image(path)
    y, x = np.argwhere(np.asarray(image)[..., 0] == 255).mean(axis=0) + 0.5
    assert orientation_of(path) == orientation
    assert stored_place((x, y), image.size, orientation) == pytest.approx((50, 10))


def test_an_unknown_label_is_refused():
    with pytest.raises(InputError, match="no label is called 'green'"):
        find_evidence(None, None, None, LABELS, None, ["green"])
