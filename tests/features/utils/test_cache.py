from pathlib import Path

from catnocat.features import cache_folder


def test_the_environment_decides(monkeypatch, tmp_path):
    monkeypatch.setenv("CATNOCAT_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    assert not (tmp_path / "here").exists()


def test_a_home_sign_is_understood(monkeypatch):
    monkeypatch.setenv("CATNOCAT_CACHE", "~/pictures")
    assert cache_folder() == Path.home() / "pictures"


def test_else_it_is_the_users_cache(monkeypatch):
    monkeypatch.delenv("CATNOCAT_CACHE")
    assert "catnocat" in cache_folder().parts
