import numpy as np
import pytest
from PIL import Image

from catnocat.benchmarks.data.scenes import MenagerieSettings
from catnocat.benchmarks.data.scenes.scene import Studio, draw_scene
from catnocat.benchmarks.data.scenes.sprites import catalogue


@pytest.fixture(scope="module")
def draw():
    """Give a function that draws the first scenes of some settings."""

    def draw_first(number, background=None, **choices):
        settings = MenagerieSettings(**choices)
        studio = Studio(settings, catalogue(settings))
        if background is not None:
            studio.photographs = [Image.new("RGB", (64, 64), background)]
        return [draw_scene(settings, studio, index) for index in range(number)]

    return draw_first


def colours(picture):
    """Tell green from magenta on black, whatever the light."""
    r, g, b = np.moveaxis(np.asarray(picture).astype(int), 2, 0)
    return {"disc": (g > 70) & (r < g / 2), "square": (r > 70) & (g < r / 2) & (b > 70)}


def test_boxes_and_visible_shares_are_what_the_picture_shows(draw, sprites):
    scenes = draw(60, "black", sprites=sprites, canvas=160, fewest=2, most=2, herd_sizes=(1.0,))
    hidden = 0
    for picture, animals in scenes:
        if len({animal.label for animal in animals}) < 2:
            continue
        for animal in animals:
            seen = colours(picture)[animal.label]
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
    for picture, animals in draw(40, canvas=128, layout=layout):
        assert picture.size == (128, 128)
        assert picture.mode == "RGB"
        for animal in animals:
            assert 0 <= animal.x0 < animal.x1 <= 128
            assert 0 <= animal.y0 < animal.y1 <= 128
            assert 0 < animal.visible <= 1
        assert not animals or animals[-1].visible == 1


def test_in_the_grid_size_and_place_do_not_depend_on_how_many_there_are(draw):
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


def test_the_layouts_show_the_same_animals_before_the_same_backgrounds(draw):
    scattered, gridded = (draw(12, canvas=96, layout=layout) for layout in ("scatter", "grid"))
    for (first, animals), (second, others) in zip(scattered, gridded, strict=True):
        assert [a.label for a in animals] == [a.label for a in others]
        untouched = np.ones((96, 96), dtype=bool)
        for animal in animals + others:
            untouched[
                max(animal.y0 - 2, 0) : animal.y1 + 2, max(animal.x0 - 2, 0) : animal.x1 + 2
            ] = False
        assert np.array_equal(np.asarray(first)[untouched], np.asarray(second)[untouched])


def test_animals_differ_in_drawing_size_and_place(draw):
    cats = [a for _, animals in draw(60, labels=("cat",), canvas=96) for a in animals]
    assert len({cat.drawing for cat in cats}) == 6
    assert min(cat.scale for cat in cats) == pytest.approx(0.25, abs=0.02)
    assert max(cat.scale for cat in cats) == pytest.approx(0.45, abs=0.02)
    assert len({(cat.x0, cat.y0) for cat in cats}) > 0.9 * len(cats)


def test_numbers_of_animals_keep_within_the_bounds(draw):
    numbers = {len(animals) for _, animals in draw(60, canvas=64, fewest=2, most=4)}
    assert numbers == {2, 3, 4}


def test_the_seed_decides(draw):
    first, again, other = (draw(4, canvas=64, seed=seed) for seed in (5, 5, 6))
    assert all(
        a.tobytes() == b.tobytes() and c == d for (a, c), (b, d) in zip(first, again, strict=True)
    )
    assert first[0][0].tobytes() != other[0][0].tobytes()
