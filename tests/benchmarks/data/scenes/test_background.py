import numpy as np
from PIL import Image

from catnocat.benchmarks.data.scenes.sprite_sampling import draw_background, open_photographs


def test_backgrounds_are_crops_of_both_photographs_and_all_different():
    rng, opened = np.random.default_rng(0), open_photographs()
    assert len(opened) == 2
    drawn = {draw_background(rng, opened, 32).tobytes() for _ in range(50)}
    assert len(drawn) == 50


def test_a_crop_reaches_the_edges_and_never_beyond(rng):
    framed = Image.new("RGB", (60, 40), "white")
    crops = [np.asarray(draw_background(rng, [framed], 20)) for _ in range(200)]
    lightest = np.array([crop.max() for crop in crops])
    # A uniform crop of a white image; pixels beyond its edge would be black.
    assert all(len(np.unique(crop.reshape(-1, 3), axis=0)) == 1 for crop in crops)
    assert lightest.min() < 200
    assert lightest.max() == 255
