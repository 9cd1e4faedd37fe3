import pytest

from catnocat.features import FeatureError, Preprocessing, View


@pytest.mark.parametrize(
    "text",
    [
        "whole@224:avg",
        "center@320:avg+max",
        "whole@96:max",
        "whole+flip@224:gem",
        "five@224:avg/max",
        "grid3+flip@320:avg+max+regions/concat",
        "whole@448:cells14/keep",
        "grid2@224:avg/keep",
        "whole@224:spatial3",
    ],
)
def test_text_round_trip(text):
    assert str(View.parse(text)) == text


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("grid", "grid2@224:avg"),
        ("flip", "whole+flip@224:avg"),
        ("center+flip", "center+flip@224:avg"),
        ("grid:spatial+max/max", "grid2@224:spatial2+max/max"),
        ("five/mean", "five@224:avg"),
    ],
)
def test_short_names(short, long):
    assert str(View.parse(short)) == long


def test_defaults_of_missing_parts():
    assert View.parse(" center ", size=299) == View("center", 299, "avg")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hole",
        "whole@0",
        "whole@9999",
        "whole:",
        "whole:median",
        "whole:avg+avg",
        "whole@x",
        "grid1",
        "grid9",
        "flip+whole",
        "whole:cells1",
        "whole:cells15",
        "five:avg/median",
        "five/",
        "whole:avg/max",
        "center+flip:avg/concat",
        "whole:avg+regions/keep",
    ],
)
def test_invalid_view_is_named(text):
    with pytest.raises(FeatureError, match="view") as caught:
        View.parse(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("whole:avg", (4,)),
        ("whole:avg+max+gem", (12,)),
        ("whole:regions", (4,)),
        ("whole:spatial2", (20,)),
        ("whole:spatial3+max", (60,)),
        ("whole:cells3", (36,)),
        ("grid3:avg", (4,)),
        ("grid3+flip:avg/max", (4,)),
        ("grid3:avg+max/concat", (72,)),
        ("five:avg+max/keep", (5, 8)),
        ("whole:avg/keep", (1, 4)),
        ("whole:regions/keep", (14, 4)),
        ("whole+flip:cells7/keep", (49, 4)),
        ("grid2:spatial2/keep", (20, 4)),
    ],
)
def test_shape_of_a_row(text, shape):
    assert View.parse(text).shape(4) == shape


def test_unknown_interpolation_is_refused():
    with pytest.raises(FeatureError, match="interpolation"):
        Preprocessing(224, "magic", (0.5,) * 3, (0.5,) * 3, 0.875)
