import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catnocat.benchmarks.evaluation import predictions
from catnocat.benchmarks.evaluation.cross_validation import MethodResult, compare, scored_rows
from catnocat.benchmarks.evaluation.methods import METHODS, select_methods
from catnocat.benchmarks.evaluation.predictions import read_predictions, write_predictions
from catnocat.benchmarks.evaluation.splits import fold_numbers, outer_folds
from catnocat.benchmarks.evaluation.thresholding import predictions_by_metric
from catnocat.benchmarks.metrics import evaluate
from catnocat.benchmarks.utils.errors import InputError


@pytest.fixture
def table(make_table, rng):
    known = np.ones((90, 4), dtype=bool)
    known[::7, 2] = False
    return make_table(90, known=known, Y=(rng.random(known.shape) < 0.4) * known)


@pytest.fixture
def folds(table):
    return outer_folds(table, 3, seed=0, repeats=2)


@pytest.fixture
def method_results(table, folds, rng):
    X = table.Y + rng.normal(size=table.Y.shape)
    methods = select_methods(["logistic", "mlknn"])
    failed = MethodResult(METHODS["powerset"], failed="out of memory")
    return [*compare(X, table, methods, folds), failed]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "predictions.parquet"


def test_metrics_of_the_file_equal_those_of_the_results(path, table, folds, method_results):
    entry = write_predictions(path, method_results, table, folds)
    saved = read_predictions(path)
    test = table.take(scored_rows(folds))
    assert entry == {
        "file": "predictions.parquet",
        "rows": 180 * 4,
        "images": 180,
        "of_images": 180,
        "methods": ["logistic", "mlknn"],
    }
    assert saved.images == test.images
    np.testing.assert_array_equal(saved.known, test.known)
    np.testing.assert_array_equal(saved.folds, fold_numbers(folds))
    for method_result in method_results[:2]:
        name = method_result.method.name
        expected = evaluate(
            test.Y, method_result.scores, method_result.metric_predictions, test.known
        )
        by_metric = predictions_by_metric(saved.predictions_by_aim[name])
        metrics = evaluate(saved.Y, saved.scores[name], by_metric, saved.known)
        assert metrics == pytest.approx(expected, abs=1e-6)


def test_the_columns_are_those_of_the_documentation(path, table, folds, method_results):
    write_predictions(path, method_results, table, folds)
    content = pq.read_table(path)
    names = ["image", "row", "repeat", "fold", "split", "label", "truth", "known"]
    for method in ("logistic", "mlknn"):
        names += [f"{kind}:{method}" for kind in ("probability", "hamming", "f1", "label_set")]
    assert content.column_names == names
    assert content["label"].to_pylist()[:5] == [*table.labels, table.labels[0]]


def test_row_groups_hold_whole_images(path, table, folds, method_results, monkeypatch):
    monkeypatch.setattr(predictions, "ROWS_PER_GROUP", 50)
    write_predictions(path, method_results, table, folds)
    metadata = pq.ParquetFile(path).metadata
    sizes = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    assert sizes == [48] * 15
    assert read_predictions(path).images == table.take(scored_rows(folds)).images


def test_the_limit_thins_the_images_for_all_methods(path, table, folds, method_results):
    entry = write_predictions(path, method_results, table, folds, max_predictions=400)
    saved = read_predictions(path)
    assert (entry["images"], entry["of_images"]) == (50, 180)
    assert saved.n_test_rows == 180
    kept = np.linspace(0, 179, 50).round().astype(int)
    np.testing.assert_array_equal(saved.rows, scored_rows(folds)[kept])
    np.testing.assert_array_equal(saved.scores["mlknn"], method_results[1].scores[kept])
    assert (
        write_predictions(path, method_results, table, folds, max_predictions=None)["images"] == 180
    )


def test_the_split_of_the_table_is_saved(path, make_table, rng):
    table = make_table(60, split=["train"] * 40 + ["test"] * 20)
    folds = outer_folds(table, None, 0)
    X = table.Y + rng.normal(size=table.Y.shape)
    write_predictions(path, compare(X, table, [METHODS["mlknn"]], folds), table, folds)
    assert set(pq.read_table(path)["split"].to_pylist()) == {"test"}


def test_if_all_methods_failed_the_truth_is_written(path, table, folds):
    entry = write_predictions(path, [MethodResult(METHODS["chain"], failed="no")], table, folds)
    assert entry["methods"] == []
    assert read_predictions(path).Y.shape == (180, 4)


def test_other_files_raise_an_input_error(tmp_path, path):
    with pytest.raises(InputError, match="cannot be read"):
        read_predictions(tmp_path)
    pq.write_table(pa.table({"image": ["a.jpg"]}), path)
    with pytest.raises(InputError, match="contains no predictions"):
        read_predictions(path)
    schema = pa.schema([("image", pa.string())], metadata={"catnocat_predictions": "99"})
    pq.write_table(pa.table({"image": ["a.jpg"]}, schema=schema), path)
    with pytest.raises(InputError, match="format version 99"):
        read_predictions(path)
