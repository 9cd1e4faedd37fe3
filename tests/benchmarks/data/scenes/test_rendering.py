import csv
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from catnocat.benchmarks.data.scenes import CREDIT, MenagerieSettings, draw_scenes, menagerie
from catnocat.benchmarks.data.scenes import scene as scene_module
from catnocat.benchmarks.data.tables import read_label_table
from catnocat.benchmarks.utils.errors import InputError

SMALL = MenagerieSettings(number=45, canvas=64)


def content(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    out = tmp_path_factory.mktemp("menagerie") / "small"
    draw_scenes(SMALL, out, n_jobs=1)
    return out


def test_scenes_are_a_label_table_with_a_split(drawn):
    table = read_label_table(drawn / "labels.csv")
    assert len(table.images) == 45
    assert list(table.split).count("test") == 15
    for path in table.paths:
        with Image.open(path) as image:
            assert (image.format, image.size) == ("JPEG", (64, 64))


def test_labels_are_those_of_the_animals_drawn(drawn):
    animals = {}
    for row in rows(drawn / "objects.csv"):
        animals.setdefault(row["image"], set()).add(row["label"])
        assert float(row["visible"]) <= 1
    for row in rows(drawn / "labels.csv"):
        assert row["labels"] == "|".join(sorted(animals.get(row["image"], set())))


def test_settings_and_credits_are_written(drawn):
    manifest = json.loads((drawn / "scenes.json").read_text(encoding="utf-8"))
    assert manifest["settings"]["number"] == 45
    assert ["cat", "dog"] in manifest["cooccurring_pairs"]
    assert sum(manifest["animal_count_probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert CREDIT in manifest["credit"]
    credits = (drawn / "CREDITS.txt").read_text(encoding="utf-8")
    assert "OpenMoji" in credits
    assert "CC BY-SA 4.0" in credits
    assert "CC BY 2.0" in credits


def test_equal_settings_are_not_drawn_twice(drawn, monkeypatch):
    monkeypatch.setattr(scene_module, "draw_scene", None)  # to call it would raise
    before = content(drawn)
    assert draw_scenes(SMALL, drawn) == drawn / "labels.csv"
    assert content(drawn) == before


def test_fewer_scenes_are_the_first_of_more(drawn, tmp_path):
    draw_scenes(MenagerieSettings(number=5, canvas=64), tmp_path / "few", n_jobs=1)
    few, many = content(tmp_path / "few"), content(drawn)
    images = [name for name in few if name.endswith(".jpg")]
    assert len(images) == 5
    assert all(few[name] == many[name] for name in images)


@pytest.mark.slow
def test_n_jobs_changes_no_byte(drawn, tmp_path):
    draw_scenes(SMALL, tmp_path / "two", n_jobs=2)
    assert content(tmp_path / "two") == content(drawn)


def test_cache_separates_scenes_by_settings(cache):
    first = menagerie(MenagerieSettings(number=2, canvas=64), n_jobs=1)
    second = menagerie(MenagerieSettings(number=2, canvas=64, seed=1), n_jobs=1)
    assert first.parent.parent == second.parent.parent == cache / "menagerie"
    assert first != second
    every = tuple(json.loads((first.parent / "scenes.json").read_text())["drawings"])
    assert menagerie(MenagerieSettings(number=2, canvas=64, labels=every), n_jobs=1) == first


def test_sprites_are_identified_by_content(sprites, tmp_path):
    settings = MenagerieSettings(number=2, canvas=64, sprites=sprites)
    first = menagerie(settings, n_jobs=1)
    assert "OpenMoji" not in (first.parent / "CREDITS.txt").read_text(encoding="utf-8")
    moved = sprites.rename(tmp_path / "moved")
    same = MenagerieSettings(number=2, canvas=64, sprites=moved)
    assert menagerie(same, n_jobs=1) == first
    (moved / "disc" / "one.png").write_bytes((moved / "square" / "one.png").read_bytes())
    assert menagerie(same, n_jobs=1) != first


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_interrupted_drawing_leaves_nothing(tmp_path, monkeypatch, error):
    draw_scene = scene_module.draw_scene

    def interrupted(settings, assets, index):
        if index == 30:
            raise error
        return draw_scene(settings, assets, index)

    monkeypatch.setattr(scene_module, "draw_scene", interrupted)
    with pytest.raises(error):
        draw_scenes(SMALL, tmp_path / "out", n_jobs=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_killed_drawing_leaves_no_scenes(tmp_path):
    script = (
        "from catnocat.benchmarks.data.scenes import *;"
        f"draw_scenes(MenagerieSettings(number=100000, canvas=64), {str(tmp_path / 'out')!r}, "
        "n_jobs=1)"
    )
    process = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".out.*/images/000002.jpg")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "out").exists()
    draw_scenes(SMALL, tmp_path / "out", n_jobs=1)
    assert len(rows(tmp_path / "out" / "labels.csv")) == 45


def test_two_concurrent_runs_succeed(drawn, tmp_path):
    with ThreadPoolExecutor(2) as pool:
        tables = list(pool.map(lambda _: draw_scenes(SMALL, tmp_path / "out", n_jobs=1), range(2)))
    assert tables == [tmp_path / "out" / "labels.csv"] * 2
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert content(tmp_path / "out") == content(drawn)


def test_only_an_empty_folder_is_accepted(drawn, tmp_path):
    (tmp_path / "empty").mkdir()
    draw_scenes(MenagerieSettings(number=1, canvas=64), tmp_path / "empty", n_jobs=1)
    assert (tmp_path / "empty" / "labels.csv").exists()
    with pytest.raises(InputError, match="does not contain these scenes; choose another folder"):
        draw_scenes(MenagerieSettings(number=2, canvas=64), drawn)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="does not contain these scenes"):
        draw_scenes(SMALL, tmp_path / "file")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "scenes.json").write_text("[]")
    with pytest.raises(InputError, match="does not contain these scenes"):
        draw_scenes(SMALL, tmp_path / "mine")


def test_unwritable_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match=r"scenes cannot be written there \(.*\); choose another"):
        draw_scenes(SMALL, tmp_path / "file" / "out", n_jobs=1)


def test_package_import_is_cheap():
    """The command line imports the settings before it knows the command."""
    script = (
        "import sys; from catnocat.benchmarks.data.scenes import MenagerieSettings;"
        "print([name for name in ('numpy', 'PIL', 'sklearn', 'joblib') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
