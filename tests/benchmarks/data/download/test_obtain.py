import shutil
from dataclasses import replace

import pytest

from catnocat.benchmarks import load_dataset
from catnocat.benchmarks.data.download import NAMED_SETS, Archive, obtain
from catnocat.benchmarks.utils.errors import InputError


def test_a_named_set_is_fetched_unpacked_and_credited(named, tmp_path, behaviour, capsys):
    root = obtain(named, tmp_path / "data")
    assert root == tmp_path / "data" / "tiny" / "VOCdevkit" / "VOC2007"
    assert capsys.readouterr().err == "Tiny VOC: made by the tests.\n"
    assert (root / "CREDITS.txt").read_text() == "Tiny VOC: made by the tests.\n"
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["tiny"]
    table = named.read(root)
    assert table.split.tolist() == ["train", "test"]
    assert table.Y.tolist() == [[1], [0]]
    asked = len(behaviour.asked)
    assert obtain(named, tmp_path / "data") == root
    assert len(behaviour.asked) == asked
    assert capsys.readouterr().err == ""


def test_a_run_killed_while_unpacking_is_made_good(named, tmp_path):
    leftover = tmp_path / ".tiny.partial" / "VOCdevkit" / "VOC2007" / "JPEGImages" / "9.jpg"
    leftover.parent.mkdir(parents=True)
    leftover.touch()
    root = obtain(named, tmp_path)
    assert not (root / "JPEGImages" / "9.jpg").exists()


def test_archives_that_were_put_there_by_hand_are_used(named, tmp_path, behaviour):
    for archive in named.archives:
        (tmp_path / archive.name).write_bytes(behaviour.files[archive.name])
    obtain(named, tmp_path)
    assert behaviour.asked == []


def test_an_archive_without_the_data_set_is_refused(named, archive, tar, tmp_path):
    other = replace(named, archives=(archive(tar({"a.txt": "a"}), "a.tar"),))
    with pytest.raises(InputError, match="unpacks to no VOCdevkit/VOC2007/JPEGImages"):
        obtain(other, tmp_path)
    assert not (tmp_path / "tiny").exists()


def test_without_a_network_one_line_says_what_to_do(named, tmp_path, monkeypatch):
    from catnocat.benchmarks.data.download import fetch as module

    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    nowhere = replace(named, archives=(Archive("http://127.0.0.1:9/a.tar", "0" * 32, 10),))
    with pytest.raises(InputError) as caught:
        obtain(nowhere, tmp_path)
    assert str(caught.value) == (
        "http://127.0.0.1:9/a.tar: cannot be fetched (Connection refused). To do it by hand, "
        f"fetch http://127.0.0.1:9/a.tar, put the files into {tmp_path}, and run again"
    )


def test_no_room_is_told_before_anything_is_fetched(named, tmp_path, monkeypatch, behaviour):
    usage = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(InputError, match=r"tiny needs 0\.0 GB there, and 0\.0 GB are free"):
        obtain(named, tmp_path)
    assert behaviour.asked == []


@pytest.mark.parametrize(
    "place", ["voc2007/VOCdevkit/VOC2007", "VOCdevkit/VOC2007", "VOC2007", "."]
)
def test_a_voc_that_is_there_is_used(tmp_path, place):
    root = tmp_path / place
    (root / "JPEGImages").mkdir(parents=True)
    (root / "ImageSets" / "Main").mkdir(parents=True)
    for name, part, flag in (("1", "trainval", "1"), ("2", "test", "0")):
        (root / "JPEGImages" / f"{name}.jpg").touch()
        (root / "ImageSets" / "Main" / f"dog_{part}.txt").write_text(f"{name} {flag}\n")
    table = load_dataset("voc2007", data=tmp_path)
    assert table.name == "voc2007"
    assert table.Y.tolist() == [[1], [0]]
    assert table.known.tolist() == [[True], [False]]


def test_the_catalogue():
    assert list(NAMED_SETS) == ["voc2007", "voc2012", "coco2014", "coco2017"]
    archives = [archive for named in NAMED_SETS.values() for archive in named.archives]
    assert all(archive.url.startswith("https://") for archive in archives)
    assert all(len(bytes.fromhex(archive.md5)) == 16 for archive in archives)
    assert len({archive.md5 for archive in archives}) == len(archives)


@pytest.mark.slow
def test_torchvision_knows_the_same_voc():
    from torchvision.datasets.voc import DATASET_YEAR_DICT

    theirs = {entry["url"]: entry["md5"] for entry in DATASET_YEAR_DICT.values()}
    for name in ("voc2007", "voc2012"):
        for archive in NAMED_SETS[name].archives:
            assert theirs[archive.url] == archive.md5
