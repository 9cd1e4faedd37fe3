"""Images of one layout are not versions of one image; versions among them are still found."""

import json

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps
from sklearn.datasets import load_sample_image

from catnocat.benchmarks.data.inspection import find_versions
from catnocat.benchmarks.data.inspection.confirmation import confirmed_pairs
from catnocat.benchmarks.data.inspection.neighbors import NeighborPairs
from catnocat.benchmarks.data.inspection.registration import (
    best_registration,
    colour_agreement,
    find_keypoints,
)
from catnocat.benchmarks.data.scenes import MenagerieSettings, draw_scenes, has_shared_elements
from catnocat.benchmarks.data.tables import read_label_table
from catnocat.benchmarks.experiments.lookalikes import SETS

NUMBER, VERSIONS = 60, 12


@pytest.fixture
def draw(tmp_path):
    """Return a function that draws one of the sets; it returns the paths and the label sets."""

    def draw_set(name):
        rng = np.random.default_rng(7)
        one = SETS[name]()
        paths, label_sets = [], []
        for number in range(NUMBER):
            image, labels = one(rng)
            paths.append(tmp_path / f"{number}.png")
            image.save(paths[-1])
            label_sets.append(sum(2**label for label in labels))
        for number in range(VERSIONS):
            version = ImageOps.mirror(Image.open(paths[number]))
            paths.append(tmp_path / f"version{number}.png")
            ImageEnhance.Brightness(version).enhance(0.8).save(paths[-1])
            label_sets.append(label_sets[number])
        return list(map(str, paths)), label_sets

    return draw_set


def candidates(label_sets):
    """Return all versions, and as many other pairs with the same labels."""
    true = [(number, NUMBER + number) for number in range(VERSIONS)]
    alike = [(a, b) for b in range(NUMBER) for a in range(b) if label_sets[a] == label_sets[b]][
        : 8 * VERSIONS
    ]
    first, second = np.array([*true, *alike]).T
    ones = np.ones(len(first), dtype=np.float32)
    return NeighborPairs(first, second, ones, ones), set(true)


@pytest.mark.parametrize("name", ["products on one background", "textures"])
def test_versions_are_found_among_images_of_one_layout(draw, name):
    paths, label_sets = draw(name)
    pairs, true = candidates(label_sets)
    confirmed, compared, _ = confirmed_pairs(paths, pairs, lambda a, b: False, label_sets, 1)
    found = {(a, b) for a, b, _ in confirmed}
    assert compared == len(pairs.first)
    assert len(found & true) >= 0.8 * VERSIONS
    assert len(found - true) <= 0.05 * compared


def test_pages_of_one_form_are_not_compared_by_their_layout(draw):
    paths, label_sets = draw("pages of one form")
    pairs, _ = candidates(label_sets)
    assert confirmed_pairs(paths, pairs, lambda a, b: False, label_sets, 1)[0] == []


def test_colours_tell_a_change_of_brightness_from_another_colour():
    image = Image.fromarray(load_sample_image("flower.jpg")).resize((128, 85))
    keypoints = find_keypoints(np.asarray(image.convert("L")))

    def agreement_with(other):
        transform = best_registration(keypoints, find_keypoints(np.asarray(other.convert("L"))))[1]
        assert transform is not None
        return colour_agreement(np.asarray(image), np.asarray(other.convert("RGB")), transform)

    red, green, blue = image.split()
    assert agreement_with(ImageEnhance.Brightness(image).enhance(0.6)) > 0.9
    assert agreement_with(image.convert("L")) == 1
    assert agreement_with(Image.merge("RGB", (blue, green, red))) < 0.3


def test_scenes_declare_that_they_share_elements(tmp_path, rng):
    settings = MenagerieSettings(number=30, labels=("cat", "dog"), canvas=96)
    path = draw_scenes(settings, tmp_path / "scenes", n_jobs=1)
    table = read_label_table(path)
    X = rng.normal(size=(table.n_images, 40))
    X[5] = X[3] + 0.01 * rng.normal(size=40)
    assert has_shared_elements(table.folder)
    versions = find_versions(table, X)
    assert (versions.links, versions.compared) == ((), 0)
    manifest = tmp_path / "scenes" / "scenes.json"
    content = json.loads(manifest.read_text("utf-8"))
    for value in (False, None):
        manifest.write_text(json.dumps(content | {"shared_elements": value}), "utf-8")
        assert not has_shared_elements(table.folder)
    assert find_versions(table, X).compared > 0
