"""Image of the terminal in the README."""

import html
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import catnocat
from catnocat.benchmarks import bench
from catnocat.benchmarks.evaluation.methods.registry import DEFAULT_METHODS
from catnocat.benchmarks.experiments.terminal_svg import terminal_svg

README_IMAGE = Path(catnocat.__file__).parent / "docs" / "result.svg"


@pytest.fixture
def results(tmp_path, rng):
    """Return the results of a small comparison."""
    X = rng.normal(size=(60, 4))
    np.savez(tmp_path / "table.npz", X=X, Y=X[:, :2] + rng.normal(size=(60, 2)) > 0)
    return bench(tmp_path / "table.npz", methods=("logistic", "chain"), folds=2, n_jobs=1)


def words(svg):
    ElementTree.fromstring(svg)
    texts = re.findall(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL)
    return " ".join(html.unescape(" ".join(texts)).replace("\xa0", " ").split())


def test_svg_has_the_text_of_the_terminal_and_no_downloads(results):
    svg = terminal_svg(results, "catnocat bench")
    text = words(svg)
    for entry in results["methods"]:
        assert entry["name"] in text
    assert results.verdict in text
    assert "url(http" not in svg
    assert "@font-face" not in svg


@pytest.mark.skipif(not README_IMAGE.is_file(), reason="not run in a checkout")
def test_image_of_the_readme_is_small_and_complete():
    assert README_IMAGE.stat().st_size < 100_000
    text = words(README_IMAGE.read_text("utf-8"))
    assert [name for name in (*DEFAULT_METHODS, "constant") if name not in text] == []
