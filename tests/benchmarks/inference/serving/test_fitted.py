"""The API returns the predictions and attribution maps of the fitted model."""

import numpy as np
import pytest
from starlette.testclient import TestClient

from catnocat.benchmarks.inference.serving import Limits, ModelPredictor, create_app

pytestmark = pytest.mark.slow
PATIENT = Limits(seconds=600)
RAW = {"content-type": "image/jpeg"}
METHODS = {"ridge": "class activation map", "mlknn": "occlusion map"}


@pytest.mark.parametrize("method", METHODS)
def test_api_returns_predictions_and_attributions_of_the_model(fitted, scene, method):
    content = scene.read_bytes()
    model = fitted(method)
    with TestClient(create_app(ModelPredictor(model), method, PATIENT)) as client:
        info = client.get("/api/model").json()
        predicted = client.post("/api/predict", content=content, headers=RAW)
        explained = client.post("/api/attribution?label=cat", content=content, headers=RAW)
    assert info["labels"] == ["cat", "dog"]
    assert info["model"]["method"] == method
    expected = model.predict_proba([content])[0]
    (attribution,) = model.attribute(content, ["cat"])
    assert list(predicted.json()["probabilities"].values()) == pytest.approx(expected, abs=1e-6)
    content = explained.json()
    assert explained.status_code == 200, content
    assert (content["label"], content["method"]) == ("cat", METHODS[method])
    assert np.allclose(content["map"], attribution.values, atol=1e-4)
    assert content["peak"]["x"] == pytest.approx(attribution.peak[0] / attribution.size[0])
    assert content["peak"]["y"] == pytest.approx(attribution.peak[1] / attribution.size[1])
