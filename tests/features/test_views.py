import numpy as np
import pytest
from PIL import Image

from catnocat.features import FeatureError, Preprocessing, View

PREPROCESSING = Preprocessing(224, "bilinear", (0.5,) * 3, (0.5,) * 3, 0.5)


@pytest.mark.parametrize("text", ["whole@224:avg", "center@320:avg+max", "whole@96:max"])
def test_text_and_view_are_two_forms_of_one_thing(text):
    assert str(View.parse(text)) == text


def test_what_is_left_out_is_filled_in():
    assert View.parse(" center ", size=299) == View("center", 299, "avg")


@pytest.mark.parametrize(
    "text",
    ["", "hole", "whole@0", "whole@9999", "whole:", "whole:median", "whole:avg+avg", "whole@x"],
)
def test_a_wrong_view_is_named(text):
    with pytest.raises(FeatureError, match="view"):
        View.parse(text)


def test_whole_shows_everything_and_center_the_middle():
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[40:60, 90:110] = 255
    image = Image.fromarray(pixels)
    whole = View("whole", 100).show(image, PREPROCESSING)
    center = View("center", 100).show(image, PREPROCESSING)
    assert whole.shape == center.shape == (100, 100, 3)
    assert whole.dtype == np.uint8
    assert whole.mean() / 255 == pytest.approx(0.02, rel=0.1)
    assert center.mean() / 255 == pytest.approx(0.16, rel=0.1)  # 20 x 20 of 50 x 50


def test_one_pixel_and_extreme_shapes_can_be_shown():
    for size in ((1, 1), (1, 5000), (5000, 1)):
        for crop in ("whole", "center"):
            shown = View(crop, 64).show(Image.new("RGB", size, "red"), PREPROCESSING)
            assert (shown == [255, 0, 0]).all()


def test_an_unknown_interpolation_is_refused():
    with pytest.raises(FeatureError, match="interpolation"):
        Preprocessing(224, "magic", (0.5,) * 3, (0.5,) * 3, 0.875)
