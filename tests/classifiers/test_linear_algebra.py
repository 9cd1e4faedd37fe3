import ast
from pathlib import Path

import pytest

import catnocat.classifiers

FILES = sorted(Path(catnocat.classifiers.__file__).parent.rglob("*.py"))


def uses_of_scipy_linalg(source):
    """Return the lines of a module that import `scipy.linalg` or reach it as an attribute."""
    lines = set()
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute):
            names = [ast.unparse(node)]
        if any(f"{name}.".startswith("scipy.linalg.") for name in names):
            lines.add(node.lineno)
    return sorted(lines)


@pytest.mark.parametrize(
    "source",
    [
        "import scipy.linalg",
        "import scipy.linalg as la",
        "import scipy.linalg.lapack",
        "from scipy import linalg",
        "from scipy import linalg as la, special",
        "from scipy.linalg import eigh",
        "from scipy.linalg.blas import dgemm",
        "import scipy; scipy.linalg.svd",
        "def late():\n    from scipy import linalg",
    ],
)
def test_every_form_of_use_is_found(source):
    assert uses_of_scipy_linalg(source)


@pytest.mark.parametrize(
    "source", ["import scipy.special", "# scipy.linalg", "from scipy.sparse import linalg"]
)
def test_other_modules_are_no_use(source):
    assert not uses_of_scipy_linalg(source)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_linear_algebra_is_numpys(file):
    # SciPy brings a BLAS of its own, whose threads wait busily after each call: with two of them in
    # turn every product takes twice as long as on one thread.
    assert uses_of_scipy_linalg(file.read_text(encoding="utf-8")) == []


def test_files_of_the_package_are_looked_through():
    assert {"linear_problem", "svd", "ridge"} <= {file.stem for file in FILES}
