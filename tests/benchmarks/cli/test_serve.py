"""What `catnocat serve` refuses before it listens; tests of serving itself have their folder."""

import pytest

from catnocat.benchmarks.cli.serve import _token
from catnocat.benchmarks.utils.errors import InputError


def test_a_missing_model_is_one_line_and_exit_2(run_main):
    code, out, err = run_main("serve", "nowhere.catnocat")
    assert (code, out) == (2, "")
    assert err == "catnocat: nowhere.catnocat: no such file\n"


def test_limits_of_nothing_are_refused(run_main):
    code, _, err = run_main("serve", "nowhere.catnocat", "--max-files", "0")
    assert code == 2
    assert "files" in err


def test_a_public_address_without_a_token_is_warned_of(run_main, monkeypatch):
    monkeypatch.delenv("CATNOCAT_TOKEN", raising=False)
    _, _, err = run_main("serve", "nowhere.catnocat", "--host", "0.0.0.0")
    assert "catnocat: warning: whoever reaches 0.0.0.0:8000 can use this service" in err
    monkeypatch.setenv("CATNOCAT_TOKEN", "x" * 32)
    assert "warning" not in run_main("serve", "nowhere.catnocat", "--host", "0.0.0.0")[2]


def test_a_token_comes_from_a_file_or_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.delenv("CATNOCAT_TOKEN", raising=False)
    assert _token(None) is None
    monkeypatch.setenv("CATNOCAT_TOKEN", "from-the-environment")
    assert _token(None) == "from-the-environment"
    file = tmp_path / "token"
    file.write_text("from-a-file-of-its-own\n")
    assert _token(file) == "from-a-file-of-its-own"


@pytest.mark.parametrize("content", [b"", b"short", b"with a space in it " * 2, b"\xff" * 20])
def test_a_token_that_can_be_guessed_or_not_be_sent_is_refused(tmp_path, content):
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(InputError, match="--token-file"):
        _token(file)
    with pytest.raises(InputError, match="cannot be read"):
        _token(tmp_path / "missing")
