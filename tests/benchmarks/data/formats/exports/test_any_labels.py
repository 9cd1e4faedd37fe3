"""Random label sets in every format are read exactly, or refused; never read as something else."""

import random

import pytest

from catnocat.benchmarks.data.formats import read_dataset
from catnocat.benchmarks.utils.errors import InputError

WORDS = (
    *("sea", "sunset", "hot", "dog", "big", "traffic", "light", "Straße", "café", "海", "шум"),
    *("R2-D2", "1-2", "0", "1", "t-shirt", "B&B", "Q&A", "C++", "#1", "'tis", "a.b", "x:y", "()"),
    *("None", "nan", "true", "Train", "test", "val", "image", "labels", "split", "group", "=SUM"),
)
JOINTS = (" ", " & ", "-", "_", " and ")
TABLES = 6


def draw_labels(rng):
    labels = set()
    while len(labels) < 5:
        words = rng.sample(WORDS, rng.choice([1, 1, 2, 3]))
        labels.add(rng.choice(JOINTS).join(words))
    return tuple(sorted(labels))


@pytest.mark.parametrize("seed", range(TABLES))
def test_labels_are_read_exactly_or_refused(
    export_name, exports, write_export, relabel, said, seed, tmp_path
):
    rng = random.Random(f"{export_name} {seed}")
    labels = draw_labels(rng)
    scenes = relabel(labels, seed)
    place, scenes = write_export(export_name, scenes, labels=labels)
    if not exports[export_name].spaces:
        labels = tuple(label.replace(" ", "_") for label in labels)
    message, table = "", None
    try:
        table = read_dataset(place, exports[export_name].format)
    except InputError as error:
        message = str(error)
    if table is None:
        assert len(message.splitlines()) == 1
        assert str(tmp_path) in message
        return
    assert set(table.labels) <= set(labels)
    found = sorted(sorted(carried) for carried, _, _ in said(table).values())
    assert found == sorted(sorted(scene.labels) for scene in scenes)


def test_plain_labels_are_never_refused(export_name, exports, write_export, relabel, tmp_path):
    labels = ("Bär", "hot-dog", "sea", "sunset", "日本")
    place, scenes = write_export(export_name, relabel(labels, 1), labels=labels)
    table = read_dataset(place)
    assert sorted(table.labels) == sorted(labels)
    assert table.Y.sum() == sum(len(scene.labels) for scene in scenes)


@pytest.mark.parametrize("separator", ["space", "comma"])
def test_a_joiner_inside_labels_is_refused_where_the_format_joins_by_it(
    write_export, relabel, refused, separator
):
    if separator == "space":
        labels = ("hot dog", "sea", "sunset", "big dog", "hot")
        place, _ = write_export("kaggle", relabel(labels, 1), labels=labels, spaces=True)
        assert "may be one label or several" in refused(place)
    else:
        labels = ("salt, pepper", "sea", "sunset", "sugar", "dog")
        place, _ = write_export("label-studio, JSON", relabel(labels, 1), labels=labels)
        assert "salt, pepper" in read_dataset(place).labels
