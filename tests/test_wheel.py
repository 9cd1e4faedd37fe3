"""The wheel, made of the sdist, works in an environment that knows nothing of the checkout."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from email.parser import Parser
from pathlib import Path, PurePosixPath

import pytest

import catnocat

ROOT = Path(catnocat.__file__).resolve().parent
ROOMS = ("features", "classifiers", "benchmarks")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (ROOT / "pyproject.toml").is_file(), reason="not run in a checkout"),
]


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """Build from a copy: building leaves things behind in the folder it is done in."""
    folder = tmp_path_factory.mktemp("build")
    copy = folder / "checkout"
    unwanted = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=unwanted)
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", copy]
    done = subprocess.run(build, capture_output=True, text=True, env=clean_environment())
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder / "dist"


@pytest.fixture(scope="module")
def wheel(dist):
    (wheel,) = dist.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Install into an empty environment, to which the other packages of this one are lent."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    site = subprocess.check_output(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    ).strip()
    # What such a line leads to is looked at last, and its own lines (editable installs) never.
    lent = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    Path(site, "lent.pth").write_text("\n".join(lent) + "\n")
    install = ["pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps", wheel]
    subprocess.run([sys.executable, "-m", *install], check=True, env=clean_environment())
    return folder / "bin"


def clean_environment(**more):
    return {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")} | more


def sources():
    """Give the files of the three rooms, as the wheel should name them."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"catnocat/{path.relative_to(ROOT).as_posix()}"


def test_the_wheel_holds_all_of_the_rooms_and_nothing_else(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith("/")}
    tops = {PurePosixPath(name).parts[0] for name in names}
    assert tops == {"catnocat", f"catnocat-{catnocat.__version__}.dist-info"}
    code = {name for name in names if name.startswith("catnocat/")}
    assert code == {
        *sources(),
        *(f"catnocat/{n}" for n in ("__init__.py", "__main__.py", "py.typed")),
    }


def test_the_wheel_says_what_it_is(wheel):
    with zipfile.ZipFile(wheel) as archive:
        info = f"catnocat-{catnocat.__version__}.dist-info"
        about = Parser().parsestr(archive.read(f"{info}/METADATA").decode())
        licence = archive.read(f"{info}/licenses/LICENSE")
    assert licence == (ROOT / "LICENSE").read_bytes()
    assert about["License-Expression"] == "BSD-3-Clause"
    assert about["Requires-Python"] == ">=3.11"
    assert {"fast", "dask", "dev"} <= set(about.get_all("Provides-Extra"))
    assert about.get_payload().startswith("# catnocat")


def test_the_sdist_holds_the_tests_and_the_documents(dist):
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {PurePosixPath(*PurePosixPath(name).parts[1:]) for name in archive.getnames()}
    wanted = ("pyproject.toml", "LICENSE", "Makefile", "tests/test_wheel.py", "docs/store.md")
    assert {PurePosixPath(name) for name in wanted} <= names
    assert not [name for name in names if "__pycache__" in name.parts]


def test_the_installed_command_compares_methods_in_an_empty_folder(installed, tmp_path):
    cache, here = tmp_path / "cache", tmp_path / "here"
    here.mkdir()
    environment = clean_environment(CATNOCAT_CACHE=str(cache), COLUMNS="100")

    def run(*command):
        return subprocess.run(
            [installed / command[0], *command[1:]],
            capture_output=True,
            text=True,
            cwd=here,
            env=environment,
        )

    where = run("python", "-c", "import catnocat; print(catnocat.__file__)").stdout
    assert Path(where.strip()).is_relative_to(installed.parent)
    assert run("catnocat", "--version").stdout == f"catnocat {catnocat.__version__}\n"
    told = json.loads(run("catnocat", "doctor", "--quick", "--json").stdout)
    assert told["cache"]["folder"] == str(cache)
    bench = run("catnocat", "bench", "--limit", "200")
    assert bench.returncode == 0, bench.stderr
    assert "logistic" in bench.stdout
    report = here / "catnocat-report"
    assert json.loads((report / "results.json").read_text())["dataset"]["images"] == 200
    assert "</html>" in (report / "report.html").read_text(encoding="utf-8")
    assert (report / "report.md").is_file()
    assert [path.name for path in here.iterdir()] == ["catnocat-report"]
