"""Both engines on real photographs: both give the same results."""

import csv
from itertools import product

import numpy as np
import pytest

from catnocat.features import extract_features
from catnocat.features.engines import torch_engine

openvino_engine = pytest.importorskip("catnocat.features.engines.openvino_engine")
pytestmark = pytest.mark.slow

ENGINES, PRECISIONS = ("torch", "openvino"), ("float32", "bfloat16")
TRAIN, TEST = 500, 400


@pytest.fixture(scope="module")
def rows(data):
    with (data / "coco18" / "labels.csv").open(encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    train = [row for row in found if row["split"] == "train"]
    test = [row for row in found if row["split"] == "test"]
    return train[:TRAIN] + test[:TEST]


@pytest.fixture(scope="module")
def features(data, rows, tmp_path_factory):
    """Return the vectors by engine and precision."""
    paths = [data / "coco18" / row["image"] for row in rows]
    store = tmp_path_factory.mktemp("store")
    return {
        (engine, precision): extract_features(
            paths, store=store, engine=engine, precision=precision
        ).X
        for engine, precision in product(ENGINES, PRECISIONS)
    }


def cosines(one, other):
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return (one * other).sum(axis=1, dtype=np.float64) / lengths


def test_float32_is_the_same(features):
    assert cosines(*(features[engine, "float32"] for engine in ENGINES)).min() >= 0.9999


def test_bfloat16_is_nearly_the_same(features):
    assert cosines(*(features[engine, "bfloat16"] for engine in ENGINES)).min() >= 0.999


@pytest.mark.parametrize("engine", ENGINES)
def test_bfloat16_is_close_to_float32(features, engine):
    found = cosines(features[engine, "bfloat16"], features["torch", "float32"])
    assert found.min() >= 0.999
    assert found.max() < 1 - 1e-6  # or it would not be bfloat16


def test_the_instructions_give_what_goes_without_them(data, rows, features, tmp_path, monkeypatch):
    """Processors without the instructions imitate them here, slowly: that takes a few pictures."""
    some = slice(0, len(rows), 20)
    paths = [data / "coco18" / row["image"] for row in rows[some]]
    found = {}
    for engine, module in zip(ENGINES, (torch_engine, openvino_engine), strict=True):
        monkeypatch.setattr(module, "has_bfloat16", lambda core=None: True)
        found[engine] = extract_features(
            paths, store=tmp_path, engine=engine, precision="bfloat16"
        ).X
        assert cosines(found[engine], features["torch", "float32"][some]).min() >= 0.999
        assert cosines(found[engine], features[engine, "bfloat16"][some]).min() >= 0.999
    assert cosines(*found.values()).min() >= 0.999


def test_the_findings_are_the_same(features, rows):
    from sklearn.metrics import average_precision_score
    from sklearn.preprocessing import StandardScaler

    from catnocat.classifiers import LogisticBinaryRelevance

    given = [set(row["labels"].split("|")) - {""} for row in rows]
    labels = sorted(set.union(*given))
    Y = np.array([[label in some for label in labels] for some in given], np.uint8)
    common = (Y[:TRAIN].sum(axis=0) >= 10) & (Y[TRAIN:].sum(axis=0) >= 10)
    Y = Y[:, common]
    figures = {}
    for way, X in features.items():
        X = StandardScaler().fit_transform(X)
        model = LogisticBinaryRelevance(C=1e-3).fit(X[:TRAIN], Y[:TRAIN])
        found = model.predict_proba(X[TRAIN:])
        figures[way] = average_precision_score(Y[TRAIN:], found, average="macro")
    assert max(figures.values()) - min(figures.values()) <= 0.005
