import io
from copy import deepcopy

import pytest
from rich.console import Console

from catnocat.benchmarks.analysis import rank_over_datasets
from catnocat.benchmarks.report import print_joint_results, write_joint_reports
from catnocat.benchmarks.report.text import joint_answer


@pytest.fixture
def joint(results):
    other = deepcopy(results)
    other["dataset"]["name"] = "zoo"
    sets = [results, other]
    ranking = rank_over_datasets(sets)
    return ranking | {
        "datasets": sets,
        "command": "catnocat bench a b",
        "answer": joint_answer(sets, ranking),
    }


def test_page_has_every_data_set_and_unique_anchors(joint, tmp_path):
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


def test_terminal_has_the_joint_verdict_and_a_row_per_method(joint):
    console = Console(file=io.StringIO(), width=80)
    print_joint_results(joint, console)
    text = console.file.getvalue()
    assert text.startswith("For finding the images of a label: cat/no-cat is good enough on 2 of 2")
    assert "powerset" in text
    assert "0.500▼" in text
    assert "mean little" not in text
    print_joint_results(joint, console, verbose=True)
    assert "mean little" in " ".join(console.file.getvalue().split())
