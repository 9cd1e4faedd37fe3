"""Small tables, and the factory of results that all tests of analysis and report use."""

import numpy as np
import pytest

from catnocat.benchmarks.analysis import PURPOSES, derive_verdicts
from catnocat.benchmarks.data.tables import LabelTable
from catnocat.benchmarks.metrics import METRICS
from catnocat.benchmarks.report.text import answer, details


@pytest.fixture(scope="session")
def make_table():
    """Return a function that makes a table of images that need not exist."""

    def make(n_images, n_labels=4, seed=0, **more):
        rng = np.random.default_rng(seed)
        Y = (rng.random((n_images, n_labels)) < np.linspace(0.5, 0.2, n_labels)).astype(np.uint8)
        if "split" in more:
            more["split"] = np.array(more["split"])
        return LabelTable(
            name="made",
            source="made.csv",
            images=tuple(f"{row}.jpg" for row in range(n_images)),
            paths=tuple(f"/made/{row}.jpg" for row in range(n_images)),
            labels=tuple(f"label{number}" for number in range(n_labels)),
            Y=more.pop("Y", Y),
            known=more.pop("known", np.ones((n_images, n_labels), dtype=bool)),
            **more,
        )

    return make


@pytest.fixture(scope="session")
def difference():
    """Return a function that makes a difference with its interval and verdict."""

    def make(value=0.0, verdict="no difference", wide=0.005, **more):
        comparison = {"difference": value, "low": value - wide, "high": value + wide, "p": 0.5}
        return comparison | {"verdict": verdict} | more

    return make


@pytest.fixture(scope="session")
def make_entry(difference):
    """Return a function that makes the entry of a method.

    ``ap`` and ``right`` are its figures at the two purposes, ``level`` all others; ``against`` are
    differences to the reference by metric. Joint methods have a reference, others none.
    """

    def make(
        name,
        kind,
        ap=0.6,
        right=0.3,
        *,
        level=0.5,
        seconds=1.0,
        against=None,
        reference="one-vs-rest",
        n_labels=2,
        **more,
    ):
        is_joint = kind == "joint"
        differences = {key: difference() for key in METRICS} | (against or {})
        figures = dict.fromkeys(METRICS, level)
        figures |= {"macro_ap": ap, "subset_accuracy": right, "labels_averaged": n_labels}
        return {
            "name": name,
            "kind": kind,
            "base": "logistic regression",
            "about": f"about {name}",
            "metrics": figures,
            "intervals": {
                key: dict.fromkeys(("low", "high"))
                if figures[key] is None
                else {"low": figures[key] - 0.1, "high": figures[key] + 0.1}
                for key in METRICS
            },
            "per_label": {name: [level] * n_labels for name in ("ap", "auroc", "f1")},
            "reference": reference if is_joint else None,
            "same_base": is_joint,
            "against_independent": differences if is_joint else None,
            "fit_seconds": seconds,
            "choose_seconds": 0.0,
            "predict_ms_per_image": 0.25,
            "fit_cpu_seconds": seconds,
            "choose_cpu_seconds": 0.0,
            "predict_cpu_ms_per_image": 0.25,
            "chosen": [{"C": 0.1}],
            "set_rules": [],
            "warnings": [],
        } | more

    return make


def failed_entry(name, reason="ValueError: <no>"):
    """Return the entry of a method that failed."""
    return {
        "name": name, "kind": "joint", "base": "none", "about": f"about {name}", "failed": reason
    }  # fmt: skip


def find_best_entries(entries, key, comparison, at_most):
    """Return the section "best" of one purpose, with the given comparison."""
    known = [e for e in entries if "failed" not in e and e["metrics"][key] is not None]
    known = [entry for entry in known if entry["kind"] in ("independent", "joint")]

    def best(kinds):
        names = [e for e in known if e["kind"] in kinds]
        return max(names, key=lambda e: e["metrics"][key], default={"name": None})["name"]

    names = {"independent": best(["independent"]), "joint": best(["joint"])}
    both = all(names.values())
    better = both and comparison["verdict"] == "better"
    high = comparison["high"] if at_most is None else at_most
    return {
        "method": best(["independent", "joint"]),
        **names,
        "comparison": {"apparent_difference": comparison["difference"]} | comparison
        if both
        else None,
        "upper_bound": {"name": "powerset", "high": high} if both and high is not None else None,
        "shortfall": {
            entry["name"]: {"value": 0.0, "standard_error": 0.0}
            for entry in known
            if entry["kind"] == "independent" or better
        },
    }


@pytest.fixture(scope="session")
def make_results(make_entry, difference):
    """Return a function that makes complete results, valid by docs/results.schema.json.

    Parameters
    ----------
    entries
        Methods. The constant baseline is added.
    labels, sets
        Joint minus independent at the two purposes.
    at_most
        Highest upper end of any joint method.
    beaten_by
        By purpose, the methods that are better than the baseline.
    take
        Recommended methods.
    n_labels, names
        Number of labels, or their names.
    more
        Sections that replace the made ones, or are merged with them if both are dictionaries.
    """

    def make(
        *entries,
        labels=None,
        sets=None,
        take=("one-vs-rest", "one-vs-rest"),
        at_most=None,
        beaten_by=None,
        n_labels=2,
        names=None,
        cautions=(),
        **more,
    ):
        names = names or [f"label{number}" for number in range(n_labels)]
        entries = entries or (
            make_entry("one-vs-rest", "independent", 0.6, 0.3, seconds=22.3),
            make_entry("chain", "joint", 0.605, 0.31),
        )
        constant = make_entry("constant", "baseline", 0.25, 0.219, chosen=[{"label_set": ["cat"]}])
        entries = [*entries, constant]
        comparisons = dict(
            zip(PURPOSES, (labels or difference(), sets or difference()), strict=True)
        )
        best = {key: find_best_entries(entries, key, comparisons[key], at_most) for key in PURPOSES}
        baseline = {"name": "constant", "label_set": ["cat"]} | {
            key: {
                "value": value,
                "beaten_by": [
                    name
                    for name in (beaten_by or {}).get(
                        key, (best[key]["independent"], best[key]["joint"])
                    )
                    if name
                ],
            }
            for key, value in zip(PURPOSES, (0.25, 0.219), strict=True)
        }
        headline, purposes = derive_verdicts(entries, best, baseline, n_labels=len(names))
        counts = {"images": 300, "positives": 120, "prevalence": 0.4}
        results = {
            "dataset": {
                "name": "pets",
                "source": "labels.csv",
                "images": 1205,
                "labels": list(names),
                "cardinality": 1.5,
                "credit": "",
                "notes": [],
                "files_left_out": {},
                "label_sets": 5,
                "prevalence": dict.fromkeys(names, 0.4),
                "test_labels": {name: dict(counts) for name in names},
            },
            "recipe": {"backbone": "efficientnet_lite0", "views": ["whole@224:avg"]},
            "extraction": {"dimension": 1280, "computed_now": 30, "seconds": 1.0},
            "protocol": {
                "split": "the table's own",
                "folds": 1,
                "repeats": 1,
                "inner_folds": 3,
                "seed": 0,
                "features": "standardised",
                "chosen_by": "macro AP",
                "thresholds": "per label",
                "label_sets": "thresholds",
                "train_images": 900,
                "test_images": 300,
                "labels_not_learned": [],
                "labels_not_averaged": [],
            },
            "methods": entries,
            "reference": best["macro_ap"]["independent"],
            "best": best,
            "baseline": baseline,
            "verdicts": {"headline": headline, **purposes, "cautions": list(cautions)},
            "recommended": {
                key: {"method": name, "equivalent": [name], "seconds": {name: 30.0}}
                for key, name in zip(PURPOSES, take, strict=True)
                if name
            },
            "subset_accuracy_by_label_count": {
                "bands": [{"labels": "1", "images": 7}, {"labels": "2 or more", "images": 3}],
                "methods": {
                    entry["name"]: [{"value": 0.625, "low": 0.5, "high": 0.75}] * 2
                    for entry in entries
                    if "failed" not in entry and entry["kind"] != "baseline"
                },
            },
            "confident_errors": None,
            "crowding": make_crowding(),
            "dependence": {
                "marginal": {
                    "pairs": [],
                    "tested": 1,
                    "dependent": 0,
                    "matrix": {"labels": list(names), "values": [[None] * len(names)] * len(names)},
                },
                "given_features": None,
                "images": 300,
                "test_images": 300,
                "labels": len(names),
                "labels_left_out": [],
                "method": "one-vs-rest",
            },
            "cost": {
                "features": None,
                "methods": [],
                "train_images": 500,
                "synthetic_labels": 298,
                "threads": 1,
            },
            "skipped_images": [],
            "leakage": {"action": "none", "images": 0, "groups": 0, "flat_images": None},
            "dropped_duplicates": None,
            "detectors": [],
            "average_precisions": None,
        }
        for key, value in more.items():
            merged = isinstance(value, dict) and isinstance(results.get(key), dict)
            results[key] = results[key] | value if merged else value
        return results | {
            "answer": answer(results),
            "details": details(results),
            "command": "catnocat bench labels.csv",
            "next_command": "catnocat fit labels.csv --method one-vs-rest --out model.catnocat",
        }

    return make


def make_crowding(**more):
    """Return a section "crowding" in which nothing was measured."""
    return {
        "curves": {},
        "effects": {},
        "transfer": None,
        "crowded": None,
        "interventions": [],
        "not_measured": [],
        "reference": "one-vs-rest",
        "most_labels": 2,
        "images": 300,
        "test_images": 300,
    } | more


@pytest.fixture(scope="session")
def make_effect():
    """Return a function that makes the change of the AUROC between two points."""

    def make(start_value=0.89, end_value=0.78, start="1", end="3 or more", wide=0.05, chance=False):
        change = start_value - end_value
        return {
            "start": start,
            "end": end,
            "start_value": start_value,
            "end_value": end_value,
            "difference": {"value": change, "low": change - wide, "high": change + wide},
            "mean_auroc": (start_value + end_value) / 2,
            "above_chance": not chance,
        }

    return make
