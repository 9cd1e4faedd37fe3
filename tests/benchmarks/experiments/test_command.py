"""Commands that measure end as the others do: one line, and an exit code that says what for."""

import argparse

import pytest

from catnocat.benchmarks.experiments.command import run_measurement
from catnocat.benchmarks.utils.errors import InputError
from catnocat.features import FeatureError


@pytest.mark.parametrize("code", [None, 0, 1])
def test_the_measurement_says_how_it_ended(code):
    assert run_measurement(argparse.ArgumentParser(), lambda asked: code, []) == (code or 0)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("pets.csv: no such file"), 2, "catnocat: pets.csv: no such file\n"),
        (FeatureError("no such backbone"), 2, "catnocat: no such backbone\n"),
        (PermissionError(13, "Permission denied"), 2, "catnocat: [Errno 13] Permission denied\n"),
        (KeyboardInterrupt(), 130, "catnocat: stopped\n"),
    ],
)
def test_what_ends_it_is_one_line(capsys, error, code, said):
    def measure(asked):
        raise error

    assert run_measurement(argparse.ArgumentParser(), measure, []) == code
    assert capsys.readouterr() == ("", said)


def test_a_fault_of_ours_is_not_hidden():
    def measure(asked):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_measurement(argparse.ArgumentParser(), measure, [])
