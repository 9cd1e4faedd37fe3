import numpy as np
import pytest
from PIL import Image

from catnocat.features import Preprocessing
from catnocat.features.preprocessing.views import CROPS

PREPROCESSING = Preprocessing(224, "bilinear", (0.5,) * 3, (0.5,) * 3, 0.5)


def boxes(name, width=640, height=480):
    return [crop.box(width, height, PREPROCESSING) for crop in CROPS[name]]


def test_boxes_of_whole_and_center():
    assert boxes("whole") == [(0, 0, 640, 480)]
    assert boxes("center") == [(200, 120, 440, 360)]


def test_five_crops_are_corners_and_center():
    corners = [(0, 0, 240, 240), (400, 0, 640, 240), (0, 240, 240, 480), (400, 240, 640, 480)]
    assert boxes("five") == [*corners, *boxes("center")]


def test_grid_is_in_row_order_with_half_overlap():
    assert boxes("grid3") == [
        (left, top, left + 320, top + 240) for top in (0, 120, 240) for left in (0, 160, 320)
    ]


@pytest.mark.parametrize("name", ["grid2", "grid3", "grid4"])
def test_grid_covers_the_image(name):
    for width, height in ((640, 480), (1, 1), (3, 5000), (333, 7)):
        actual = np.array(boxes(name, width, height))
        assert len(actual) == int(name[-1]) ** 2
        assert actual[:, :2].min() == 0
        assert (actual[:, 2:] <= (width, height)).all()
        assert actual[:, 2:].max(axis=0) == pytest.approx((width, height))
        assert (actual[:, 2:] > actual[:, :2]).all()


@pytest.mark.parametrize("name", CROPS)
@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (2, 3), (333, 77)])
def test_tiny_and_elongated_images_can_be_cropped(name, size):
    image = Image.new("RGB", size, "red")
    for crop in CROPS[name]:
        shown = crop.cut(image, 40, PREPROCESSING)
        assert shown.shape == (40, 40, 3)
        assert shown.dtype == np.uint8
        assert (shown == [255, 0, 0]).all()


def test_whole_contains_everything_and_center_the_middle():
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[40:60, 90:110] = 255
    image = Image.fromarray(pixels)
    whole = CROPS["whole"][0].cut(image, 100, PREPROCESSING)
    center = CROPS["center"][0].cut(image, 100, PREPROCESSING)
    assert whole.mean() / 255 == pytest.approx(0.02, rel=0.1)
    assert center.mean() / 255 == pytest.approx(0.16, rel=0.1)  # 20 x 20 of 50 x 50
