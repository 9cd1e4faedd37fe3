from pathlib import Path

import pytest

from catnocat.features import atomic_write, cache_folder


def test_environment_variable_sets_the_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("CATNOCAT_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    assert not (tmp_path / "here").exists()


def test_tilde_is_expanded(monkeypatch):
    monkeypatch.setenv("CATNOCAT_CACHE", "~/images")
    assert cache_folder() == Path.home() / "images"


def test_default_is_the_cache_of_the_user(monkeypatch):
    monkeypatch.delenv("CATNOCAT_CACHE")
    assert "catnocat" in cache_folder().parts


def test_atomic_write_replaces_the_file_only_when_complete(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with atomic_write(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_failed_atomic_write_leaves_no_trace(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail():
        with atomic_write(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
