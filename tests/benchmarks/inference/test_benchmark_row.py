"""A fitted model reaches the figures that the benchmark reports."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from catnocat.benchmarks.data.features import load_vectors
from catnocat.benchmarks.data.load import load_dataset
from catnocat.benchmarks.data.region_features import load_regions
from catnocat.benchmarks.data.tables import write_label_table
from catnocat.benchmarks.evaluation.cross_validation import run_method
from catnocat.benchmarks.evaluation.methods import METHODS
from catnocat.benchmarks.evaluation.splits import outer_folds
from catnocat.benchmarks.inference import fit_model, load
from catnocat.benchmarks.inference.predict import predict_stream
from catnocat.benchmarks.inference.predict.writers import JsonLinesWriter
from catnocat.benchmarks.metrics import macro_ap


@pytest.fixture(autouse=True)
def one_thread():
    """Avoid oversubscription on a busy machine."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def small_table(data, tmp_path_factory):
    """Return a table of every twentieth image of coco18, and a store."""
    folder = tmp_path_factory.mktemp("small")
    whole = load_dataset(data / "coco18")
    write_label_table(whole.take(np.arange(0, whole.n_images, 20)), folder / "small.csv")
    return folder / "small.csv", folder / "store"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["logistic", "ridge", "chain", "powerset", "mlknn", "regions"])
def test_model_fitted_to_train_part_reproduces_benchmark_macro_ap(
    small_table, name, tmp_path, monkeypatch
):
    file, store = small_table
    vectors = load_vectors(load_dataset(file), store=store)
    method = METHODS[name]
    X = vectors.X
    if method.features != "image":
        extraction = {
            "backbone": "efficientnet_lite0",
            "weights": None,
            "store": store,
            "n_jobs": 1,
        }
        X = load_regions(vectors.table, views="whole", **extraction).X
    method_result = run_method(method, X, vectors.table, outer_folds(vectors.table, None, 0))
    test = vectors.table.take(method_result.rows)
    expected = macro_ap(test.Y, method_result.scores, test.known)

    model_file = tmp_path / "m.catnocat"
    fit_model(file, method=name, split="train", out=model_file, store=store, n_jobs=1)
    moved = tmp_path / "moved"
    moved.mkdir()
    names = [f"{row}{Path(path).suffix}" for row, path in enumerate(test.paths)]
    for path, new in zip(test.paths, names, strict=True):
        shutil.copyfile(path, moved / new)
    monkeypatch.chdir(moved)
    out = tmp_path / "out.jsonl"
    with load(model_file, store=store) as model, out.open("wb") as output:
        writer = JsonLinesWriter(output, model.labels, None)
        for batch in predict_stream(model, zip(names, names, strict=True)):
            writer.write(batch)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    P = [[line["probabilities"][label] for label in test.labels] for line in lines]
    assert macro_ap(test.Y, P, test.known) == pytest.approx(expected, abs=1e-6)

    with load(model_file, store=store) as model:
        sets = model.predict(names, "set")
        assert model.training["set_rule"] == method_result.set_rules[0].to_dict()
    np.testing.assert_array_equal(sets, method_result.predictions_by_aim["set"])
