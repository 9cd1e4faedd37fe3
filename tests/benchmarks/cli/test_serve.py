"""Checks of `catnocat serve` before it listens; see inference/serving for the service."""

import pytest

from catnocat.benchmarks.cli.serve import _read_token
from catnocat.benchmarks.utils.errors import InputError


def test_missing_model_is_one_line_and_exit_2(run_main):
    code, out, err = run_main("serve", "nowhere.catnocat")
    assert (code, out) == (2, "")
    assert err == "catnocat: nowhere.catnocat: no such file\n"


def test_limits_must_be_positive(run_main):
    code, _, err = run_main("serve", "nowhere.catnocat", "--max-files", "0")
    assert code == 2
    assert "files" in err


def test_public_address_without_token_gives_a_warning(run_main, monkeypatch):
    monkeypatch.delenv("CATNOCAT_TOKEN", raising=False)
    _, _, err = run_main("serve", "nowhere.catnocat", "--host", "0.0.0.0")
    assert "catnocat: warning: everyone who can reach 0.0.0.0:8000 can use this service" in err
    monkeypatch.setenv("CATNOCAT_TOKEN", "x" * 32)
    assert "warning" not in run_main("serve", "nowhere.catnocat", "--host", "0.0.0.0")[2]


def test_token_is_read_from_file_or_environment(tmp_path, monkeypatch):
    monkeypatch.delenv("CATNOCAT_TOKEN", raising=False)
    assert _read_token(None) is None
    monkeypatch.setenv("CATNOCAT_TOKEN", "from-the-environment")
    assert _read_token(None) == "from-the-environment"
    file = tmp_path / "token"
    file.write_text("from-a-file-of-its-own\n")
    assert _read_token(file) == "from-a-file-of-its-own"


@pytest.mark.parametrize("content", [b"", b"short", b"with a space in it " * 2, b"\xff" * 20])
def test_weak_or_invalid_token_is_rejected(tmp_path, content):
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(InputError, match="--token-file"):
        _read_token(file)
    with pytest.raises(InputError, match="cannot be read"):
        _read_token(tmp_path / "missing")
