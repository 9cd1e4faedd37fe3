"""A short load test of a fitted model; `make load-test` is the long one."""

import pytest

from catnocat.benchmarks.experiments.load_test import load_test

pytestmark = pytest.mark.slow


def test_responses_are_correct_and_invalid_files_are_refused(model_files):
    result = load_test(model_files["ridge"], requests=80, invalid_share=0.2)
    assert result["errors"] == []
    assert result["exit_code"] == 0
    assert sum(result["statuses"].values()) == result["requests"] == 80
    assert set(result["statuses"]) == {200, 413, 415, 422}
