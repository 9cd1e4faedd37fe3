"""The results in Python: options, inputs, data frames, plots and the card of a notebook."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import catnocat
from catnocat.benchmarks import InputError

OPTIONS = {"methods": "logistic,chain", "folds": 2, "n_jobs": 1}


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(160, 5))
    return X, (X[:, :3] + rng.normal(size=(160, 3)) > 0.3).astype(float)


@pytest.fixture(scope="module")
def result(arrays):
    X, Y = arrays
    return catnocat.bench((X, pd.DataFrame(Y, columns=["sea", "sky", "sun"])), **OPTIONS)


def test_names_of_the_root_package_are_listed_and_resolve():
    for name in ("bench", "Result", "LabelTable", "load", "features", "classifiers", "benchmarks"):
        assert name in dir(catnocat)
        assert getattr(catnocat, name) is not None
    assert catnocat.bench is catnocat.benchmarks.bench
    with pytest.raises(AttributeError, match="has no attribute 'bench2'"):
        catnocat.bench2  # noqa: B018


def test_importing_the_root_package_imports_no_heavy_library():
    code = "import catnocat, sys; print({'numpy', 'torch', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_result_is_the_dictionary_that_is_written(result, tmp_path):
    result.save(tmp_path)
    written = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert written == result
    assert (tmp_path / "report.html").is_file()
    assert (tmp_path / "report.md").is_file()
    assert catnocat.Result(written).table().equals(result.table())


def test_table_has_one_row_per_method(result):
    table = result.table()
    assert list(table.index) == ["logistic", "chain", "constant"]
    assert table.loc["chain", "kind"] == "joint"
    expected = result["methods"][1]["metrics"]["macro_ap"]
    assert table.loc["chain", "macro_ap"] == expected
    assert table["fit_seconds"].notna().all()


def test_per_label_has_one_row_per_method_and_label(result):
    frame = result.per_label()
    assert frame.shape[0] == 9
    assert frame.loc[("logistic", "sky"), "ap"] == result["methods"][0]["per_label"]["ap"][1]
    assert 0 < frame.loc[("chain", "sun"), "prevalence"] < 1


def test_recommended_and_repr(result):
    assert set(result.recommended) <= {"macro_ap", "subset_accuracy"}
    assert set(result.recommended.values()) <= {"logistic", "chain"}
    assert repr(result) == f"<Result: {result.verdict}>"


def test_card_has_verdict_and_table_and_escapes_names(result, make_results):
    card = result._repr_html_()
    assert result.verdict in card
    assert card.count("<tr>") == 4
    assert "<script" not in card
    hostile = make_results(dataset={"name": "<script>alert(1)</script>"})
    assert "<script" not in catnocat.Result(hostile)._repr_html_()


def test_plot_has_a_point_and_an_interval_per_difference(result):
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    assert result.plot_differences("hamming_loss", ax=axes) is axes
    difference = result["methods"][1]["against_independent"]["hamming_loss"]
    drawn = [line.get_xdata() for line in axes.lines]
    assert [difference["low"], difference["high"]] in [list(x) for x in drawn if len(x) == 2]
    assert [difference["difference"]] in [list(x) for x in drawn if len(x) == 1]
    with pytest.raises(InputError, match="no metric is called 'map'; there are: macro_ap"):
        result.plot_differences("map", ax=axes)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"method": "chain"}, "no option 'method'; did you mean 'methods'"),
        ({"fold": 3}, "did you mean 'folds'"),
        ({"qqq": 3}, "there are: out, progress, .*methods"),
    ],
)
def test_misspelt_options_are_rejected_with_the_right_names(arrays, option, message):
    with pytest.raises(TypeError, match=message):
        catnocat.bench(arrays, **option)


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (([[1.0]], [[1], [0]]), "X has 1 rows and Y has 2"),
        (([[np.inf]], [[1]]), "X row 0, column 0: not a finite number"),
        (([[1.0]], [[2]]), "Y row 0, column 0: 2; use 0, 1, or NaN"),
        (([1.0], [[1]]), r"X: shape \(1,\)"),
        (([["a"]], [[1]]), "X: not a matrix of numbers"),
        (3, "dataset of type int"),
    ],
)
def test_invalid_data_in_memory_is_rejected(dataset, message):
    with pytest.raises(InputError, match=message):
        catnocat.bench(dataset)


def test_arrays_data_frames_and_tables_give_the_same_figures(arrays, result, make_table):
    X, Y = arrays
    from_arrays = catnocat.bench((X.tolist(), Y), **OPTIONS)
    table = make_table(160, 3, Y=Y.astype(np.uint8), X=X)
    from_table = catnocat.bench(table, **OPTIONS | {"methods": ["logistic", "chain"]})
    for other in (from_arrays, from_table):
        for entry, same in zip(result["methods"], other["methods"], strict=True):
            assert entry["metrics"] == same["metrics"]
    assert from_arrays["dataset"]["labels"] == ["label0", "label1", "label2"]
    assert result["command"] == result["next_command"] == ""


def test_unknown_labels_are_nan(arrays):
    X, Y = arrays
    partly = Y.copy()
    partly[:5, 0] = np.nan
    result = catnocat.bench((X, partly), **OPTIONS | {"methods": "logistic"})
    assert result["dataset"]["test_labels"]["label0"]["images"] == 155


def test_data_frame_of_image_paths(tmp_path, rng):
    rows = []
    for number in range(24):
        path = tmp_path / f"{number}.png"
        shade = 60 + 120 * (number % 2)
        Image.fromarray(rng.integers(0, shade, (32, 32, 3), dtype=np.uint8)).save(path)
        rows.append({"image": str(path), "bright": number % 2, "red": [1, 0, np.nan][number % 3]})
    result = catnocat.bench(
        pd.DataFrame(rows), methods="logistic", folds=2, n_jobs=1, store=tmp_path / "store"
    )
    assert result["dataset"]["labels"] == ["bright", "red"]
    assert result["dataset"]["images"] == 24
    assert result["dataset"]["test_labels"]["red"] == {
        "images": 16, "positives": 8, "prevalence": 0.5
    }  # fmt: skip
