from pathlib import Path

import pytest

import catnocat.classifiers

FILES = sorted(Path(catnocat.classifiers.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_linear_algebra_is_numpys(file):
    # SciPy brings a BLAS of its own, whose threads wait busily after each call: with two of them in
    # turn every product takes twice as long as on one thread.
    assert "scipy.linalg" not in file.read_text(encoding="utf-8")
