"""The model is the one that the benchmark judged."""

import json

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from catnocat.benchmarks.comparison import run_method
from catnocat.benchmarks.datasets import load_dataset
from catnocat.benchmarks.methods import METHODS
from catnocat.benchmarks.metrics import macro_ap
from catnocat.benchmarks.models import fit_model, load, predict_stream
from catnocat.benchmarks.models.writers import JsonLines
from catnocat.benchmarks.protocol import outer_folds
from catnocat.benchmarks.tables import write_label_table
from catnocat.benchmarks.vectors import vectors_of


@pytest.fixture(autouse=True)
def one_thread():
    """Keep many small products from waiting for each other's threads on a busy machine."""
    with threadpool_limits(1):
        yield


@pytest.mark.slow
def test_fitted_to_train_it_reaches_the_benchmarks_figure_on_test(data, tmp_path):
    whole = load_dataset(data / "coco18")
    some = np.arange(0, whole.n_images, 20)
    write_label_table(whole.take(some), tmp_path / "some.csv")
    table = load_dataset(tmp_path / "some.csv")
    store = tmp_path / "store"
    vectors = vectors_of(table, store=store)
    outcome = run_method(
        METHODS["logistic"], vectors.X, vectors.table, outer_folds(vectors.table, None, 0)
    )
    test = vectors.table.take(outcome.rows)
    told = macro_ap(test.Y, outcome.scores, test.known)

    fit_model(
        tmp_path / "some.csv", split="train", out=tmp_path / "m.catnocat", store=store, n_jobs=1
    )
    out = tmp_path / "out.jsonl"
    with load(tmp_path / "m.catnocat", store=store) as model, out.open("wb") as file:
        writer = JsonLines(file, model.labels, None)
        for predicted in predict_stream(model, zip(test.images, test.paths, strict=True)):
            writer.write(predicted)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    P = [[line["probabilities"][label] for label in test.labels] for line in lines]
    assert macro_ap(test.Y, P, test.known) == pytest.approx(told, abs=1e-6)
