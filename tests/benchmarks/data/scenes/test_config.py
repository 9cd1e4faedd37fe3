from pathlib import Path

import pytest

from catnocat.benchmarks.data.scenes import MenagerieSettings
from catnocat.benchmarks.utils.errors import InputError


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"number": 0}, "number must be at least 1"),
        ({"labels": ()}, "labels names no animal"),
        ({"labels": ("cat", "cat")}, "an animal twice"),
        ({"fewest": 3, "most": 2}, "fewest <= most"),
        ({"most": -1, "layout": "grid"}, "fewest <= most"),
        ({"fewest": -1}, "fewest <= most"),
        ({"herds": 0}, "herds must be a positive number"),
        ({"herds": float("nan")}, "herds must be a positive number"),
        ({"herd_sizes": (0.5, 0.4)}, "sum to 1"),
        ({"herd_sizes": ()}, "sum to 1"),
        ({"company": -0.1}, "company and avoidance must be 0 or more"),
        ({"avoidance": float("inf")}, "company and avoidance must be 0 or more"),
        ({"layout": "circle"}, "scatter or grid"),
        ({"size": (0.4, 0.3)}, "smallest <= largest"),
        ({"size": (0.4, 0.9)}, "smallest <= largest"),
        ({"seed": -1}, "seed must be 0 or more"),
        ({"canvas": 40}, "choose a larger canvas"),
        ({"fewest": 30, "most": 30}, "hardly ever make 30 to 30"),
    ],
)
def test_wrong_settings_are_told_in_one_line(wrong, said):
    with pytest.raises(InputError, match=said) as error:
        MenagerieSettings(**wrong)
    assert "\n" not in str(error.value)


def test_settings_are_hashable_and_stand_on_their_own(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    settings = MenagerieSettings(labels=["cat", "dog"], sprites="mine")
    assert hash(settings) == hash(MenagerieSettings(labels=("cat", "dog"), sprites=Path("mine")))
    assert settings.sprites == tmp_path / "mine"


@pytest.mark.parametrize(("most", "cells"), [(0, 1), (1, 1), (4, 2), (5, 3), (6, 3), (9, 3)])
def test_the_grid_has_room_for_the_most_animals(most, cells):
    assert MenagerieSettings(most=most, layout="grid").cells == cells
