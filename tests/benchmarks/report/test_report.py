import io
import re

from rich.console import Console

from catnocat.benchmarks.report import print_results, write_reports
from catnocat.benchmarks.report.columns import COLUMNS, best_value, cell


def printed(results, width=100):
    console = Console(file=io.StringIO(), width=width)
    print_results(results, console)
    return console.file.getvalue()


def test_the_terminal_shows_methods_failures_skipped_images_and_the_answer(results):
    text = printed(results)
    assert re.search(r"one-vs-rest\s+0\.750", text)
    assert re.search(r"chain\s+0\.500▼", text)
    assert "worse than one-vs-rest by more than chance" in text
    assert "powerset failed: ValueError: <no>" in text
    assert "labels.csv row 3: a|b.jpg: not an image" in text
    assert "It is." in text


def test_many_skipped_images_are_counted_not_listed(results):
    results["skipped_images"] *= 25
    text = printed(results)
    assert "25 images were left out" in text
    assert "and 15 more; see results.json" in text


def test_the_page_shows_every_figure_and_escapes_what_people_name(results, tmp_path):
    write_reports(results, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<b>pets" not in page
    assert "&lt;b&gt;pets" in page
    for column in COLUMNS:
        assert column.short in page
        assert cell(results["methods"][0], column) in page
    assert "ValueError: &lt;no&gt;" in page
    assert "Drawings: somebody" in page
    assert not re.search(r"""(src|href)\s*=\s*["']?http""", page), "the page must not ask a network"


def test_the_markdown_table_has_as_many_cells_in_every_row(results, tmp_path):
    write_reports(results, tmp_path)
    rows = [
        line
        for line in (tmp_path / "report.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    assert len(rows) == 4
    assert {row.count("|") for row in rows} == {len(COLUMNS) + 3}


def test_an_undefined_figure_is_a_dash_and_never_best(results):
    first = results["methods"][0]
    first["metrics"]["macro_ap"] = None
    column = next(column for column in COLUMNS if column.key == "macro_ap")
    assert cell(first, column) == "–"
    assert not best_value(results, first, column)


def test_lower_is_better_where_the_column_says_so(results):
    column = next(column for column in COLUMNS if column.key == "hamming_loss")
    one_vs_rest, chain, _ = results["methods"]
    assert best_value(results, chain, column)
    assert not best_value(results, one_vs_rest, column)
