"""The whole way, from a table of real files to its report."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from catnocat.benchmarks import InputError, bench
from catnocat.benchmarks.evaluation.methods import METHODS
from catnocat.benchmarks.metrics import METRICS
from catnocat.features import FeatureError

N_GOOD = 36


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Write a table of crops of two photographs; the label is which, and whether it is dark."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    photographs = [load_sample_image("china.jpg"), load_sample_image("flower.jpg")]
    lines = ["image,labels"]
    for number in range(N_GOOD):
        which, dark = number % 2, number % 3 == 0
        top, left = rng.integers(0, 200), rng.integers(0, 400)
        crop = photographs[which][top : top + 200, left : left + 200] // (3 if dark else 1)
        Image.fromarray(crop).save(folder / f"{number}.jpg")
        labels = [["china", "flower"][which], *(["dark"] if dark else [])]
        lines.append(f"{number}.jpg,{'|'.join(labels)}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


def test_a_table_of_pictures_becomes_a_comparison(pictures, store, tmp_path):
    results = bench(pictures, out=tmp_path, store=store, folds=3, n_jobs=1)
    written = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert written == results
    assert (tmp_path / "report.html").is_file()
    assert (tmp_path / "report.md").is_file()
    assert results["dataset"]["images"] == N_GOOD
    assert results["dataset"]["labels"] == ["china", "dark", "flower"]
    assert results["recipe"]["backbone"] == "efficientnet_lite0"
    assert results["protocol"]["test_images"] == N_GOOD
    assert results["skipped_images"] == []
    *methods, baseline = results["methods"]
    for entry in methods:
        assert "failed" not in entry, entry
        assert set(entry["metrics"]) == {*METRICS, "labels_averaged"}
        assert entry["metrics"]["macro_ap"] > 0.6
    assert baseline["kind"] == "baseline"
    # Each image is tested once, so the chance level is the prevalence: 18 + 18 + 12 of 36 images.
    assert baseline["metrics"]["macro_ap"] == pytest.approx(48 / 36 / 3)
    codes = {key: value["code"] for key, value in results["verdicts"].items() if key != "cautions"}
    assert codes["macro_ap"] == "not_shown"
    assert [caution["code"] for caution in results["verdicts"]["cautions"]] == ["few_test_images"]
    assert results["next_command"].startswith(f"catnocat fit {pictures}")


@pytest.mark.slow
def test_all_methods_end_in_one_file_that_keeps_the_contract(pictures, store, tmp_path):
    results = bench(pictures, out=tmp_path, store=store, folds=2, methods=("all",), n_jobs=1)
    written = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert written == results
    keys = {"dataset", "recipe", "protocol", "methods", "answer", "skipped_images"}
    assert keys <= set(results)
    assert {"name", "images", "labels", "cardinality"} <= set(results["dataset"])
    assert [entry["name"] for entry in results["methods"]] == [*METHODS, "constant"]
    for entry in results["methods"]:
        assert "failed" not in entry, entry
        assert set(entry["metrics"]) == {*METRICS, "labels_averaged"}
        for found in (entry["against_independent"] or {}).values():
            assert found["verdict"] in {"better", "worse", "no difference", None}
    assert results["methods"][-2]["features"]["regions"] == 9


def test_wrong_wishes_are_refused_in_one_line(pictures, store):
    with pytest.raises(InputError, match="--jobs 0"):
        bench(pictures, store=store, n_jobs=0)
    with pytest.raises(InputError, match="keeps a vector for each region"):
        bench(pictures, store=store, views="grid3/keep")
    with pytest.raises(FeatureError, match="no scheduler answers at nowhere"):
        bench(pictures, store=store, scheduler="nowhere:none", methods=("brknn",))


def test_repeats_judge_every_picture_in_each(pictures, store):
    results = bench(pictures, store=store, folds=2, repeats=2, methods=("brknn",), n_jobs=1)
    assert results["protocol"]["repeats"] == 2
    assert results["protocol"]["test_images"] == N_GOOD
    assert len(results["methods"][0]["chosen"]) == 4
    assert "--repeats 2" in results["command"]


def test_the_second_run_takes_its_features_from_the_store(pictures, store):
    again = bench(pictures, store=store, folds=3, methods=("mlknn",), n_jobs=1)
    assert again["extraction"]["computed_now"] == 0


def test_the_same_seed_gives_the_same_figures(pictures, store):
    def figures(seed):
        results = bench(pictures, store=store, methods=("logistic",), folds=3, seed=seed, n_jobs=1)
        return results["methods"][0]["metrics"]

    first = figures(1)
    assert figures(2) != first  # other folds
    assert figures(1) == first


@pytest.fixture
def motley(pictures):
    """Add every sort of file that people have to the table: six readable, three not."""
    folder = pictures
    photograph = Image.fromarray(load_sample_image("china.jpg")).resize((160, 100))
    grey = np.asarray(photograph.convert("L")).astype(np.uint16) * 257
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    palette = photograph.quantize(16)
    palette.info["transparency"] = 3
    photograph.convert("CMYK").save(folder / "cmyk.jpg")
    Image.fromarray(grey).save(folder / "16bit.png")
    palette.save(folder / "palette.png", transparency=3)
    photograph.save(folder / "animated.gif", save_all=True, append_images=[photograph.rotate(180)])
    photograph.save(folder / "turned.jpg", exif=exif)
    photograph.resize((1, 1)).save(folder / "tiny.png")
    whole = (folder / "0.jpg").read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "text.jpg").write_text("this is no picture")
    names = ["cmyk.jpg", "16bit.png", "palette.png", "animated.gif", "turned.jpg", "tiny.png"]
    names += ["truncated.jpg", "text.jpg", "missing.jpg"]
    table = folder / "motley.csv"
    table.write_text(
        (folder / "labels.csv").read_text() + "".join(f"{name},china\n" for name in names)
    )
    return table


@pytest.mark.slow
def test_bad_pictures_are_listed_and_the_good_ones_used(motley, store, tmp_path):
    command = [sys.executable, "-m", "catnocat", "bench", str(motley), "--out", str(tmp_path)]
    command += ["--store", str(store), "--methods", "mlknn", "--folds", "3"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    skipped = {image["image"]: image for image in results["skipped_images"]}
    assert set(skipped) == {"truncated.jpg", "text.jpg", "missing.jpg"}
    assert all(image["reason"] for image in skipped.values())
    assert skipped["missing.jpg"]["where"].endswith(f"row {1 + N_GOOD + 9}")
    assert results["dataset"]["images"] == N_GOOD + 6
    assert "3 images were left out" in done.stdout
    assert "truncated.jpg" in done.stdout


def test_a_limit_takes_fewer_pictures(pictures, store):
    results = bench(pictures, store=store, methods=("mlknn",), folds=2, limit=20, n_jobs=1)
    assert results["dataset"]["images"] == 20
    assert results["protocol"]["test_images"] == 20


@pytest.mark.slow
def test_repeated_cat_no_cat_on_real_photographs(data, store):
    results = bench(data / "coco18", store=store, methods=("one-vs-rest", "logistic", "mlknn"))
    reached = {entry["name"]: entry["metrics"] for entry in results["methods"]}
    assert reached["one-vs-rest"]["macro_ap"] >= 0.60
    assert abs(reached["one-vs-rest"]["macro_ap"] - reached["logistic"]["macro_ap"]) < 0.005
    assert reached["one-vs-rest"]["labels_averaged"] == 18


@pytest.mark.slow
def test_labels_with_a_single_positive_warn_nobody(data, store, tmp_path):
    command = [
        sys.executable,
        "-m",
        "catnocat",
        "bench",
        str(data / "coco128"),
        "--store",
        str(store),
    ]
    done = subprocess.run([*command, "--out", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "arning" not in done.stdout
    assert "failed" not in done.stdout
