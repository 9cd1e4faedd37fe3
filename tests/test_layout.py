"""The promises of the layout: one direction of imports, front doors, files of one concept."""

import ast
from pathlib import Path

import pytest

import catnocat

ROOT = Path(catnocat.__file__).parent
MAY_IMPORT = {"features": set(), "classifiers": set(), "benchmarks": {"features", "classifiers"}}
FILES = [path for room in MAY_IMPORT for path in sorted((ROOT / room).rglob("*.py"))]
IDS = [str(path.relative_to(ROOT)) for path in FILES]


def imported_modules(path):
    """Give the imports of a file as tuples of names below `catnocat`."""
    here = path.relative_to(ROOT).with_suffix("").parts
    package = here[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            yield base + tuple((node.module or "").split(".") if node.module else ())
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("catnocat"):
            yield tuple(node.module.split(".")[1:])
        elif isinstance(node, ast.Import):
            for name in node.names:
                if name.name.startswith("catnocat"):
                    yield tuple(name.name.split(".")[1:])


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_rooms_import_in_one_direction_and_through_the_front_door(path):
    room = path.relative_to(ROOT).parts[0]
    for module in imported_modules(path):
        if module and module[0] in MAY_IMPORT and module[0] != room:
            assert module[0] in MAY_IMPORT[room], f"{room} must not import {module[0]}"
            assert len(module) == 1, f"{'.'.join(module)}: enter by the front door"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_file_is_short_enough_for_one_concept(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_every_folder_of_python_is_in_the_package():
    packages = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for folder in sorted({path.parent for path in FILES}):
        name = ".".join(("catnocat", *folder.relative_to(ROOT).parts))
        assert f'"{name}"' in packages, f"{name} is missing from pyproject.toml's packages"
