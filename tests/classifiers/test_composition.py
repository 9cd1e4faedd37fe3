"""Try every classifier in scikit-learn's tools, and compare with the table in docs/composition.md.

With `CATNOCAT_WRITE_TABLES=1` the table is written instead of compared.
"""

import os
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    cross_val_predict,
    cross_validate,
    learning_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import catnocat
from catnocat import classifiers
from catnocat.classifiers import MultiLabelClassifier, MultilabelKFold

N_ROWS, N_LABELS = 60, 3
PAGE = Path(catnocat.__file__).parent / "docs" / "composition.md"
REFERENCE = "scikit-learn's `OneVsRestClassifier`"
WORKS, FAILS = "yes", "no"
CLASSIFIERS = [
    cls
    for cls in (getattr(classifiers, name) for name in classifiers.__all__)
    if isinstance(cls, type)
    and issubclass(cls, MultiLabelClassifier)
    and cls is not MultiLabelClassifier
]


def quick(cls):
    """Return a classifier with the first parameters of its tests, but an ordinary tolerance."""
    estimator = cls(**next(iter(cls._unit_test_params().values())))
    tolerances = [name for name in estimator.get_params() if name.endswith("tol")]
    return estimator.set_params(**dict.fromkeys(tolerances, 1e-6))


ESTIMATORS = {f"`{cls.__name__}`": quick(cls) for cls in CLASSIFIERS}
FOLDS = MultilabelKFold(2)


@pytest.fixture(scope="module")
def data():
    """Return features, a label matrix and groups of four images."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N_ROWS, 4))
    Y = (X[:, :N_LABELS] + 0.5 * rng.normal(size=(N_ROWS, N_LABELS)) > 0).astype(int)
    return X, Y, np.arange(N_ROWS) // 4


def run_cross_validate(model, X, Y, groups):
    scoring = ["accuracy", "f1_macro", "average_precision"]
    return cross_validate(
        model, X, Y, groups=groups, cv=FOLDS, scoring=scoring, error_score="raise"
    )["test_average_precision"]


def run_cross_val_predict(model, X, Y, groups):
    P = cross_val_predict(model, X, Y, cv=FOLDS, method="predict_proba")
    assert P.shape == Y.shape
    return P


def search(kind, model, X, Y, **options):
    pipeline = make_pipeline(StandardScaler(), model)
    grid = {"standardscaler__with_mean": [True, False]}
    fitted = kind(pipeline, grid, cv=FOLDS, scoring="f1_micro", error_score="raise", **options).fit(
        X, Y
    )
    assert fitted.predict_proba(X).shape == Y.shape
    return fitted.best_score_


def run_grid_search(model, X, Y, groups):
    return search(GridSearchCV, model, X, Y)


def run_halving_search(model, X, Y, groups):
    return search(HalvingGridSearchCV, model, X, Y, min_resources=20)


def run_stacking(model, X, Y, groups):
    members = [("a", model), ("b", clone(model))]
    decisions = StackingClassifier(members, KNeighborsClassifier(), cv=FOLDS).fit(X, Y).predict(X)
    assert decisions.shape == Y.shape
    return decisions


def run_calibration_of_one_label(model, X, Y, groups):
    return CalibratedClassifierCV(model, cv=2).fit(X, Y[:, 0]).predict_proba(X)


def run_learning_curve(model, X, Y, groups):
    sizes = [0.5, 1.0]
    return learning_curve(model, X, Y, cv=FOLDS, train_sizes=sizes, error_score="raise")[2]


def run_permutation_importance(model, X, Y, groups):
    return permutation_importance(model.fit(X, Y), X, Y, n_repeats=1).importances


def run_partial_dependence(model, X, Y, groups):
    return partial_dependence(model.fit(X, Y[:, 0]), X, [0], grid_resolution=5)["average"]


TOOLS = {
    "`cross_validate`": run_cross_validate,
    "`cross_val_predict`": run_cross_val_predict,
    "`GridSearchCV`": run_grid_search,
    "`HalvingGridSearchCV`": run_halving_search,
    "`StackingClassifier`": run_stacking,
    "`CalibratedClassifierCV` (one label)": run_calibration_of_one_label,
    "`learning_curve`": run_learning_curve,
    "`permutation_importance`": run_permutation_importance,
    "`partial_dependence` (one label)": run_partial_dependence,
}


def outcome(estimator, tool, data):
    """Return whether an estimator works in a tool, with finite results."""
    try:
        result = TOOLS[tool](clone(estimator), *data)
    except (ValueError, TypeError, AttributeError, NotImplementedError):
        return FAILS
    return WORKS if np.isfinite(np.asarray(result, dtype=float)).all() else FAILS


def read_table():
    rows = re.findall(r"^\| (.*) \|$", PAGE.read_text("utf-8"), re.M)
    header, _, *body = [
        row.split(" | ")
        for row in rows
        if row.startswith(("classifier", "--")) or row.split(" | ")[0] in {REFERENCE, *ESTIMATORS}
    ]
    return {row[0]: dict(zip(header[1:], row[1:], strict=True)) for row in body}


def write_table(table):
    lines = [["classifier", *TOOLS], ["---"] * (len(TOOLS) + 1)]
    lines += [[name, *cells.values()] for name, cells in table.items()]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    page = re.sub(
        r"^\| classifier \|.*?(?=\n\n|\Z)", text, PAGE.read_text("utf-8"), flags=re.M | re.S
    )
    PAGE.write_text(page, "utf-8")


pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::catnocat.classifiers.ConstantLabelWarning"),
]


@pytest.mark.parametrize("name", [REFERENCE, *ESTIMATORS])
def test_the_documented_tools_work(name, data):
    reference = OneVsRestClassifier(LogisticRegression())
    estimator = reference if name == REFERENCE else ESTIMATORS[name]
    measured = {tool: outcome(estimator, tool, data) for tool in TOOLS}
    if os.environ.get("CATNOCAT_WRITE_TABLES"):
        write_table(read_table() | {name: measured})
        return
    table = read_table()
    assert table[name] == measured
    required = {tool for tool, cell in table[REFERENCE].items() if cell == WORKS}
    assert required <= {tool for tool, cell in measured.items() if cell == WORKS}


def test_the_table_has_a_row_per_classifier():
    assert list(read_table()) == [REFERENCE, *ESTIMATORS]
