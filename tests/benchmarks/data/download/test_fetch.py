import os

import pytest

from catnocat.benchmarks.data.download.fetch import fetch
from catnocat.benchmarks.utils.errors import InputError

CONTENT = os.urandom(700_000)
QUICK = {"timeout": 0.3, "attempts": 2, "pause": 0.0}


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def refused(archive, folder):
    with pytest.raises(InputError) as caught:
        fetch(archive, folder, **QUICK)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_sound_line(archive, tmp_path):
    seen = []
    file = fetch(archive(CONTENT), tmp_path / "new", progress=lambda *at: seen.append(at), **QUICK)
    assert file.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert names(tmp_path / "new") == ["file.bin"]


def test_a_file_that_is_there_is_not_asked_for(archive, tmp_path, behaviour):
    (tmp_path / "file.bin").write_bytes(CONTENT)
    fetch(archive(CONTENT), tmp_path, **QUICK)
    assert behaviour.asked == []


def test_a_killed_download_goes_on_where_it_stopped(archive, tmp_path, behaviour):
    (tmp_path / "file.bin.partial").write_bytes(CONTENT[:500_000])
    assert fetch(archive(CONTENT), tmp_path, **QUICK).read_bytes() == CONTENT
    assert behaviour.asked == ["bytes=500000-"]


def test_answers_that_end_early_are_put_together(archive, tmp_path, behaviour):
    behaviour.truncate_after = 300_000
    assert fetch(archive(CONTENT), tmp_path, **QUICK).read_bytes() == CONTENT
    assert behaviour.asked == ["bytes=0-", "bytes=300000-", "bytes=600000-"]


def test_a_line_that_falls_silent_is_taken_up_again(archive, tmp_path, behaviour):
    behaviour.stall_after = 400_000
    assert fetch(archive(CONTENT), tmp_path, **QUICK).read_bytes() == CONTENT
    assert behaviour.asked == ["bytes=0-", "bytes=400000-"]


def test_a_line_that_stays_silent_is_given_up(archive, tmp_path, behaviour):
    behaviour.stall_after = 0
    assert "cannot be fetched (the line fell silent)" in refused(archive(CONTENT), tmp_path)
    assert len(behaviour.asked) == 2


def test_what_has_come_is_kept_when_the_line_breaks_for_good(archive, tmp_path, behaviour):
    behaviour.truncate_after = 0
    (tmp_path / "file.bin.partial").write_bytes(CONTENT[:9])
    assert "the connection ended early" in refused(archive(CONTENT), tmp_path)
    assert (tmp_path / "file.bin.partial").read_bytes() == CONTENT[:9]


@pytest.mark.parametrize("fault", ["ranges", "shifted"])
def test_a_server_without_ranges_sends_all_again(archive, tmp_path, behaviour, fault):
    setattr(behaviour, fault, fault == "shifted")
    (tmp_path / "file.bin.partial").write_bytes(b"x" * 500_000)
    assert fetch(archive(CONTENT), tmp_path, **QUICK).read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["file.bin", "file.bin.partial"])
def test_a_wrong_file_is_refused_and_removed(archive, tmp_path, name):
    (tmp_path / name).write_bytes(bytes(len(CONTENT)))
    message = refused(archive(CONTENT), tmp_path)
    assert f"{name}: not the file that http://127.0.0.1" in message
    assert "it was removed, so run again" in message
    assert names(tmp_path) == []


def test_a_server_with_another_file_is_refused(archive, tmp_path):
    assert "(md5 " in refused(archive(CONTENT, md5="0" * 32), tmp_path)
    assert names(tmp_path) == []


def test_a_longer_file_ends_the_download(archive, tmp_path, behaviour):
    wanted = archive(CONTENT)
    behaviour.files["file.bin"] = CONTENT + bytes(10_000_000)
    assert "not the file" in refused(wanted, tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "told", "attempts"),
    [(404, "the server says 404 Not Found", 1), (503, "503 Service Unavailable", 2)],
)
def test_what_the_server_says_is_told(archive, tmp_path, behaviour, status, told, attempts):
    behaviour.status = status
    assert told in refused(archive(CONTENT), tmp_path)
    assert len(behaviour.asked) == attempts
