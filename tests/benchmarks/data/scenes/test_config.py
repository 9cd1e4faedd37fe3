from pathlib import Path

import pytest

from catnocat.benchmarks.data.scenes import MenagerieSettings
from catnocat.benchmarks.utils.errors import InputError


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"number": 0}, "number must be at least 1"),
        ({"labels": ()}, "name at least one animal"),
        ({"labels": ("cat", "cat")}, "an animal twice"),
        ({"fewest": 3, "most": 2}, "fewest <= most"),
        ({"most": -1, "layout": "grid"}, "fewest <= most"),
        ({"fewest": -1}, "fewest <= most"),
        ({"mean_groups": 0}, "mean_groups must be a positive number"),
        ({"mean_groups": float("nan")}, "mean_groups must be a positive number"),
        ({"group_sizes": (0.5, 0.4)}, "sum to 1"),
        ({"group_sizes": ()}, "sum to 1"),
        ({"cooccurrence": -0.1}, "cooccurrence and exclusion must be 0 or more"),
        ({"exclusion": float("inf")}, "cooccurrence and exclusion must be 0 or more"),
        ({"layout": "circle"}, "scatter or grid"),
        ({"size": (0.4, 0.3)}, "minimum <= maximum"),
        ({"size": (0.4, 0.9)}, "minimum <= maximum"),
        ({"seed": -1}, "seed must be 0 or more"),
        ({"canvas": 40}, "choose a larger canvas"),
        ({"fewest": 30, "most": 30}, "almost never contain 30 to 30"),
    ],
)
def test_invalid_settings_raise_one_line(wrong, message):
    with pytest.raises(InputError, match=message) as error:
        MenagerieSettings(**wrong)
    assert "\n" not in str(error.value)


def test_settings_are_hashable_and_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    settings = MenagerieSettings(labels=["cat", "dog"], sprites="mine")
    assert hash(settings) == hash(MenagerieSettings(labels=("cat", "dog"), sprites=Path("mine")))
    assert settings.sprites == tmp_path / "mine"


@pytest.mark.parametrize(("most", "cells"), [(0, 1), (1, 1), (4, 2), (5, 3), (6, 3), (9, 3)])
def test_grid_holds_the_maximum_number_of_animals(most, cells):
    assert MenagerieSettings(most=most, layout="grid").cells == cells
