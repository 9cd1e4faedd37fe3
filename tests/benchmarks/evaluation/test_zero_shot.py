import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from PIL import Image
from scipy.special import expit
from sklearn.datasets import load_sample_image

import catnocat
from catnocat.benchmarks import InputError, bench
from catnocat.benchmarks.evaluation.splits import Fold
from catnocat.benchmarks.evaluation.zero_shot import (
    Prompts,
    ZeroShotModel,
    fit_bias,
    make_prompts,
    similarities_of,
)
from catnocat.benchmarks.metrics import METRICS
from catnocat.benchmarks.metrics.scorecard import PREDICTION_METRICS


def test_plain_prompts_use_the_label_with_its_article():
    (prompts,) = make_prompts(["orange_cat"])
    assert prompts.present[0] == "a photo of an orange cat"
    assert prompts.absent == ()


def test_contrast_prompts_describe_the_image_without_the_label():
    assert make_prompts(["cat"], "contrast")[0].absent[0] == "a photo without a cat"


def test_own_prompts_are_read_from_json_and_yaml(tmp_path):
    (tmp_path / "own.json").write_text(
        json.dumps({"cat": {"present": ["{a_label}"], "absent": "no {label}"}, "*": "my {label}"})
    )
    cat, dog = make_prompts(["cat", "dog"], tmp_path / "own.json")
    assert cat == Prompts(("a cat",), ("no cat",))
    assert dog == Prompts(("my dog",))
    (tmp_path / "own.yaml").write_text("cat: [a cat, the cat]\n")
    (cat,) = make_prompts(["cat"], tmp_path / "own.yaml")
    assert cat.present == ("a cat", "the cat")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"cow": "a cow"}', "'cow' is not a label"),
        ('{"cat": "a cat"}', "no prompts for the label 'dog'"),
        ('{"*": []}', "must be a text"),
        ('{"*": {"with": ["a"]}}', "must be a text"),
        ('{"*": [1]}', "is not a text"),
        ("[]", "contains no prompts"),
        ("{", "not JSON"),
    ],
)
def test_wrong_prompts_are_refused_in_one_line(tmp_path, content, message):
    (tmp_path / "own.json").write_text(content)
    with pytest.raises(InputError, match=message) as error:
        make_prompts(["cat", "dog"], tmp_path / "own.json")
    assert "\n" not in str(error.value)


def test_similarity_is_the_cosine_to_the_mean_text_less_that_to_the_contrast():
    images = np.array([[3.0, 4.0], [0.0, 2.0]])
    texts = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    prompts = [Prompts(("a", "b")), Prompts(("c",))]
    both = similarities_of(images, texts, prompts)
    diagonal = np.sqrt(0.5)
    np.testing.assert_allclose(both, [[1.4 * diagonal, 0.6], [diagonal, 0.0]])
    contrast = similarities_of(images, texts[:2], [Prompts(("a",), ("b",))])
    np.testing.assert_allclose(contrast, [[0.6 - 0.8], [-1.0]])


@pytest.mark.parametrize("prevalence", [0.02, 0.5])
def test_calibrated_bias_maximises_the_likelihood(prevalence):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=400)
    y = rng.random(400) < prevalence
    known = rng.random(400) < 0.9
    bias = fit_bias(logits, y, known)
    assert expit(logits[known] + bias).mean() == pytest.approx(y[known].mean(), abs=1e-9)

    def likelihood(value):
        p = expit(logits[known] + value)
        return np.where(y[known], np.log(p), np.log1p(-p)).sum()

    assert likelihood(bias) > max(likelihood(bias - 0.01), likelihood(bias + 0.01))


def test_bias_is_limited_for_a_label_without_positive_images():
    bias = fit_bias(np.zeros(5), np.zeros(5), np.ones(5, bool))
    assert np.isfinite(bias)
    assert expit(bias) < 1e-6
    assert fit_bias(np.zeros(5), np.zeros(5), np.zeros(5, bool)) == 0.0


def test_four_entries_rank_decide_calibrate_and_train(make_table):
    table = make_table(120, n_labels=3)
    rng = np.random.default_rng(0)
    # The offsets of the labels differ, as those of real similarities do.
    similarities = 0.1 * table.Y + 0.03 * rng.normal(size=table.Y.shape) + [0.1, 0.2, 0.3]
    vectors = (table.Y + rng.normal(size=table.Y.shape)).astype(np.float32)
    model = ZeroShotModel(
        "clip", similarities, 100.0, vectors, {"ms_per_image": 2.0, "cpu_ms_per_image": 3.0}
    )
    folds = [Fold(np.arange(80), np.arange(80, 120)), Fold(np.arange(40, 120), np.arange(40))]
    ranking, tuned, calibrated, trained = model.method_results(table, folds)
    names = [result.method.name for result in (ranking, tuned, calibrated, trained)]
    assert names == ["clip similarity", "clip thresholds", "clip calibrated", "clip logistic"]
    assert all(result.method.external for result in (ranking, tuned, calibrated, trained))
    rows = np.concatenate([np.arange(80, 120), np.arange(40)])
    for result in (ranking, tuned, calibrated, trained):
        np.testing.assert_array_equal(result.rows, rows)
    assert ranking.predictions_by_aim == {}
    np.testing.assert_array_equal(ranking.scores, similarities[rows])
    assert tuned.predictions_by_aim["hamming"].shape == (80, 3)
    wrong = (tuned.predictions_by_aim["hamming"] != table.Y[rows]).mean()
    assert wrong < 0.15 < (similarities[rows] > 0.5).mean() + table.Y.mean()
    # Calibrated within each fold: the mean probability is near the prevalence.
    np.testing.assert_allclose(calibrated.scores.mean(0), table.Y[rows].mean(0), atol=0.1)
    np.testing.assert_array_equal(
        calibrated.predictions_by_aim["hamming"], tuned.predictions_by_aim["hamming"]
    )
    assert tuned.predict_seconds == pytest.approx(80 * 2.0 / 1000)
    assert trained.predict_seconds > 80 * 2.0 / 1000


@pytest.mark.slow
def test_zero_shot_rows_are_in_the_comparison(tiny_clip, tmp_path):
    rng = np.random.default_rng(0)
    photographs = [load_sample_image("china.jpg"), load_sample_image("flower.jpg")]
    lines = ["image,labels"]
    for number in range(30):
        top, left = rng.integers(0, 200), rng.integers(0, 400)
        crop = photographs[number % 2][top : top + 100, left : left + 100]
        Image.fromarray(crop).save(tmp_path / f"{number}.jpg")
        labels = [["china", "flower"][number % 2], *(["third"] if number % 3 == 0 else [])]
        lines.append(f"{number}.jpg,{'|'.join(labels)}")
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n")
    results = bench(
        tmp_path / "labels.csv",
        out=tmp_path / "out",
        store=tmp_path / "store",
        engine="torch",
        folds=3,
        n_jobs=1,
        methods=["logistic", "chain"],
        zero_shot=[tiny_clip],
        prompts="contrast",
    )
    schema = json.loads((Path(catnocat.__file__).parent / "docs/results.schema.json").read_text())
    jsonschema.validate(json.loads((tmp_path / "out" / "results.json").read_text()), schema)
    entries = {entry["name"].removeprefix(f"{tiny_clip} "): entry for entry in results["methods"]}
    for variant in ("similarity", "thresholds", "calibrated", "logistic"):
        assert variant in entries
    similarity = entries["similarity"]
    for key in METRICS:
        assert (similarity["metrics"][key] is None) == (key in PREDICTION_METRICS), key
    assert similarity["reference"] == "logistic"
    assert similarity["against_independent"]["macro_ap"]["difference"] is not None
    assert similarity["against_independent"]["hamming_loss"]["difference"] is None
    thresholds = entries["thresholds"]
    assert thresholds["metrics"]["macro_ap"] == pytest.approx(similarity["metrics"]["macro_ap"])
    assert thresholds["metrics"]["subset_accuracy"] is not None
    assert thresholds["features"]["prompts"]["china"]["absent"][0] == "a photo without a china"
    assert thresholds["predict_ms_per_image"] > 0
    assert results["best"]["macro_ap"]["independent"] == "logistic"
    assert results["command"].endswith(f"--zero-shot {tiny_clip} --prompts contrast --seed 0")
    assert (tmp_path / "out" / "report.html").is_file()
