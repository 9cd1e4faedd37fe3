"""The picture of the terminal in the README."""

import html
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import catnocat
from catnocat.benchmarks.experiments.terminal_picture import terminal_picture
from catnocat.benchmarks.report.text.verdict import verdict_sentences

README_PICTURE = Path(catnocat.__file__).parent / "docs" / "result.svg"


def words(svg):
    ElementTree.fromstring(svg)
    texts = re.findall(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL)
    return " ".join(html.unescape(" ".join(texts)).replace("\xa0", " ").split())


def test_it_says_what_the_terminal_says_and_fetches_nothing(results):
    svg = terminal_picture(results, "catnocat bench")
    told = words(svg)
    for entry in results["methods"]:
        assert entry["name"] in told
    assert " ".join(verdict_sentences(results)) in told
    assert "url(http" not in svg
    assert "@font-face" not in svg


@pytest.mark.skipif(not README_PICTURE.is_file(), reason="not run in a checkout")
def test_the_one_in_the_readme_is_small_and_whole():
    assert README_PICTURE.stat().st_size < 100_000
    assert "one-vs-rest" in words(README_PICTURE.read_text("utf-8"))
