"""One set of 60 images, written as every tool exports it, reads as one set."""

import hashlib

from catnocat.benchmarks.data.formats import FORMATS, Source, detect_formats, read_dataset

NOT_EXPORTS = {
    *("table", "image-folder", "nus-wide", "huggingface", "arff", "arrays"),
}


def expected(scenes, folder, draw, split):
    truth = {}
    for scene in scenes:
        path = draw(scene, folder / scene.file)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        truth[digest] = (set(scene.labels), set(), scene.part if split else None)
    return truth


def test_every_export_reads_as_the_same_set(
    export_name, exports, write_export, draw, said, tmp_path
):
    place, scenes = write_export(export_name)
    detected = [one.name for one, _ in detect_formats(Source(place))]
    assert detected == [exports[export_name].format]
    table = read_dataset(place)
    truth = expected(scenes, tmp_path / "alone", draw, exports[export_name].split)
    assert len(truth) == len(scenes) == 60
    assert said(table) == truth
    assert set(table.labels) == {label for scene in scenes for label in scene.labels}
    assert table.Y.sum() == sum(len(scene.labels) for scene in scenes)


def test_a_file_and_the_folder_around_it_read_alike(export_name, write_export, said):
    place, _ = write_export(export_name)
    if place.is_file():
        assert said(read_dataset(place.parent)) == said(read_dataset(place))
        return
    files = [file for file in place.iterdir() if file.suffix in (".json", ".xml", ".csv")]
    if len(files) == 1 and files[0].name not in ("labels.csv", "notes.json"):
        assert said(read_dataset(files[0])) == said(read_dataset(place))


def test_every_format_of_a_tool_is_written_here(exports):
    written = {one.format for one in exports.values()}
    assert written | NOT_EXPORTS == {one.name for one in FORMATS}
