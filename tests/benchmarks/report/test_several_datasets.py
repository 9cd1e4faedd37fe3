import io
from copy import deepcopy

import pytest
from rich.console import Console

from catnocat.benchmarks.report import print_joint_results, write_joint_reports
from catnocat.benchmarks.several import across


@pytest.fixture
def joint(results):
    other = deepcopy(results)
    other["dataset"]["name"] = "zoo"
    sets = [results, other]
    return {"datasets": sets, "command": "catnocat bench a b"} | across(sets)


def test_one_page_holds_every_data_set_and_no_anchor_twice(joint, tmp_path):
    write_joint_reports(joint, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    anchors = [part.split('"')[0] for part in page.split(' id="')[1:]]
    repeated = {anchor for anchor in anchors if anchors.count(anchor) > 1}
    assert not {anchor for anchor in repeated if not anchor.startswith("f")}
    assert page.count("<h1>") == 1
    assert page.count('class="gallery"') == 2
    assert "<b>pets" not in page
    assert "mean little" in page
    assert "do not differ significantly" in page
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert len({line.count("|") for line in text.splitlines() if line.startswith("|")} - {5}) <= 1


def test_the_terminal_has_a_row_per_method_and_the_joint_answer(joint):
    console = Console(file=io.StringIO(), width=80)
    print_joint_results(joint, console)
    text = console.file.getvalue()
    assert "powerset" in text
    assert "0.500▼" in text
    assert "mean little" in " ".join(text.split())
