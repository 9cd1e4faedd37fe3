"""Small tables and features for the comparison's tests."""

import numpy as np
import pytest

from catnocat.benchmarks.analysis.best_methods import PURPOSES
from catnocat.benchmarks.analysis.purpose_verdicts import derive_verdicts
from catnocat.benchmarks.data.tables import LabelTable


@pytest.fixture
def make_table():
    """Give a function that makes a table of images that need not exist."""

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


@pytest.fixture
def difference():
    """Return a function that makes a difference with its interval and verdict."""

    def make(value=0.0, verdict="no difference", wide=0.005, **more):
        found = {"difference": value, "low": value - wide, "high": value + wide, "p": 0.5}
        return found | {"verdict": verdict} | more

    return make


@pytest.fixture
def make_entry(difference):
    """Return a function that makes a method's entry with the figures of both purposes."""

    def make(name, kind, ap=0.6, right=0.3, *, seconds=1.0, against=None, reference="one-vs-rest"):
        found = {key: difference() for key in PURPOSES} | (against or {})
        is_joint = kind == "joint"
        return {
            "name": name,
            "kind": kind,
            "metrics": {"macro_ap": ap, "subset_accuracy": right, "macro_auroc": 0.8},
            "intervals": {"macro_auroc": {"low": 0.7}, "macro_ap": {"low": 0.5}},
            "choose_cpu_seconds": 0.0,
            "choose_seconds": 0.0,
            "fit_cpu_seconds": seconds,
            "fit_seconds": seconds,
            "chosen": [{}],
            "reference": reference if is_joint else None,
            "against_independent": found if is_joint else None,
        }

    return make


@pytest.fixture
def make_results(make_entry, difference):
    """Return a function that makes results whose best methods of each kind differ as given.

    ``labels`` and ``sets`` are the differences at finding images and at label sets, ``at_most`` the
    highest upper end of any joint method, ``beaten_by`` who is better than the constant baseline
    (by purpose), ``take`` the recommended methods, ``cautions`` those of the test set.
    """

    def make(
        *entries,
        labels=None,
        sets=None,
        take=("one-vs-rest", "one-vs-rest"),
        at_most=None,
        beaten_by=None,
        n_labels=2,
        cautions=(),
        **more,
    ):
        entries = entries or (
            make_entry("one-vs-rest", "independent", 0.6, 0.3, seconds=22.3),
            make_entry("chain", "joint", 0.605, 0.31),
        )
        fitted = [entry for entry in entries if "failed" not in entry]
        differences = dict(
            zip(PURPOSES, (labels or difference(), sets or difference()), strict=True)
        )
        best = {}
        for key in PURPOSES:
            known = [entry for entry in fitted if entry["metrics"][key] is not None]
            names = {
                kind: max(
                    (entry for entry in known if entry["kind"] == kind),
                    key=lambda entry: entry["metrics"][key],
                    default={"name": None},
                )["name"]
                for kind in ("independent", "joint")
            }
            both = all(names.values())
            found = differences[key] if both else None
            high = found and (found["high"] if at_most is None else at_most)
            eligible = [
                entry["name"]
                for entry in known
                if entry["kind"] == "independent" or (found and found["verdict"] == "better")
            ]
            best[key] = names | {
                "found": found,
                "at_most": {"name": "powerset", "high": high} if both else None,
                "behind": {name: {"by": 0.0, "error": 0.0} for name in eligible},
            }
        baseline = {"name": "constant", "label_set": ["cat"]} | {
            key: {"value": value, "beaten_by": names and [name for name in names if name]}
            for key, value, names in (
                (key, value, (beaten_by or {}).get(key, list(best[key].values())[:2]))
                for key, value in zip(PURPOSES, (0.25, 0.219), strict=True)
            )
        }
        names = [f"label{number}" for number in range(n_labels)]
        verdicts = derive_verdicts(entries, best, baseline, n_labels=n_labels)
        return {
            "dataset": {"name": "pets", "images": 1205, "labels": names, "cardinality": 1.5},
            "protocol": {"images_judged": 300},
            "methods": list(entries),
            "best": best,
            "baseline": baseline,
            "verdicts": verdicts | {"cautions": list(cautions)},
            "recommended": {
                key: {"take": name, "as_good": [name], "seconds": {name: 30.0}}
                for key, name in zip(PURPOSES, take, strict=True)
                if name
            },
        } | more

    return make
