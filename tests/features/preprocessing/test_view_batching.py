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
    """Return a network whose feature map holds averages of 8 x 8 pixels in 3 channels."""
    return torch.nn.AvgPool2d(8)


BACKBONE = Backbone("toy", "0" * 64, 3, PREPROCESSING, cells)


def vectors(images, *texts):
    """Return the vectors of images, and the number of network inputs per image."""
    batching = ViewBatching([View.parse(text, SIZE) for text in texts], 3)
    seen, outputs = 0, []
    for number, view in enumerate(batching.networks):
        shown = np.concatenate(
            [batching.network_inputs(each, PREPROCESSING)[number] for each in images]
        )
        seen += len(shown) // len(images)
        outputs.append(ViewNetwork(BACKBONE, view)(torch.from_numpy(shown)).numpy())
    return batching.vectors(outputs), seen


def rows(images, *texts):
    return vectors(images, *texts)[0]


@pytest.fixture(scope="module")
def images(photograph):
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


def test_views_are_concatenated(images):
    parts = [rows(images, text) for text in ALL]
    together = rows(images, *ALL)
    assert np.allclose(together, np.concatenate(parts, axis=1), atol=1e-6)
    assert together.dtype == np.float32


@pytest.mark.parametrize("text", ALL)
def test_rows_have_the_shape_of_the_view(images, text):
    assert rows(images, text).shape == (3, *View.parse(text).shape(3))


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
def test_each_crop_is_run_once(images, texts, seen):
    assert vectors(images, *texts)[1] == seen


@pytest.mark.parametrize("crop", ["five", "grid2", "grid3", "grid4"])
def test_kept_crops_can_be_combined_afterwards(images, crop):
    kept = rows(images, f"{crop}:avg+max/keep").reshape(3, -1, 6)
    assert np.array_equal(kept.mean(axis=1), rows(images, f"{crop}:avg+max"))
    assert np.array_equal(kept.max(axis=1), rows(images, f"{crop}:avg+max/max"))
    assert np.array_equal(kept.reshape(3, -1), rows(images, f"{crop}:avg+max/concat"))


def test_kept_regions_can_be_joined_afterwards(images):
    windows = rows(images, "whole:regions/keep").reshape(3, 14, 3)
    assert np.array_equal(windows.sum(axis=1), rows(images, "whole:regions"))
    for name in ("spatial2", "spatial3", "cells8"):
        assert np.array_equal(rows(images, f"whole:{name}/keep"), rows(images, f"whole:{name}"))
    kept = rows(images, "whole:cells8/keep").reshape(3, 64, 3)
    assert np.allclose(kept.mean(axis=1), rows(images, "whole:avg"), atol=1e-6)
    assert np.array_equal(kept.max(axis=1), rows(images, "whole:max"))


def test_regions_are_ordered_by_crop(images):
    kept = rows(images, "grid2:spatial2/keep").reshape(3, 4, 5, 3)
    assert np.array_equal(kept[:, :, 0], rows(images, "grid2:avg/keep").reshape(3, 4, 3))


def test_flip_makes_features_mirror_invariant(images):
    mirrored = [each.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for each in images]
    for text in ("whole+flip:avg+max", "five+flip:avg", "grid3+flip:avg/max"):
        assert np.allclose(rows(mirrored, text), rows(images, text), atol=0.01)


@pytest.mark.parametrize("name", [name for name in POOLINGS if POOLINGS[name].regions > 1])
def test_mirrored_regions_are_averaged_with_their_counterparts(images, name):
    # This network is mirror-equivariant, so that only rounding differs.
    actual = rows(images, f"whole+flip@128:{name}/keep")
    assert np.allclose(actual, rows(images, f"whole@128:{name}/keep"), atol=0.02)


def test_every_view_works_for_one_pixel():
    actual = rows([Image.new("RGB", (1, 1), "white")], *ALL)
    assert np.isfinite(actual).all()


def test_network_that_cannot_run_a_view_is_named():
    broken = Backbone("toy", "0" * 64, 3, PREPROCESSING, lambda: torch.nn.AvgPool2d(500))
    with pytest.raises(FeatureError, match="toy cannot be run on") as caught:
        ViewNetwork(broken, View("whole", 64))
    assert "\n" not in str(caught.value)
