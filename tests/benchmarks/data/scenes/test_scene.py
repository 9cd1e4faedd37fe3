import numpy as np
import pytest
from PIL import Image

from catnocat.benchmarks.data.scenes import MenagerieSettings
from catnocat.benchmarks.data.scenes.scene import (
    MIN_VISIBLE,
    OcclusionMap,
    SceneAssets,
    draw_grid_positions,
    draw_scatter_position,
    draw_scene,
)
from catnocat.benchmarks.data.scenes.sprites import catalogue


@pytest.fixture(scope="module")
def draw():
    """Return a function that draws the first scenes of some settings."""

    def draw_first(number, background=None, **options):
        settings = MenagerieSettings(**options)
        assets = SceneAssets(settings, catalogue(settings))
        if background is not None:
            assets.photographs = [Image.new("RGB", (64, 64), background)]
        return [draw_scene(settings, assets, index) for index in range(number)]

    return draw_first


def colours(image):
    """Return the masks of green and magenta pixels on black, in any light."""
    r, g, b = np.moveaxis(np.asarray(image).astype(int), 2, 0)
    return {"disc": (g > 70) & (r < g / 2), "square": (r > 70) & (g < r / 2) & (b > 70)}


def test_ground_truth_agrees_with_the_pixels(draw, sprites):
    scenes = draw(60, "black", sprites=sprites, canvas=160, fewest=2, most=2, group_sizes=(1.0,))
    hidden = 0
    for image, animals in scenes:
        if len({animal.label for animal in animals}) < 2:
            continue
        for animal in animals:
            seen = colours(image)[animal.label]
            # The square with the hole fills 4500 of 9800 pixels of the square on its diagonal.
            filled = np.pi / 4 if animal.label == "disc" else 4500 / 9800
            whole = filled * (animal.scale * 160) ** 2
            assert animal.visible == pytest.approx(seen.sum() / whole, abs=0.06)
            rows, columns = np.nonzero(seen)
            assert animal.x0 - 1 <= columns.min() <= columns.max() <= animal.x1
            assert animal.y0 - 1 <= rows.min() <= rows.max() <= animal.y1
            if animal.visible == 1:
                box = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
                assert box == pytest.approx((animal.x0, animal.y0, animal.x1, animal.y1), abs=1)
            hidden += animal.visible < 0.95
    assert hidden > 3


@pytest.mark.parametrize("layout", ["scatter", "grid"])
def test_animals_are_within_the_canvas_and_the_last_is_on_top(draw, layout):
    for image, animals in draw(40, canvas=128, layout=layout):
        assert image.size == (128, 128)
        assert image.mode == "RGB"
        for animal in animals:
            assert 0 <= animal.x0 < animal.x1 <= 128
            assert 0 <= animal.y0 < animal.y1 <= 128
            assert 0 < animal.visible <= 1
        assert not animals or animals[-1].visible == 1


def test_grid_size_and_position_do_not_depend_on_the_count(draw):
    cell = 160 / 3
    by_number = {}
    for _, animals in draw(80, canvas=160, layout="grid"):
        cells = set()
        for animal in animals:
            assert animal.visible == 1
            cells.add((int(animal.x0 // cell), int(animal.y0 // cell)))
            assert ((animal.x1 - 1) // cell, (animal.y1 - 1) // cell) == (
                animal.x0 // cell,
                animal.y0 // cell,
            )
            by_number.setdefault(len(animals), set()).add(animal.scale)
        assert len(cells) == len(animals)
    assert len(by_number) >= 5
    assert set.union(*by_number.values()) == {round(int(0.96 * cell) / 160, 4)}


def test_layouts_share_animals_and_backgrounds(draw):
    scattered, gridded = (draw(12, canvas=96, layout=layout) for layout in ("scatter", "grid"))
    for (first, animals), (second, others) in zip(scattered, gridded, strict=True):
        assert [a.label for a in animals] == [a.label for a in others]
        untouched = np.ones((96, 96), dtype=bool)
        for animal in animals + others:
            untouched[
                max(animal.y0 - 2, 0) : animal.y1 + 2, max(animal.x0 - 2, 0) : animal.x1 + 2
            ] = False
        assert np.array_equal(np.asarray(first)[untouched], np.asarray(second)[untouched])


def test_animals_differ_in_drawing_size_and_position(draw):
    cats = [a for _, animals in draw(60, labels=("cat",), canvas=96) for a in animals]
    assert len({cat.drawing for cat in cats}) == 6
    assert min(cat.scale for cat in cats) == pytest.approx(0.25, abs=0.02)
    assert max(cat.scale for cat in cats) == pytest.approx(0.45, abs=0.02)
    assert len({(cat.x0, cat.y0) for cat in cats}) > 0.9 * len(cats)


def test_animal_counts_are_within_bounds(draw):
    numbers = {len(animals) for _, animals in draw(60, canvas=64, fewest=2, most=4)}
    assert numbers == {2, 3, 4}


def test_seed_determines_the_scene(draw):
    first, again, other = (draw(4, canvas=64, seed=seed) for seed in (5, 5, 6))
    assert all(
        a.tobytes() == b.tobytes() and c == d for (a, c), (b, d) in zip(first, again, strict=True)
    )
    assert first[0][0].tobytes() != other[0][0].tobytes()


def random_masks(rng, number):
    return [rng.random((rng.integers(5, 20), rng.integers(5, 20))) < 0.8 for _ in range(number)]


def test_visible_shares_agree_with_painted_layers(rng):
    occlusion, layers = OcclusionMap(32), []
    for mask in random_masks(rng, 8):
        x, y = rng.integers(0, 12, size=2).tolist()
        occlusion.add(mask, x, y)
        layer = np.zeros((32, 32), dtype=bool)
        layer[y : y + mask.shape[0], x : x + mask.shape[1]] = mask
        layers.append(layer)
    above = [np.any([np.zeros_like(layers[0]), *layers[i + 1 :]], axis=0) for i in range(8)]
    expected = [(a & ~b).sum() / a.sum() for a, b in zip(layers, above, strict=True)]
    assert occlusion.visible_shares() == pytest.approx(expected)
    assert occlusion.visible_shares()[-1] == 1


def test_min_visible_share_changes_nothing(rng):
    occlusion, (below, above) = OcclusionMap(32), random_masks(rng, 2)
    occlusion.add(below, 3, 3)
    predicted = occlusion.min_visible_share(above, 5, 5)
    assert occlusion.visible_shares() == [1.0]
    occlusion.add(above, 5, 5)
    assert min(occlusion.visible_shares()) == predicted


def test_scattered_animals_stay_visible_and_on_the_canvas(rng):
    overlapping = 0
    for _ in range(50):
        occlusion = OcclusionMap(100)
        for _ in range(5):
            mask = np.ones(rng.integers(25, 45, size=2), dtype=bool)
            x, y = draw_scatter_position(rng, occlusion, mask)
            assert 0 <= x <= 100 - mask.shape[1]
            assert 0 <= y <= 100 - mask.shape[0]
            occlusion.add(mask, x, y)
        assert min(occlusion.visible_shares()) >= MIN_VISIBLE
        overlapping += min(occlusion.visible_shares()) < 1
    assert overlapping > 25


def test_crowded_scene_is_still_placed(rng):
    occlusion = OcclusionMap(20)
    for _ in range(6):
        mask = np.ones((18, 18), dtype=bool)
        occlusion.add(mask, *draw_scatter_position(rng, occlusion, mask))
    assert len(occlusion.visible_shares()) == 6


def test_grid_cells_are_equally_likely(rng):
    positions = [position for _ in range(600) for position in draw_grid_positions(rng, 3, 3, 90)]
    counts = np.unique(positions, axis=0, return_counts=True)[1]
    assert len(counts) == 9
    assert counts.min() > 150


def test_first_scenes_of_the_default_settings_are_unchanged(draw):
    """A change here needs a new `RENDERER_VERSION`."""
    scenes = draw(4)
    assert [[animal.label for animal in animals] for _, animals in scenes] == [
        [],
        ["chicken", "monkey", "chicken", "fox", "monkey", "cow"],
        ["rabbit"] * 3,
        ["rabbit"] * 2,
    ]
    means = [np.asarray(image).mean() for image, _ in scenes]
    assert means == pytest.approx([72.8, 163.4, 77.1, 100.8], abs=1)
