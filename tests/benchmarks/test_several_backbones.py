import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image
from typer.testing import CliRunner

import catnocat
from catnocat.benchmarks import InputError, bench_backbones
from catnocat.benchmarks.cli import app
from catnocat.benchmarks.several_backbones import folder_name


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    photographs = [load_sample_image("china.jpg"), load_sample_image("flower.jpg")]
    lines = ["image,labels"]
    for number in range(48):
        dark = number % 3 == 0
        top, left = rng.integers(0, 200), rng.integers(0, 400)
        crop = photographs[number % 2][top : top + 200, left : left + 200] // (3 if dark else 1)
        Image.fromarray(crop).save(folder / f"{number}.jpg")
        labels = [["china", "flower"][number % 2], *(["dark"] if dark else [])]
        lines.append(f"{number}.jpg,{'|'.join(labels)}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder / "labels.csv"


@pytest.mark.slow
def test_networks_are_compared_on_one_page(table, tmp_path):
    out = tmp_path / "new"
    arguments = [
        *("bench", str(table), "--out", str(out), "--store", str(tmp_path / "store")),
        *("--backbone", "lite0,lite0+lite1", "--views", "whole@64", "--engine", "torch"),
        *("--methods", "logistic,chain", "--folds", "3", "--jobs", "1"),
    ]
    outcome = CliRunner().invoke(app, arguments)
    assert outcome.exit_code == 0, outcome.output
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    schema = Path(catnocat.__file__).parent / "docs" / "results.schema.json"
    jsonschema.validate(results, json.loads(schema.read_text(encoding="utf-8")))
    first, second = results["backbones"]
    assert first["recipe"]["backbone"] == "efficientnet_lite0"
    assert second["recipe"]["backbone"] == "efficientnet_lite0+efficientnet_lite1"
    assert [len(second["recipe"]["blocks"]), second["extraction"]["dimension"]] == [2, 2560]
    comparison = results["comparison"]
    assert comparison["methods"] == ["logistic", "chain"]
    assert len(comparison["cells"]) == 4
    assert sum(comparison["decomposition"]["subset_accuracy"]["shares"].values()) == (
        pytest.approx(1)
    )
    assert any(point["on_front"] for point in comparison["pareto"])
    assert results["command"].startswith(
        f"catnocat bench {table} --backbone lite0,lite0+lite1 --views whole@64"
    )
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count('<details class="dataset"') == 2
    assert 'id="pareto"' in page
    assert (out / "report.md").is_file()
    for name in ("1-lite0", "2-lite0-lite1"):
        assert (out / name / "results.json").is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backbones": ["lite0"]}, "name at least two"),
        ({"backbones": ["lite0", "lite0"]}, "each once"),
        ({"backbones": ["lite0", "lite1"], "weights": "w.pth"}, "belongs to one network"),
    ],
)
def test_wrong_comparison_is_refused_before_anything_runs(options, message):
    with pytest.raises(InputError, match=message):
        bench_backbones("no such table", **options)


def test_several_data_sets_and_backbones_are_refused():
    outcome = CliRunner().invoke(app, ["bench", "a.csv", "b.csv", "--backbone", "lite0,lite1"])
    assert outcome.exit_code != 0
    assert "one data set at a time" in str(outcome.exception or outcome.output)


def test_folders_are_named_by_network_and_views():
    assert folder_name(1, "timm:resnet18", "whole", ["whole"]) == "1-timm-resnet18"
    assert folder_name(3, "lite0+lite2", "whole@320:avg+max", ["whole", "x"]) == (
        "3-lite0-lite2-whole-320-avg-max"
    )
