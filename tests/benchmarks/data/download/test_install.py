import shutil
from dataclasses import replace

import pytest

from catnocat.benchmarks import load_dataset
from catnocat.benchmarks.data.download import NAMED_DATASETS, Archive, find_or_download
from catnocat.benchmarks.utils.errors import InputError


def test_dataset_is_downloaded_unpacked_and_credited(dataset, tmp_path, behaviour, capsys):
    root = find_or_download(dataset, tmp_path / "data")
    assert root == tmp_path / "data" / "tiny" / "VOCdevkit" / "VOC2007"
    assert capsys.readouterr().err == "Tiny VOC: made by the tests.\n"
    assert (root / "CREDITS.txt").read_text() == "Tiny VOC: made by the tests.\n"
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["tiny"]
    table = dataset.read(root)
    assert table.split.tolist() == ["train", "test"]
    assert table.Y.tolist() == [[1], [0]]
    n_requests = len(behaviour.requested_ranges)
    assert find_or_download(dataset, tmp_path / "data") == root
    assert len(behaviour.requested_ranges) == n_requests
    assert capsys.readouterr().err == ""


def test_leftovers_of_a_killed_unpacking_are_deleted(dataset, tmp_path):
    leftover = tmp_path / ".tiny.partial" / "VOCdevkit" / "VOC2007" / "JPEGImages" / "9.jpg"
    leftover.parent.mkdir(parents=True)
    leftover.touch()
    root = find_or_download(dataset, tmp_path)
    assert not (root / "JPEGImages" / "9.jpg").exists()


def test_existing_archives_are_used(dataset, tmp_path, behaviour):
    for archive in dataset.archives:
        (tmp_path / archive.name).write_bytes(behaviour.files[archive.name])
    find_or_download(dataset, tmp_path)
    assert behaviour.requested_ranges == []


def test_archive_without_the_dataset_is_refused(dataset, archive, tar, tmp_path):
    other = replace(dataset, archives=(archive(tar({"a.txt": "a"}), "a.tar"),))
    with pytest.raises(InputError, match="does not contain VOCdevkit/VOC2007/JPEGImages"):
        find_or_download(other, tmp_path)
    assert not (tmp_path / "tiny").exists()


def test_error_without_network_gives_manual_instructions(dataset, tmp_path, monkeypatch):
    from catnocat.benchmarks.data.download import fetch as module

    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    nowhere = replace(dataset, archives=(Archive("http://127.0.0.1:9/a.tar", "0" * 32, 10),))
    with pytest.raises(InputError) as caught:
        find_or_download(nowhere, tmp_path)
    assert str(caught.value) == (
        "http://127.0.0.1:9/a.tar: cannot be downloaded (Connection refused). To download it "
        f"manually, get http://127.0.0.1:9/a.tar, move the files to {tmp_path} and run the command "
        "again"
    )


def test_disk_space_is_checked_before_the_download(dataset, tmp_path, monkeypatch, behaviour):
    usage = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(InputError, match=r"tiny needs 0\.0 GB there, and 0\.0 GB are free"):
        find_or_download(dataset, tmp_path)
    assert behaviour.requested_ranges == []


@pytest.mark.parametrize(
    "folder", ["voc2007/VOCdevkit/VOC2007", "VOCdevkit/VOC2007", "VOC2007", "."]
)
def test_existing_voc_is_used(tmp_path, folder):
    root = tmp_path / folder
    (root / "JPEGImages").mkdir(parents=True)
    (root / "ImageSets" / "Main").mkdir(parents=True)
    for name, part, flag in (("1", "trainval", "1"), ("2", "test", "0")):
        (root / "JPEGImages" / f"{name}.jpg").touch()
        (root / "ImageSets" / "Main" / f"dog_{part}.txt").write_text(f"{name} {flag}\n")
    table = load_dataset("voc2007", data=tmp_path)
    assert table.name == "voc2007"
    assert table.Y.tolist() == [[1], [0]]
    assert table.known.tolist() == [[True], [False]]


def test_catalogue_uses_https_and_distinct_checksums():
    assert list(NAMED_DATASETS) == ["voc2007", "voc2012", "coco2014", "coco2017"]
    archives = [archive for dataset in NAMED_DATASETS.values() for archive in dataset.archives]
    assert all(archive.url.startswith("https://") for archive in archives)
    assert all(len(bytes.fromhex(archive.md5)) == 16 for archive in archives)
    assert len({archive.md5 for archive in archives}) == len(archives)


@pytest.mark.slow
def test_voc_checksums_agree_with_torchvision():
    from torchvision.datasets.voc import DATASET_YEAR_DICT

    torchvision_md5 = {entry["url"]: entry["md5"] for entry in DATASET_YEAR_DICT.values()}
    for name in ("voc2007", "voc2012"):
        for archive in NAMED_DATASETS[name].archives:
            assert torchvision_md5[archive.url] == archive.md5
