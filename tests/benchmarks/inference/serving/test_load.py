"""A short load test of a fitted model; `make load-test` is the long one."""

import pytest

from catnocat.benchmarks.experiments.load_test import load_test

pytestmark = pytest.mark.slow


def test_no_answer_is_wrong_and_garbage_is_refused(model_files):
    told = load_test(model_files["ridge"], requests=80, share_of_garbage=0.2)
    assert told["troubles"] == []
    assert told["exit_code"] == 0
    assert sum(told["statuses"].values()) == told["requests"] == 80
    assert set(told["statuses"]) == {200, 413, 415, 422}
