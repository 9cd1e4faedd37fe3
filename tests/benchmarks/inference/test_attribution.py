"""Exact attribution maps add up to the score; peaks are converted to stored pixels."""

import numpy as np
import pytest
from PIL import Image
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from catnocat.benchmarks.inference.attribution import compute_attributions
from catnocat.benchmarks.inference.explain import (
    draw_overlay,
    max_attribution,
    read_orientation,
    to_stored_position,
)
from catnocat.benchmarks.utils.errors import InputError
from catnocat.classifiers import LogisticBinaryRelevance, MLkNN, RegionMaxClassifier
from catnocat.features import ExtractionConfig, FeatureExtractor, read_image

LABELS = ("circle", "noise")


def make_images():
    """Return images with or without a bright square, and their labels."""
    rng = np.random.default_rng(0)
    images = []
    for number in range(24):
        pixels = rng.integers(60, 110, (96, 128, 3), dtype=np.uint8)
        if number % 2:
            x, y = rng.integers(0, 80), rng.integers(0, 50)
            pixels[y : y + 40, x : x + 40] = (250, 40, 30)
        images.append(Image.fromarray(pixels))
    Y = np.array([[number % 2, number % 3 == 0] for number in range(24)], np.uint8)
    return images, Y


def attribute(views, classifier):
    config = ExtractionConfig(engine="torch", views=views)
    images, Y = make_images()
    with FeatureExtractor(config, use_store=False) as features:
        X = features.vectors(images)
        scale = StandardScaler() if X.ndim == 2 else "passthrough"
        pipeline = Pipeline([("scale", scale), ("method", classifier)]).fit(X, Y)
        predict_proba = pipeline.predict_proba
        return compute_attributions(features, pipeline, predict_proba, LABELS, images[1])


@pytest.mark.slow
@pytest.mark.parametrize(
    "views",
    ["whole@96", ["whole@96:avg+max", "center@128:gem"], "grid2@96:avg/concat", "flip@96:spatial2"],
    ids=str,
)
def test_mean_of_map_plus_intercept_is_the_score(views):
    for attribution in attribute(views, LogisticBinaryRelevance(C=1e-3)):
        assert attribution.kind == "exact"
        log_odds = np.log(attribution.probability / (1 - attribution.probability))
        assert attribution.values.mean() + attribution.intercept == pytest.approx(
            log_odds, abs=1e-4
        )
        assert attribution.score == pytest.approx(log_odds, abs=1e-4)


@pytest.mark.slow
def test_region_classifier_is_exact_in_its_best_region():
    for attribution in attribute("whole@96:cells3/keep", RegionMaxClassifier(rounds=1)):
        assert attribution.kind == "exact"
        log_odds = np.log(attribution.probability / (1 - attribution.probability))
        assert attribution.score == pytest.approx(log_odds, abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("views", "classifier"),
    [("whole@96", MLkNN(3)), ("whole@96:regions", LogisticBinaryRelevance(C=1e-3))],
    ids=["not linear", "not a sum over places"],
)
def test_other_classifiers_get_occlusion_maps(views, classifier):
    for attribution in attribute(views, classifier):
        assert attribution.kind == "occlusion"
        assert attribution.score is None
        assert np.isfinite(attribution.values).all()
        overlay = draw_overlay(make_images()[0][1], attribution, max_attribution([attribution]))
        assert overlay.mode == "RGB"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_peak_is_converted_to_stored_pixels(tmp_path, orientation):
    stored = np.zeros((40, 60, 3), np.uint8)
    stored[8:12, 48:52] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.png"
    Image.fromarray(stored).save(path, exif=exif)
    image = read_image(path)
    y, x = np.argwhere(np.asarray(image)[..., 0] == 255).mean(axis=0) + 0.5
    assert read_orientation(path) == orientation
    assert to_stored_position((x, y), image.size, orientation) == pytest.approx((50, 10))


def test_unknown_label_is_rejected():
    with pytest.raises(InputError, match="unknown label 'green'"):
        compute_attributions(None, None, None, LABELS, None, ["green"])
