import subprocess
import sys

import pytest

from catnocat import __version__
from catnocat.benchmarks.cli import main


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


def test_help_names_the_commands(capsys):
    code, out, err = run(capsys, "--help")
    assert (code, err) == (0, "")
    assert "bench" in out
    assert "scenes" in out


def test_version(capsys):
    assert run(capsys, "--version") == (0, f"catnocat {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bench", "nowhere.csv"], "nowhere.csv: no such file"),
        (["bench", "--methods", "chian"], "did you mean 'chain'"),
        (["bench", "--folds", "1"], "--folds"),
        (["bench", "--limit", "many"], "--limit"),
        (["bench", "--no-such-option"], "--no-such-option"),
        (["banch"], "banch"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(capsys, arguments, message):
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert err.startswith("catnocat: ")


@pytest.mark.parametrize("where", ["catnocat.benchmarks.benchmark.load", "typer.echo"])
def test_interrupt_is_one_line_and_exit_130(capsys, monkeypatch, tmp_path, where):
    def interrupted(*_, **__):
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(where, interrupted)
    bench = ["bench", "pets.csv", "--out", str(tmp_path)]
    arguments = ["--version"] if where == "typer.echo" else bench
    assert run(capsys, *arguments) == (130, "", "catnocat: stopped\n")


def test_an_output_folder_that_cannot_be_created_is_reported_first(capsys, tmp_path):
    blocker = tmp_path / "file"
    blocker.touch()
    code, _, err = run(capsys, "bench", "--out", str(blocker / "report"))
    assert code == 2
    assert "--out" in err


def test_help_imports_nothing_heavy():
    script = (
        "import sys\n"
        "from catnocat.benchmarks.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'sklearn', 'scipy', 'matplotlib', 'PIL', 'pandas', 'timm', 'openvino'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.endswith("heavy: []\n"), done.stdout + done.stderr


def test_every_option_of_the_benchmark_has_help_from_its_declaration():
    from dataclasses import fields

    from typer.main import get_command

    from catnocat.benchmarks.cli import app
    from catnocat.benchmarks.options import BenchOptions

    parameters = {part.name: part for part in get_command(app).commands["bench"].params}
    for option in fields(BenchOptions):
        description = parameters[option.name].help
        assert len(description.split()) > 2 or option.name == "seed", option.name
    assert parameters["folds"].help.startswith("Number of folds of a cross-validation")
    assert parameters["repeats"].default == BenchOptions.repeats
