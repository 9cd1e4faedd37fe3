"""Measuring commands end with one line on stderr and an exit code."""

import argparse

import pytest

from catnocat.benchmarks.experiments.command import run_measurement
from catnocat.benchmarks.utils.errors import InputError
from catnocat.features import FeatureError


@pytest.mark.parametrize("code", [None, 0, 1])
def test_exit_code_of_the_measurement_is_returned(code):
    assert run_measurement(argparse.ArgumentParser(), lambda arguments: code, []) == (code or 0)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (InputError("pets.csv: no such file"), 2, "catnocat: pets.csv: no such file\n"),
        (FeatureError("no such backbone"), 2, "catnocat: no such backbone\n"),
        (PermissionError(13, "Permission denied"), 2, "catnocat: [Errno 13] Permission denied\n"),
        (KeyboardInterrupt(), 130, "catnocat: stopped\n"),
    ],
)
def test_input_error_is_one_line(capsys, error, code, message):
    def measure(arguments):
        raise error

    assert run_measurement(argparse.ArgumentParser(), measure, []) == code
    assert capsys.readouterr() == ("", message)


def test_unexpected_exception_is_not_hidden():
    def measure(arguments):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_measurement(argparse.ArgumentParser(), measure, [])
