"""Registration of small images, on drawn textures."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from catnocat.benchmarks.data.inspection.registration import agreement, find_keypoints


def keypoints(image):
    small = image.copy()
    small.thumbnail((128, 128))
    return find_keypoints(np.asarray(small))


CHANGES = {
    "flip": ImageOps.mirror,
    "crop": lambda image: image.crop((40, 20, 296, 212)),
    "rotation": lambda image: image.rotate(15, resample=Image.Resampling.BICUBIC),
    "brightness": lambda image: ImageEnhance.Brightness(image).enhance(0.6),
    "blur": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_versions_agree(scene, change):
    scores = [agreement(keypoints(s), keypoints(CHANGES[change](s))) for s in map(scene, range(5))]
    assert min(scores) > 0.8


def test_different_scenes_do_not_agree(scene):
    known = [keypoints(scene(seed)) for seed in range(8)]
    scores = [agreement(known[i], known[j]) for i in range(8) for j in range(i)]
    assert max(scores) < 0.3


def test_images_without_corners_agree_with_nothing(scene):
    flat = find_keypoints(np.full((96, 128), 128))
    assert len(flat.points) == 0
    assert agreement(flat, flat) == 0
    assert agreement(flat, keypoints(scene(0))) == 0


@pytest.mark.parametrize("shape", [(1, 128), (8, 128), (12, 12), (3, 2)])
def test_odd_shapes_are_taken(shape):
    image = find_keypoints(np.random.default_rng(0).integers(0, 255, shape))
    assert agreement(image, image) >= 0
