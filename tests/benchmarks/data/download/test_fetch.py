import os

import pytest

from catnocat.benchmarks.data.download.fetch import fetch
from catnocat.benchmarks.utils.errors import InputError

CONTENT = os.urandom(700_000)
QUICK = {"timeout": 0.3, "attempts": 2, "pause": 0.0}


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def error_of(archive, folder):
    with pytest.raises(InputError) as caught:
        fetch(archive, folder, **QUICK)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_download(archive, tmp_path):
    seen = []
    file = fetch(archive(CONTENT), tmp_path / "new", progress=lambda *at: seen.append(at), **QUICK)
    assert file.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert names(tmp_path / "new") == ["file.bin"]


def test_existing_file_is_not_requested(archive, tmp_path, behaviour):
    (tmp_path / "file.bin").write_bytes(CONTENT)
    fetch(archive(CONTENT), tmp_path, **QUICK)
    assert behaviour.requested_ranges == []


def test_killed_download_resumes(archive, tmp_path, behaviour):
    (tmp_path / "file.bin.partial").write_bytes(CONTENT[:500_000])
    assert fetch(archive(CONTENT), tmp_path, **QUICK).read_bytes() == CONTENT
    assert behaviour.requested_ranges == ["bytes=500000-"]


def test_truncated_responses_are_joined(archive, tmp_path, behaviour):
    behaviour.truncate_after = 300_000
    assert fetch(archive(CONTENT), tmp_path, **QUICK).read_bytes() == CONTENT
    assert behaviour.requested_ranges == ["bytes=0-", "bytes=300000-", "bytes=600000-"]


def test_stalled_connection_is_retried(archive, tmp_path, behaviour):
    behaviour.stall_after = 400_000
    assert fetch(archive(CONTENT), tmp_path, **QUICK).read_bytes() == CONTENT
    assert behaviour.requested_ranges == ["bytes=0-", "bytes=400000-"]


def test_connection_that_keeps_stalling_is_an_error(archive, tmp_path, behaviour):
    behaviour.stall_after = 0
    assert "cannot be downloaded (the connection timed out)" in error_of(archive(CONTENT), tmp_path)
    assert len(behaviour.requested_ranges) == 2


def test_failed_download_keeps_the_partial_file(archive, tmp_path, behaviour):
    behaviour.truncate_after = 0
    (tmp_path / "file.bin.partial").write_bytes(CONTENT[:9])
    assert "the connection ended early" in error_of(archive(CONTENT), tmp_path)
    assert (tmp_path / "file.bin.partial").read_bytes() == CONTENT[:9]


@pytest.mark.parametrize("fault", ["ranges", "wrong_range"])
def test_server_without_ranges_sends_the_whole_file(archive, tmp_path, behaviour, fault):
    setattr(behaviour, fault, fault == "wrong_range")
    (tmp_path / "file.bin.partial").write_bytes(b"x" * 500_000)
    assert fetch(archive(CONTENT), tmp_path, **QUICK).read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["file.bin", "file.bin.partial"])
def test_wrong_checksum_deletes_the_file(archive, tmp_path, name):
    (tmp_path / name).write_bytes(bytes(len(CONTENT)))
    message = error_of(archive(CONTENT), tmp_path)
    assert f"{name}: does not have the checksum of http://127.0.0.1" in message
    assert "it was deleted; run the command again" in message
    assert names(tmp_path) == []


def test_server_with_another_file_is_an_error(archive, tmp_path):
    assert "(md5 " in error_of(archive(CONTENT, md5="0" * 32), tmp_path)
    assert names(tmp_path) == []


def test_file_that_is_too_long_ends_the_download(archive, tmp_path, behaviour):
    expected = archive(CONTENT)
    behaviour.files["file.bin"] = CONTENT + bytes(10_000_000)
    assert "does not have the checksum" in error_of(expected, tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "message", "attempts"),
    [(404, "the server responded 404 Not Found", 1), (503, "503 Service Unavailable", 2)],
)
def test_http_status_is_reported(archive, tmp_path, behaviour, status, message, attempts):
    behaviour.status = status
    assert message in error_of(archive(CONTENT), tmp_path)
    assert len(behaviour.requested_ranges) == attempts
