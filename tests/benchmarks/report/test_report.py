import io
import re

import pytest
from rich.console import Console
from rich.text import Text

from catnocat.benchmarks.answer import answer
from catnocat.benchmarks.report import print_results, write_reports
from catnocat.benchmarks.report.columns import COLUMNS, MAIN_COLUMNS, best_value, cell


def printed(results, width=100):
    console = Console(file=io.StringIO(), width=width)
    print_results(results, console)
    return console.file.getvalue()


def printed_alone(text, width=100):
    console = Console(file=io.StringIO(), width=width)
    console.print(Text(text))
    return console.file.getvalue().rstrip()


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
    assert {row.count("|") for row in rows} == {len(MAIN_COLUMNS) + 3}


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


def one_method(results):
    del results["methods"][1:]
    for found in results["best"].values():
        found |= {"joint": None, "found": None}


def one_label(results):
    results["dataset"] |= {"labels": ["cat"], "label_sets": 2}
    for entry in results["methods"][:2]:
        entry["per_label"] = {"ap": [0.5]}
        entry["metrics"]["labels_averaged"] = 1


def no_mistake(results):
    results["mistakes"] |= {"counts": {"false alarm": 0, "miss": 0}, "shown": []}


def all_failed(results):
    results["methods"] = [{**results["methods"][2], "name": name} for name in ("chain", "mlknn")]
    results["mistakes"] = None


def one_judged_picture(results):
    results["protocol"]["images_judged"] = 1
    for entry in results["methods"][:2]:
        entry["metrics"] = dict.fromkeys(entry["metrics"]) | {
            "subset_accuracy": 1.0,
            "labels_averaged": 0,
        }
        entry["intervals"] = {key: {"low": None, "high": None} for key in entry["intervals"]}
        entry["per_label"] = {"ap": [None] * 4}
    for found in results["methods"][1]["against_independent"].values():
        found |= dict.fromkeys(("difference", "low", "high", "p", "verdict"))


@pytest.mark.parametrize(
    ("reduce", "words"),
    [
        (one_method, "Nothing was compared with cat/no-cat"),
        (one_label, "asks of the one label by itself"),
        (no_mistake, "gave a label that is not there 0 times"),
        (all_failed, "Every method failed"),
        (one_judged_picture, "No label can be judged by itself"),
    ],
)
def test_where_there_is_next_to_nothing_the_renderings_say_so(results, reduce, words, tmp_path):
    reduce(results)
    results["answer"] = answer(results)
    write_reports(results, tmp_path)
    assert words in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert printed(results).rstrip().endswith(printed_alone(results["answer"]))


def test_rows_of_a_table_are_not_called_pictures_without_a_word(results):
    results["recipe"] = {"backbone": "ready features"}
    assert "a picture here is one of its rows" in printed(results, width=200)
    assert "Judged on 10 rows that none had learned from" in answer(results)


def test_no_heading_is_cut_off_on_a_terminal_of_80_columns(results):
    results["methods"][0]["name"] = "probabilistic-chain"
    text = printed(results, width=80)
    for word in (word for column in MAIN_COLUMNS for word in column.short.split()):
        assert word in text
    assert "…" not in text
