"""The results of a small comparison, with names that try to break out of the page."""

from copy import deepcopy

import pytest
from PIL import Image

from catnocat.benchmarks.analysis.best_methods import PURPOSES
from catnocat.benchmarks.analysis.purpose_verdicts import derive_verdicts
from catnocat.benchmarks.metrics import METRICS
from catnocat.benchmarks.report.text.answer import answer

HOSTILE = "<img src=x onerror=alert(1)>\u202e\" ' </script>" + "é" * 300


@pytest.fixture
def results(made_results):
    return deepcopy(made_results)


@pytest.fixture(scope="session")
def made_results(tmp_path_factory):
    picture = tmp_path_factory.mktemp("pictures") / "a.png"
    Image.new("RGB", (8, 4), "teal").save(picture)

    def mistake(image, file, label, kind, **more):
        return {
            "image": image,
            "file": str(file),
            "label": label,
            "kind": kind,
            "overall": True,
            "truth": ["dog"],
            "probabilities": {"one-vs-rest": 0.9, "chain": 0.4},
            "right": ["chain"],
        } | more

    def entry(name, kind, level):
        against = {
            key: {"difference": -0.25, "low": -0.3, "high": -0.2, "p": 0.01, "verdict": "worse"}
            for key in METRICS
        }
        metrics = dict.fromkeys(METRICS, level) | {"labels_averaged": 3}
        return {
            "name": name,
            "kind": kind,
            "base": "logistic regression",
            "about": f"about {name}",
            "metrics": metrics,
            "intervals": {key: {"low": level - 0.1, "high": level + 0.1} for key in METRICS},
            "per_label": {"ap": [level, 0.5, None, 0.2]},
            "reference": None if kind == "independent" else "one-vs-rest",
            "same_base": kind == "joint",
            "against_independent": None if kind == "independent" else against,
            "fit_seconds": 1.5,
            "fit_cpu_seconds": 1.5,
            "choose_seconds": 3.0,
            "choose_cpu_seconds": 3.0,
            "predict_ms_per_image": 0.25,
            "chosen": [{"C": 0.1}],
            "warnings": [],
        }

    baseline = entry("constant", "baseline", 0.25) | {"chosen": [{"label_set": ["<script>"]}]}
    baseline |= {"reference": None, "against_independent": None, "base": "none"}
    compared = [
        entry("one-vs-rest", "independent", 0.75),
        entry("chain", "joint", 0.5),
        {"name": "powerset", "kind": "joint", "about": "", "failed": "ValueError: <no>"},
    ]
    best = {
        key: {
            "independent": "one-vs-rest",
            "joint": "chain",
            "found": dict(compared[1]["against_independent"][key]),
            "at_most": {"name": "chain", "high": -0.2},
            "behind": {"one-vs-rest": {"by": 0.0, "error": 0.0}},
        }
        for key in PURPOSES
    }
    against_baseline = {"name": "constant", "label_set": ["<script>"]} | {
        key: {"value": 0.25, "beaten_by": ["one-vs-rest", "chain"]} for key in PURPOSES
    }
    made = {
        "dataset": {
            "name": "<b>pets|farm</b>",
            "source": "labels.csv",
            "images": 30,
            "labels": ["cat", "dog", "squirrel", "<script>"],
            "cardinality": 1.5,
            "label_sets": 5,
            "prevalence": {"cat": 0.5},
            "test_labels": {"cat": {"images": 10, "positives": 4, "prevalence": 0.4}},
            "credit": "Drawings: somebody",
        },
        "recipe": {"backbone": "efficientnet_lite0", "views": ["whole@224:avg"]},
        "extraction": {"dimension": 1280, "computed_now": 30, "seconds": 1.0},
        "protocol": {
            "split": "the table's own",
            "folds": 1,
            "images_judged": 10,
            "labels_not_learned": ["squirrel"],
        },
        "methods": [*compared, baseline],
        "best": best,
        "baseline": against_baseline,
        "verdicts": derive_verdicts(compared, best, against_baseline, n_labels=4)
        | {
            "cautions": [
                {"code": "few_test_images", "remedy": "folds", "test_images": 10, "images": 30}
            ]
        },
        "recommended": {
            key: {
                "take": "one-vs-rest",
                "as_good": ["one-vs-rest", "chain"],
                "seconds": {"one-vs-rest": 12.0, "chain": 13.0},
            }
            for key in PURPOSES
        },
        "mistakes": {
            "method": "one-vs-rest",
            "counts": {"false alarm": 1, "miss": 2},
            "shown": [
                mistake("a.png", picture, "cat", "false alarm"),
                mistake('"><script>.png', "/gone.png", HOSTILE, "miss", truth=[HOSTILE]),
                mistake("a.png", picture, "squirrel", "miss", overall=False, right=[]),
            ],
        },
        "details": ["One-vs-rest is as good as <chain>."],
        "command": "catnocat bench labels.csv",
        "next_command": "catnocat fit labels.csv --method one-vs-rest --out model.catnocat",
        "skipped_images": [
            {"image": "a|b.jpg", "where": "labels.csv row 3", "reason": "not an image"}
        ],
    }
    return made | {"answer": answer(made)}
