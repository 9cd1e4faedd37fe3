"""Both engines on real photographs: whoever changes the engine must not change the findings."""

import csv
from itertools import product

import numpy as np
import pytest

from catnocat.features import extract_features

pytestmark = pytest.mark.slow
pytest.importorskip("openvino")

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
    """Give the vectors by engine and precision."""
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
    found = cosines(*(features[engine, "bfloat16"] for engine in ENGINES))
    assert np.quantile(found, 0.01) >= 0.999
    assert found.min() >= 0.998  # of the 500 photographs that were looked at, all had .999


@pytest.mark.parametrize("engine", ENGINES)
def test_bfloat16_is_close_to_float32(features, engine):
    found = cosines(features[engine, "bfloat16"], features["torch", "float32"])
    assert found.mean() >= 0.9995
    assert found.min() >= 0.997
    assert found.max() < 1 - 1e-6  # or it would not be bfloat16


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
