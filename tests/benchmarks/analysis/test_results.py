"""The types of the results, docs/results.md, the JSON schema and real results agree."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import catnocat
from catnocat.benchmarks import bench, bench_several

ROOT = Path(catnocat.__file__).parent
SCHEMA = ROOT / "docs" / "results.schema.json"
SCRIPT = ROOT / ".ci" / "document_results.py"

pytestmark = pytest.mark.skipif(not SCRIPT.is_file(), reason="not run in a checkout")


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def check(validator, results):
    errors = validator.iter_errors(json.loads(json.dumps(results, allow_nan=False)))
    for error in errors:
        best = jsonschema.exceptions.best_match([error])
        pytest.fail(f"{'/'.join(map(str, best.absolute_path))}: {best.message[:300]}")


def test_page_and_schema_are_up_to_date():
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_results_of_the_factory_are_valid(validator, make_results, make_entry):
    failed = {"name": "powerset", "kind": "joint", "base": "", "about": "", "failed": "no"}
    check(validator, make_results())
    check(validator, make_results(make_entry("ridge", "independent"), failed, take=("ridge",) * 2))


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(160, 5))
    return X, (X[:, :4] + rng.normal(size=(160, 4)) > 0.3).astype(float)


def test_real_results_are_valid(validator, arrays):
    check(validator, bench(arrays, methods="logistic,chain", folds=2, n_jobs=1))


def test_results_without_any_fitted_method_are_valid(validator, arrays):
    result = bench(arrays, methods="regions", folds=2, n_jobs=1)
    assert "failed" in result["methods"][0]
    check(validator, result)


@pytest.mark.slow
def test_joint_results_are_valid(validator, arrays, tmp_path):
    for name in ("a", "b"):
        np.savez(tmp_path / f"{name}.npz", X=arrays[0], Y=arrays[1])
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    out = tmp_path / "new"
    check(validator, bench_several(paths, out=out, methods="logistic,chain", folds=2, n_jobs=1))
    assert {file.name for file in out.iterdir()} >= {"1-a", "2-b", "results.json", "report.html"}


def test_undocumented_keys_are_rejected(validator, make_results):
    with pytest.raises(pytest.fail.Exception):
        check(validator, make_results() | {"found": 1})
