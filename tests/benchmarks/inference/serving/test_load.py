"""A short load test of a fitted model; `make load-test` is the long one."""

import pytest

from catnocat.benchmarks.experiments.load_test import load_test

pytestmark = pytest.mark.slow


def test_predictions_are_correct_and_garbage_is_rejected(model_files):
    summary = load_test(model_files["ridge"], requests=80, share_of_garbage=0.2)
    assert summary["troubles"] == []
    assert summary["exit_code"] == 0
    assert sum(summary["statuses"].values()) == summary["requests"] == 80
    assert set(summary["statuses"]) == {200, 413, 415, 422}
