"""Both engines on real photographs: results must not depend on the engine."""

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
        rows = list(csv.DictReader(file))
    train = [row for row in rows if row["split"] == "train"]
    test = [row for row in rows if row["split"] == "test"]
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


def cosines(first, second):
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return (first * second).sum(axis=1, dtype=np.float64) / lengths


def test_engines_agree_in_float32(features):
    assert cosines(*(features[engine, "float32"] for engine in ENGINES)).min() >= 0.9999


def test_engines_agree_in_bfloat16(features):
    assert cosines(*(features[engine, "bfloat16"] for engine in ENGINES)).min() >= 0.999


@pytest.mark.parametrize("engine", ENGINES)
def test_bfloat16_is_close_to_float32(features, engine):
    similarities = cosines(features[engine, "bfloat16"], features["torch", "float32"])
    assert similarities.min() >= 0.999
    assert similarities.max() < 1 - 1e-6  # or it would not be bfloat16


def test_bfloat16_instructions_and_emulation_agree(data, rows, features, tmp_path, monkeypatch):
    """Processors without the instructions emulate them slowly, so only a few images are used."""
    selected = slice(0, len(rows), 20)
    paths = [data / "coco18" / row["image"] for row in rows[selected]]
    vectors = {}
    for engine, module in zip(ENGINES, (torch_engine, openvino_engine), strict=True):
        monkeypatch.setattr(module, "has_bfloat16", lambda core=None: True)
        vectors[engine] = extract_features(
            paths, store=tmp_path, engine=engine, precision="bfloat16"
        ).X
        assert cosines(vectors[engine], features["torch", "float32"][selected]).min() >= 0.999
        assert cosines(vectors[engine], features[engine, "bfloat16"][selected]).min() >= 0.999
    assert cosines(*vectors.values()).min() >= 0.999


def test_macro_ap_does_not_depend_on_engine_or_precision(features, rows):
    from sklearn.metrics import average_precision_score
    from sklearn.preprocessing import StandardScaler

    from catnocat.classifiers import LogisticBinaryRelevance

    label_sets = [set(row["labels"].split("|")) - {""} for row in rows]
    labels = sorted(set.union(*label_sets))
    Y = np.array([[label in label_set for label in labels] for label_set in label_sets], np.uint8)
    common = (Y[:TRAIN].sum(axis=0) >= 10) & (Y[TRAIN:].sum(axis=0) >= 10)
    Y = Y[:, common]
    figures = {}
    for variant, X in features.items():
        X = StandardScaler().fit_transform(X)
        model = LogisticBinaryRelevance(C=1e-3).fit(X[:TRAIN], Y[:TRAIN])
        probabilities = model.predict_proba(X[TRAIN:])
        figures[variant] = average_precision_score(Y[TRAIN:], probabilities, average="macro")
    assert max(figures.values()) - min(figures.values()) <= 0.005
