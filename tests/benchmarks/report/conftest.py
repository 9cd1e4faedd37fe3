"""Results of a small comparison, with names that try to break out of the page."""

from copy import deepcopy

import pytest
from PIL import Image

from catnocat.benchmarks.metrics import METRICS

HOSTILE = "<img src=x onerror=alert(1)>\u202e\" ' </script>" + "é" * 300


@pytest.fixture
def results(session_results):
    return deepcopy(session_results)


@pytest.fixture(scope="session")
def session_results(tmp_path_factory, make_entry, make_results, difference):
    image = tmp_path_factory.mktemp("images") / "a.png"
    Image.new("RGB", (8, 4), "teal").save(image)

    def error(name, file, label, kind, **more):
        return {
            "image": name,
            "file": str(file),
            "label": label,
            "kind": kind,
            "overall": True,
            "truth": ["dog"],
            "probabilities": {"one-vs-rest": 0.9, "chain": 0.4},
            "correct": ["chain"],
        } | more

    worse = {"difference": -0.25, "low": -0.3, "high": -0.2, "p": 0.01, "verdict": "worse"}
    against = {key: dict(worse) for key in METRICS}
    entries = [
        make_entry("one-vs-rest", "independent", 0.75, 0.75, level=0.75, n_labels=4),
        make_entry("chain", "joint", 0.5, 0.5, level=0.5, n_labels=4, against=against),
        {
            "name": "powerset",
            "kind": "joint",
            "base": "none",
            "about": "",
            "failed": "ValueError: <no>",
        },
    ]
    for entry in entries[:2]:
        entry["per_label"] = {"ap": [entry["metrics"]["macro_ap"], 0.5, None, 0.2]}
    names = ["cat", "dog", "squirrel", "<script>"]
    results = make_results(
        *entries,
        names=names,
        labels=dict(worse),
        sets=dict(worse),
        at_most=-0.2,
        cautions=[{"code": "few_test_images", "remedy": "folds", "test_images": 10, "images": 30}],
        dataset={
            "name": "<b>pets|farm</b>",
            "images": 30,
            "credit": "Drawings: somebody",
            "test_labels": {"cat": {"images": 10, "positives": 4, "prevalence": 0.4}},
        },
        protocol={"test_images": 10, "labels_not_learned": ["squirrel"]},
        confident_errors={
            "method": "one-vs-rest",
            "counts": {"false positive": 1, "false negative": 2},
            "shown": [
                error("a.png", image, "cat", "false positive"),
                error('"><script>.png', "/gone.png", HOSTILE, "false negative", truth=[HOSTILE]),
                error("a.png", image, "squirrel", "false negative", overall=False, correct=[]),
            ],
        },
        skipped_images=[
            {"image": "a|b.jpg", "where": "labels.csv row 3", "reason": "not an image"}
        ],
    )
    constant = results["methods"][-1]
    constant |= {"base": "none", "chosen": [{"label_set": ["<script>"]}]}
    constant["metrics"] |= dict.fromkeys(METRICS, 0.25) | {"labels_averaged": 3}
    for entry in results["methods"][:2]:
        entry["metrics"]["labels_averaged"] = 3
    results["baseline"] |= {"label_set": ["<script>"]}
    results["details"] = ["One-vs-rest is as good as <chain>."]
    return results
