import json

import pytest

from catnocat.benchmarks.cli import main


@pytest.fixture
def run(capsys):
    """Return a function that runs the command: (exit code, stdout, stderr)."""

    def run_command(*arguments):
        with pytest.raises(SystemExit) as end:
            main(["scenes", *map(str, arguments)])
        return (end.value.code, *capsys.readouterr())

    return run_command


SMALL = ("--number", 4, "--canvas", 64, "--jobs", 1)


def test_output_names_the_table_and_the_next_command(run, tmp_path):
    code, out, err = run("--out", tmp_path / "scenes", *SMALL)
    assert (code, err) == (0, "")
    assert f"4 scenes of 18 animals: {tmp_path / 'scenes' / 'labels.csv'}" in out
    assert f"catnocat bench {tmp_path / 'scenes' / 'labels.csv'}" in out
    assert "OpenMoji" in out


def test_every_option_reaches_the_settings(run, tmp_path):
    options = {
        "labels": "dog, cat",
        "fewest": 1,
        "most": 4,
        "mean-groups": 2.5,
        "group-sizes": "0.5,0.5",
        "cooccurrence": 1,
        "exclusion": 0.5,
        "layout": "grid",
        "seed": 3,
    }
    flat = [part for name, value in options.items() for part in (f"--{name}", value)]
    code, out, err = run("--out", tmp_path / "o", *SMALL, *flat, "--size", 0.3, 0.4, "--json")
    assert (code, err) == (0, "")
    output = json.loads(out)
    assert output["labels"] == ["dog", "cat"]
    assert output["scenes"] == 4
    assert json.loads((tmp_path / "o" / "scenes.json").read_text())["settings"] == {
        "number": 4,
        "fewest": 1,
        "most": 4,
        "mean_groups": 2.5,
        "group_sizes": [0.5, 0.5],
        "cooccurrence": 1.0,
        "exclusion": 0.5,
        "canvas": 64,
        "layout": "grid",
        "size": [0.3, 0.4],
        "seed": 3,
    }


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("--group-sizes", "a,b"), "--group-sizes a,b: must be comma-separated numbers"),
        (("--labels", "cat,unicorn"), "'unicorn' is not in"),
        (("--number", 0), "number must be at least 1"),
        (("--sprites", "nowhere"), "nowhere: no such folder of sprites"),
        (("--layout", "circle"), "circle"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(run, tmp_path, wrong, message):
    code, out, err = run("--out", tmp_path / "scenes", *SMALL, *wrong)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
