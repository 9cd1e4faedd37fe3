"""One set written in every format reads as one set."""

import numpy as np
import pytest

from catnocat.benchmarks.data.formats import FORMATS, Source, detect_formats, read_dataset

WITH_OBJECTS = ("table", "voc", "coco", "yolo")


def recognised(path):
    return [one.name for one, _ in detect_formats(Source(path))]


def test_all_formats_agree(writers, said, tmp_path, scenes):
    tables = {}
    for name, write in writers.items():
        root = write(tmp_path / name.replace(", ", "-"))
        assert recognised(root) == [name.split(",")[0]], name
        tables[name] = read_dataset(root)
    truth = said(tables["table"])
    assert len(truth) == len(scenes)
    # An image in no folder of a label cannot be distinguished from a missing image.
    labelled = {digest: told for digest, told in truth.items() if told[0]}
    for name, table in tables.items():
        assert sorted(table.labels) == ["cat", "dog", "fox"], name
        assert said(table) == (labelled if name == "label-folders" else truth), name


def test_ready_features_agree_too(writers_of_features, tmp_path, scenes):
    for name, write in writers_of_features.items():
        path = write(tmp_path / name.replace(", ", "-"))
        assert recognised(path) == [name.split(",")[0]], name
        table = read_dataset(path)
        assert table.labels == ("cat", "dog", "fox"), name
        told = {
            int(x): ({table.labels[j] for j in np.flatnonzero(row)}, part)
            for (x,), row, part in zip(table.X, table.Y, table.split, strict=True)
        }
        truth = {int(number): (set(objects), part) for number, part, objects in scenes}
        assert told == truth, name
        assert table.known.all(), name


def test_formats_with_objects_agree_on_their_number(writers, tmp_path):
    counts = {}
    for name in WITH_OBJECTS:
        table = read_dataset(writers[name](tmp_path / name))
        order = np.argsort([image.rpartition("/")[2] for image in table.images])
        counts[name] = table.counts[order].tolist()
    assert counts["table"][1] == [1, 2, 0]
    assert all(found == counts["table"] for found in counts.values())


def test_one_label_per_picture_agrees_with_the_table(writers, said, tmp_path, scenes):
    single = [scene for scene in scenes if len(scene[2]) == 1]
    folders = writers["label-folders"](tmp_path / "folders", single)
    assert recognised(folders) == ["image-folder"]
    table = writers["table"](tmp_path / "table", single)
    assert said(read_dataset(folders)) == said(read_dataset(table))


def test_an_ambiguous_folder_is_refused_and_the_format_settles_it(writers, tmp_path, refused):
    root = writers["yolo"](tmp_path / "both")
    (root / "labels.csv").write_text("image,labels\nimages/train/001.jpg,cat\n")
    message = refused(root)
    assert "could be table (" in message
    assert "or yolo (YOLO: data.yaml or classes.txt, images/, labels/; " in message
    assert message.endswith("; choose one with --format NAME")
    assert read_dataset(root, "yolo").n_images == 7
    assert read_dataset(root, "table").n_images == 1


def test_an_unknown_format_is_refused(tmp_path, refused):
    message = refused(tmp_path, "pascal")
    assert message.startswith("--format pascal: unknown; known are table, voc, coco, yolo")


@pytest.mark.parametrize("name", [one.name for one in FORMATS])
def test_every_format_refuses_an_empty_folder_in_one_line(name, tmp_path, refused):
    assert str(tmp_path) in refused(tmp_path, name)


@pytest.mark.parametrize("name", [one.name for one in FORMATS])
def test_every_format_refuses_a_file_of_noise_in_one_line(name, tmp_path, refused):
    noise = tmp_path / "noise.csv"
    noise.write_bytes(bytes(range(256)) * 9)
    assert str(tmp_path) in refused(noise, name)
