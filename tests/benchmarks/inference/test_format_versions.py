"""Model files of every format version are read and predict as when they were written.

Files in `format_versions/` are never overwritten. When the format version is raised, files of the
new version are added by ``python tests/benchmarks/inference/test_format_versions.py``, which skips
existing ones.
"""

import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from catnocat.benchmarks.evaluation.thresholding import SetRule
from catnocat.benchmarks.inference import load
from catnocat.benchmarks.inference.model_file.archive import (
    FORMAT_VERSION,
    library_versions,
    read_archive,
)
from catnocat.benchmarks.inference.model_file.model_record import LOADERS, ModelRecord
from catnocat.benchmarks.inference.novelty import NoveltyDetector
from catnocat.classifiers import (
    ClassifierChain,
    ClassifierChainEnsemble,
    DependentBinaryRelevance,
    LabelCalibrator,
    LogisticBinaryRelevance,
    LogisticPowerset,
    MLkNN,
    ProbabilisticClassifierChain,
    StackedBinaryRelevance,
    ThresholdTuner,
)

FOLDER = Path(__file__).with_name("format_versions")
LABELS = ("cat", "dog", "écureuil")
KINDS = {
    "logistic": ThresholdTuner(LabelCalibrator(LogisticBinaryRelevance(C=0.1), cv=2), cv=2),
    "chain": ClassifierChain(order=[2, 0, 1]),
    "mlknn": MLkNN(3),
    "powerset": LogisticPowerset(),
    "chain-of-any": ClassifierChain(LogisticRegression(C=0.1), order=[1, 0, 2]),
    "chain-ensemble": ClassifierChainEnsemble(n_chains=2, random_state=0),
    "probabilistic-chain": ProbabilisticClassifierChain(),
    "stacking": StackedBinaryRelevance(cv=2),
    "dependent": DependentBinaryRelevance(),
}
SETS = ("powerset",)  # predict whole label sets
PROBABILITIES = {
    "logistic": [[0.703536, 0.932769, 0.858574], [0.129307, 0.149772, 0.736732]],
    "chain": [[0.762860, 0.956630, 0.848868], [0.059771, 0.145442, 0.703484]],
    "mlknn": [[0.618182, 0.793028, 0.929263], [0.139344, 0.353742, 0.845528]],
    "powerset": [[0.745963, 0.901291, 0.816775], [0.096951, 0.168378, 0.617155]],
    "chain-of-any": [[0.560510, 0.751203, 0.689530], [0.279596, 0.461152, 0.636019]],
    "chain-ensemble": [[0.765457, 0.949044, 0.850432], [0.052156, 0.149364, 0.701906]],
    "probabilistic-chain": [[0.760873, 0.938051, 0.850297], [0.058907, 0.142880, 0.694763]],
    "stacking": [[0.601209, 0.806957, 0.727098], [0.247210, 0.372118, 0.652434]],
    "dependent": [[0.759270, 0.944061, 0.850561], [0.051915, 0.142331, 0.695152]],
}
PREDICTIONS = {
    "logistic": [[1, 1, 1], [0, 0, 0]],
    "chain": [[1, 1, 1], [0, 0, 0]],
    "mlknn": [[1, 1, 1], [0, 0, 1]],
    "powerset": [[1, 1, 1], [0, 0, 0]],
    "chain-of-any": [[1, 1, 0], [1, 0, 0]],
    "chain-ensemble": [[1, 1, 1], [0, 0, 0]],
    "probabilistic-chain": [[1, 1, 1], [0, 0, 0]],
    "stacking": [[1, 1, 0], [0, 0, 0]],
    "dependent": [[1, 1, 1], [0, 0, 0]],
}
NEW = np.sin(np.arange(8, dtype=np.float32)).reshape(2, 4)
FAR = np.full((1, 4), -3, dtype=np.float32)  # below every threshold
MOST_LIKELY = {kind: [1, 0, 0] if kind == "logistic" else [0, 0, 1] for kind in KINDS} | {
    "mlknn": [0, 1, 0]
}  # at FAR


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("format_version", LOADERS)
def test_old_file_predicts_as_before(format_version, kind):
    path = FOLDER / f"{format_version}-{kind}.catnocat"
    assert read_archive(path)[0] == format_version
    model = load(path)
    assert model.labels == LABELS
    assert model.training["held_out"]["macro_ap"] == 0.5
    P, Y = model.predict_vectors(NEW)
    np.testing.assert_allclose(P, PROBABILITIES[kind], atol=1e-5)
    assert Y.tolist() == PREDICTIONS[kind]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("format_version", LOADERS)
def test_old_file_predicts_label_sets_as_before(format_version, kind):
    model = load(FOLDER / f"{format_version}-{kind}.catnocat")
    sets = model.predict_vectors(np.vstack([NEW, FAR]), "set")[1]
    # Files of version 2 were written with "at least one label", which version 1 did not have.
    empty = [0, 0, 0]
    last = empty if format_version == 1 else MOST_LIKELY[kind]
    assert sets.tolist() == [[1, 1, 1], [0, 0, 1], last]


@pytest.mark.parametrize("format_version", LOADERS)
def test_old_file_flags_images_as_before(format_version):
    model = load(FOLDER / f"{format_version}-logistic.catnocat")
    flags = model.unlike_training(np.vstack([NEW, FAR]))
    if format_version < 3:
        assert flags is None
    else:
        assert flags.tolist() == [False, False, True]
        assert model.novelty.false_flag_rate == 0.01


def test_every_format_version_has_a_loader():
    assert list(LOADERS) == list(range(1, FORMAT_VERSION + 1))


def write_files():
    """Write a small model of each kind in the newest format version, unless it exists."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(24, 4)).astype(np.float32)
    Y = (X[:, :3] + 0.5 * X[:, 1:] > 0).astype(np.uint8)
    references = (X[:6] / np.linalg.norm(X[:6], axis=1, keepdims=True)).astype(np.float16)
    for name, estimator in KINDS.items():
        path = FOLDER / f"{FORMAT_VERSION}-{name}.catnocat"
        if path.exists():
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pipeline = Pipeline([("scale", StandardScaler()), ("method", estimator)]).fit(X, Y)
        ModelRecord(
            labels=LABELS,
            method=name,
            set_rule=SetRule("sets" if name in SETS else "thresholds", at_least_one=True),
            recipe={"backbone": "ready features", "source": "random"},
            training={"images": len(X), "held_out": {"macro_ap": 0.5}},
            pipeline=pipeline,
            thresholds={"hamming": np.full(3, 0.5), "f1": np.array([0.25, 0.5, 0.75])},
            check=(X[:3], pipeline.predict_proba(X[:3])),
            versions=library_versions(),
            novelty=NoveltyDetector(references, 1.5, 0.01),
        ).write(path)
        P, predicted = load(path).predict_vectors(NEW)
        print(name, path.stat().st_size, P.round(6).tolist(), predicted.tolist())


if __name__ == "__main__":
    write_files()
