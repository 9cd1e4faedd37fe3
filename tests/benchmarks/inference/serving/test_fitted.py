"""Fitted models behind the API and on the page: what they say there is what they say here."""

import numpy as np
import pytest
from starlette.testclient import TestClient

from catnocat.benchmarks.inference.serving import Limits, ModelPredictor, make_service

pytestmark = pytest.mark.slow
PATIENT = Limits(seconds=600)
RAW = {"content-type": "image/jpeg"}
HOW = {"ridge": "class activation map", "mlknn": "what covering it costs"}


@pytest.mark.parametrize("method", HOW)
def test_a_fitted_model_answers_as_it_does_here_and_shows_its_evidence(fitted, scene, method):
    content = scene.read_bytes()
    model = fitted(method)
    with TestClient(make_service(ModelPredictor(model), method, PATIENT)) as client:
        about = client.get("/api/model").json()
        judged = client.post("/api/predict", content=content, headers=RAW)
        found = client.post("/api/evidence?label=cat", content=content, headers=RAW)
    assert about["labels"] == ["cat", "dog"]
    assert about["model"]["method"] == method
    expected = model.predict_proba([content])[0]
    (evidence,) = model.evidence(content, ["cat"])
    assert list(judged.json()["probabilities"].values()) == pytest.approx(expected, abs=1e-6)
    told = found.json()
    assert found.status_code == 200, told
    assert (told["label"], told["how"]) == ("cat", HOW[method])
    assert np.allclose(told["map"], evidence.values, atol=1e-4)
    assert told["peak"]["x"] == pytest.approx(evidence.peak[0] / evidence.size[0])
    assert told["peak"]["y"] == pytest.approx(evidence.peak[1] / evidence.size[1])
