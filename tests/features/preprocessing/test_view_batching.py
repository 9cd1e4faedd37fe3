import numpy as np
import pytest
import torch
from PIL import Image

from catnocat.features import Backbone, FeatureError, Preprocessing, View
from catnocat.features.engines.network import ViewNetwork
from catnocat.features.preprocessing.pooling import POOLINGS
from catnocat.features.preprocessing.view_batching import ViewBatching

PREPROCESSING = Preprocessing(224, "bilinear", (0.5,) * 3, (0.5,) * 3, 0.875)
SIZE = 64


def cells():
    """Return a network whose map's cells are averages of 8 x 8 pixels, of 3 channels."""
    return torch.nn.AvgPool2d(8)


BACKBONE = Backbone("toy", "0" * 64, 3, PREPROCESSING, cells)


def vectors(pictures, *texts):
    """Show pictures as views say; also give how many squares the network saw of each."""
    batching = ViewBatching([View.parse(text, SIZE) for text in texts], 3)
    seen, outputs = 0, []
    for number, view in enumerate(batching.networks):
        shown = np.concatenate(
            [batching.network_inputs(each, PREPROCESSING)[number] for each in pictures]
        )
        seen += len(shown) // len(pictures)
        outputs.append(ViewNetwork(BACKBONE, view)(torch.from_numpy(shown)).numpy())
    return batching.vectors(outputs), seen


def rows(pictures, *texts):
    return vectors(pictures, *texts)[0]


@pytest.fixture(scope="module")
def pictures(photograph):
    return [photograph.crop((x, 50, x + 200, 250 - x)) for x in (0, 40, 90)]


ALL = [
    "whole:avg",
    "whole:max",
    "whole:avg+max",
    "whole+flip:spatial3",
    "center:gem",
    "five:regions/max",
    "grid2+flip:avg+regions/concat",
    "whole@40:avg+spatial2",
    "grid3:cells3",
]


def test_a_concatenation_is_its_parts_side_by_side(pictures):
    parts = [rows(pictures, text) for text in ALL]
    together = rows(pictures, *ALL)
    assert np.allclose(together, np.concatenate(parts, axis=1), atol=1e-6)
    assert together.dtype == np.float32


@pytest.mark.parametrize("text", ALL)
def test_rows_are_as_long_as_the_view_says(pictures, text):
    assert rows(pictures, text).shape == (3, *View.parse(text).shape(3))


@pytest.mark.parametrize(
    ("texts", "seen"),
    [
        (["whole:avg", "whole:max", "whole:regions/keep"], 1),
        (["whole:avg", "whole+flip:avg"], 2),
        (["five:avg", "center:max"], 5),
        (["whole@64:avg", "whole@96:avg"], 2),
        (["grid3:avg", "grid3:avg/max", "grid3+flip:max"], 18),
    ],
)
def test_nothing_is_shown_twice(pictures, texts, seen):
    assert vectors(pictures, *texts)[1] == seen


@pytest.mark.parametrize("crop", ["five", "grid2", "grid3", "grid4"])
def test_kept_crops_can_be_combined_afterwards(pictures, crop):
    kept = rows(pictures, f"{crop}:avg+max/keep").reshape(3, -1, 6)
    assert np.array_equal(kept.mean(axis=1), rows(pictures, f"{crop}:avg+max"))
    assert np.array_equal(kept.max(axis=1), rows(pictures, f"{crop}:avg+max/max"))
    assert np.array_equal(kept.reshape(3, -1), rows(pictures, f"{crop}:avg+max/concat"))


def test_kept_parts_of_the_map_can_be_joined_afterwards(pictures):
    windows = rows(pictures, "whole:regions/keep").reshape(3, 14, 3)
    assert np.array_equal(windows.sum(axis=1), rows(pictures, "whole:regions"))
    for name in ("spatial2", "spatial3", "cells8"):
        assert np.array_equal(rows(pictures, f"whole:{name}/keep"), rows(pictures, f"whole:{name}"))
    kept = rows(pictures, "whole:cells8/keep").reshape(3, 64, 3)
    assert np.allclose(kept.mean(axis=1), rows(pictures, "whole:avg"), atol=1e-6)
    assert np.array_equal(kept.max(axis=1), rows(pictures, "whole:max"))


def test_regions_of_crops_stand_crop_by_crop(pictures):
    kept = rows(pictures, "grid2:spatial2/keep").reshape(3, 4, 5, 3)
    assert np.array_equal(kept[:, :, 0], rows(pictures, "grid2:avg/keep").reshape(3, 4, 3))


def test_a_mirrored_picture_has_the_same_flipped_average(pictures):
    mirrored = [each.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for each in pictures]
    for text in ("whole+flip:avg+max", "five+flip:avg", "grid3+flip:avg/max"):
        assert np.allclose(rows(mirrored, text), rows(pictures, text), atol=0.01)


@pytest.mark.parametrize("name", [name for name in POOLINGS if POOLINGS[name].regions > 1])
def test_a_mirrored_part_is_averaged_with_the_part_that_shows_the_same(pictures, name):
    # This network does the same to a mirrored picture: nothing changes but what rounds otherwise.
    found = rows(pictures, f"whole+flip@128:{name}/keep")
    assert np.allclose(found, rows(pictures, f"whole@128:{name}/keep"), atol=0.02)


def test_every_view_can_be_had_of_one_pixel():
    found = rows([Image.new("RGB", (1, 1), "white")], *ALL)
    assert np.isfinite(found).all()


def test_a_network_that_cannot_take_a_view_is_named_in_one_line():
    broken = Backbone("toy", "0" * 64, 3, PREPROCESSING, lambda: torch.nn.AvgPool2d(500))
    with pytest.raises(FeatureError, match="toy cannot be run on") as refused:
        ViewNetwork(broken, View("whole", 64))
    assert "\n" not in str(refused.value)
