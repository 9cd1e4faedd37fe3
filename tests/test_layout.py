"""Every folder of Python is packaged. The layers are checked by import-linter in `make lint`."""

from pathlib import Path

import catnocat

ROOT = Path(catnocat.__file__).parent
FOLDERS = ("features", "classifiers", "benchmarks")
FILES = [path for top in FOLDERS for path in sorted((ROOT / top).rglob("*.py"))]


def test_every_folder_of_python_is_in_the_package():
    packages = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for folder in sorted({path.parent for path in FILES}):
        name = ".".join(("catnocat", *folder.relative_to(ROOT).parts))
        assert f'"{name}"' in packages, f"{name} is missing from pyproject.toml's packages"
