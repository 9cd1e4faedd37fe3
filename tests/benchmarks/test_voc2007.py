"""VOC 2007 by its name, from a folder to average precisions that a person can calculate."""

import csv
import importlib
import json
import shutil

import numpy as np
import pytest

from catnocat.benchmarks import bench

# What the lists say of the eight judged pictures; 0: all objects are difficult.
JUDGED = {"cat": (1, -1, 1, 0, -1, 1, -1, 0), "dog": (-1, 1, -1, 1, 0, -1, 1, -1)}
FOUND = {
    "cat": (0.9, 0.8, 0.7, 0.95, 0.6, 0.5, 0.4, 0.3),
    "dog": (0.5, 0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2),
}
# Down the ranking without the difficult ones: positives at ranks 1, 3 and 5; at 1, 3 and 6.
BY_HAND = {"cat": (1 / 1 + 2 / 3 + 3 / 5) / 3, "dog": (1 / 1 + 2 / 3 + 3 / 6) / 3}
LEARNED = {"cat": (1, 1, 1, -1, 0, -1, -1, 1, -1, -1), "dog": (-1, 1, -1, 1, 1, -1, 1, 0, -1, -1)}


def by_hand(flags, scores):
    """Average precision as one calculates it on paper: precision at the rank of every positive."""
    ranked = sorted((-score, flag) for flag, score in zip(flags, scores, strict=True) if flag != 0)
    hits, precisions = 0, []
    for rank, (_, flag) in enumerate(ranked, start=1):
        if flag == 1:
            hits += 1
            precisions.append(hits / rank)
    return sum(precisions) / len(precisions)


@pytest.fixture
def devkit(data, tmp_path):
    """Write VOCdevkit/VOC2007 with ten and eight photographs, annotations and lists."""
    with (data / "coco128" / "labels.csv").open(newline="") as file:
        photographs = [data / "coco128" / row["image"] for row in csv.DictReader(file)][:18]
    root = tmp_path / "data" / "VOCdevkit" / "VOC2007"
    main = root / "ImageSets" / "Main"
    for folder in (root / "JPEGImages", root / "Annotations", main):
        folder.mkdir(parents=True)
    names = [f"{i:06d}" for i in range(1, 19)]
    for name, photograph in zip(names, photographs, strict=True):
        shutil.copy(photograph, root / "JPEGImages" / f"{name}.jpg")
    for part, members, flags in (("trainval", names[:10], LEARNED), ("test", names[10:], JUDGED)):
        (main / f"{part}.txt").write_text("\n".join(members))
        for label, values in flags.items():
            lines = [f"{name} {flag:2}" for name, flag in zip(members, values, strict=True)]
            (main / f"{label}_{part}.txt").write_text("\n".join(lines))
        for i, name in enumerate(members):
            objects = "".join(
                f"<object><name>{label}</name><difficult>{1 - values[i]}</difficult></object>"
                for label, values in flags.items()
                if values[i] >= 0
            )
            (root / "Annotations" / f"{name}.xml").write_text(f"<annotation>{objects}</annotation>")
    return tmp_path / "data"


@pytest.fixture
def found(tmp_path):
    """Write the detections of the judged pictures, one box per label."""
    entries = [
        {
            "image_id": f"{11 + i:06d}.jpg",
            "category_id": label,
            "score": score,
            "bbox": [0, 0, 9, 9],
        }
        for label, scores in FOUND.items()
        for i, score in enumerate(scores)
    ]
    file = tmp_path / "found.json"
    file.write_text(json.dumps(entries))
    return file


@pytest.mark.slow
def test_average_precision_is_that_of_a_hand_calculation(devkit, found, tmp_path, monkeypatch):
    module = importlib.import_module("catnocat.benchmarks.evaluation.dataset")
    method_results, compare = [], module.compare

    def remember(*args, **options):
        method_results.extend(results := compare(*args, **options))
        return results

    monkeypatch.setattr(module, "compare", remember)
    results = bench(
        "voc2007",
        data=devkit,
        store=tmp_path / "store",
        methods=("logistic",),
        detections=[found],
        n_jobs=1,
    )
    assert results["dataset"]["labels"] == ["cat", "dog"]
    assert results["protocol"]["train_images"] == 10
    assert results["protocol"]["test_images"] == 8
    learned, detector, _ = results["methods"]

    assert detector["per_label"]["ap"] == pytest.approx(list(BY_HAND.values()), abs=1e-5)
    assert detector["metrics"]["macro_ap"] == pytest.approx(np.mean([*BY_HAND.values()]), abs=1e-5)

    (method_result,) = method_results
    assert method_result.rows.tolist() == list(range(10, 18))
    expected = [by_hand(JUDGED[c], method_result.scores[:, j]) for j, c in enumerate(JUDGED)]
    assert learned["per_label"]["ap"] == pytest.approx(expected, abs=1e-5)


def test_the_hand_calculation_depends_on_the_difficult_ones():
    for label, flags in JUDGED.items():
        assert by_hand(flags, FOUND[label]) == pytest.approx(BY_HAND[label])
        for instead in (-1, 1):
            changed = [flag or instead for flag in flags]
            assert abs(by_hand(changed, FOUND[label]) - BY_HAND[label]) > 0.01
