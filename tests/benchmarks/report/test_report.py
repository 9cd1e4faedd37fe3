import io
import re

import pytest
from rich.console import Console

from catnocat.benchmarks.analysis import derive_verdicts
from catnocat.benchmarks.report import print_results, write_reports
from catnocat.benchmarks.report.charts import per_label
from catnocat.benchmarks.report.html import NOT_CORRECTED
from catnocat.benchmarks.report.tables import COLUMNS, MAIN_COLUMNS, cell, is_best
from catnocat.benchmarks.report.text import (
    answer,
    headline,
    short_differences,
    verdict_sentences,
    warning_line,
)


def printed(results, width=100, **options):
    console = Console(file=io.StringIO(), width=width)
    print_results(results, console, **options)
    return console.file.getvalue()


def unwrapped(text):
    return " ".join(text.split())


def test_terminal_leads_with_the_verdict_and_ends_with_the_next_command(results):
    text = printed(results)
    parts = [headline(results), short_differences(results), warning_line(results)]
    assert unwrapped(text).startswith(" ".join(parts))
    assert text.rstrip().endswith(f"Next: {results['next_command']}")


def test_terminal_shows_methods_baseline_failures_and_skipped_images(results):
    text = printed(results)
    assert re.search(r"one-vs-rest\s+0\.750", text)
    assert re.search(r"chain\s+0\.500▼", text)
    assert re.search(r"constant \(baseline\)\s+0\.250 ", text)
    assert "significantly worse than one-vs-rest" in unwrapped(text)
    assert "powerset failed: ValueError: <no>" in text
    assert "1 image was left out (a|b.jpg)" in text


def test_terminal_colours_the_verdict_and_the_marks(results):
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system="standard")
    print_results(results, console)
    text = console.file.getvalue()
    assert text.startswith("\x1b[1;3")
    assert "\x1b[31m▼" in text


def test_everything_else_is_printed_with_verbose(results, make_effect):
    results["crowding"]["effects"] = {"labels": make_effect()}
    assert "AUROC" not in printed(results).replace("Macro AUROC", "").partition("method")[0]
    text = unwrapped(printed(results, verbose=True))
    for sentence in verdict_sentences(results):
        assert sentence in text
    assert "Crowding: The macro AUROC of one-vs-rest falls from 0.89" in text
    assert "Images with more labels are harder" in text
    assert "Recommended: one-vs-rest (independent)." in text
    assert f"Background: {results['details'][0]}" in text
    assert "labels.csv row 3: a|b.jpg: not an image" in text


def test_many_skipped_images_are_counted_not_listed(results):
    results["skipped_images"] *= 25
    assert "25 images were left out (a|b.jpg, a|b.jpg, a|b.jpg, ...)" in printed(results)
    assert "and 15 more; see results.json" in printed(results, verbose=True)


def test_equals_sign_next_to_an_interval_without_zero_is_explained(results, tmp_path):
    comparison = results["methods"][1]["against_independent"]["macro_ap"]
    comparison |= {"difference": 0.02, "low": 0.001, "high": 0.04, "verdict": "no difference"}
    write_reports(results, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count(f'<span title="{NOT_CORRECTED}">*</span>') == 1
    assert f"* {NOT_CORRECTED}" in page
    assert f"no difference. {NOT_CORRECTED}" in page
    assert "Some intervals of differences exclude 0" in printed(results, verbose=True)
    comparison |= {"low": -0.001}
    write_reports(results, tmp_path)
    assert NOT_CORRECTED not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_page_has_the_verdict_card_and_the_baseline(results, tmp_path):
    write_reports(results, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count('class="purpose"') == 2
    assert page.count('class="caution"') == 1
    assert page.index('class="conclusion"') < page.index("<table")
    assert '<tr class="baseline" data-kind="baseline"' in page
    assert "3 methods compared" in page, "the baseline is none of them"


def test_chance_level_of_a_label_is_its_prevalence(results):
    plot = per_label(results, results["methods"][:2])
    assert {row["label"]: row["chance"] for row in plot["rows"]} == {
        "cat": 0.4,
        "dog": None,
        "<script>": None,
    }


def test_page_shows_every_figure_and_escapes_names(results, tmp_path):
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


def test_markdown_table_has_equal_rows(results, tmp_path):
    write_reports(results, tmp_path)
    rows = [
        line
        for line in (tmp_path / "report.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("|") and "(7)" not in line and "0.625" not in line
    ]
    rows = [row for row in rows if row.count("|") > 4]
    assert len(rows) == 5
    assert {row.count("|") for row in rows} == {len(MAIN_COLUMNS) + 3}


def test_exact_sets_by_number_of_labels_are_on_the_page_and_in_markdown(results, tmp_path):
    write_reports(results, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count('id="label_counts"') == 1
    assert page.count("0.625<small>") == 4
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if "0.625" in line]
    assert len(rows) == 2
    assert all(row.count("|") == 4 for row in rows)
    assert "| 1 (7) | 2 or more (3) |" in text


def test_undefined_figure_is_a_dash_and_never_best(results):
    first = results["methods"][0]
    first["metrics"]["macro_ap"] = None
    column = next(column for column in COLUMNS if column.key == "macro_ap")
    assert cell(first, column) == "–"
    assert not is_best(results, first, column)


def test_lower_is_better_where_the_column_says_so(results):
    column = next(column for column in COLUMNS if column.key == "hamming_loss")
    one_vs_rest, chain, _, constant = results["methods"]
    assert is_best(results, constant, column)
    constant["metrics"]["hamming_loss"] = 0.9
    assert is_best(results, chain, column)
    assert not is_best(results, one_vs_rest, column)


def one_method(results):
    del results["methods"][1:3]
    for best in results["best"].values():
        best |= {"joint": None, "comparison": None}


def one_label(results):
    results["dataset"] |= {"labels": ["cat"], "label_sets": 2}
    for entry in (*results["methods"][:2], results["methods"][-1]):
        entry["per_label"] = {"ap": [0.5]}
        entry["metrics"]["labels_averaged"] = 1


def no_errors(results):
    results["confident_errors"] |= {
        "counts": {"false positive": 0, "false negative": 0},
        "shown": [],
    }


def all_failed(results):
    failed = [{**results["methods"][2], "name": name} for name in ("chain", "mlknn")]
    results["methods"] = [*failed, results["methods"][-1]]
    results["confident_errors"] = None
    for best in results["best"].values():
        best |= {"method": None, "independent": None, "joint": None, "comparison": None}


def one_test_image(results):
    results["protocol"]["test_images"] = 1
    nothing = {"method": None, "independent": None, "joint": None, "comparison": None}
    results["best"]["macro_ap"] |= nothing
    comparison = results["best"]["subset_accuracy"]["comparison"]
    comparison |= dict.fromkeys(("low", "high", "p", "verdict"))
    for entry in (*results["methods"][:2], results["methods"][-1]):
        entry["metrics"] = dict.fromkeys(entry["metrics"]) | {
            "subset_accuracy": 1.0,
            "labels_averaged": 0,
        }
        entry["intervals"] = {key: {"low": None, "high": None} for key in entry["intervals"]}
        entry["per_label"] = {"ap": [None] * 4}
    for comparison in results["methods"][1]["against_independent"].values():
        comparison |= dict.fromkeys(("difference", "low", "high", "p", "verdict"))


@pytest.mark.parametrize(
    ("reduce", "words"),
    [
        (one_method, "no joint method was compared with cat/no-cat"),
        (one_label, "cat/no-cat is better than joint methods"),
        (no_errors, "made 0 false positive and 0 false negative predictions"),
        (all_failed, "every method failed"),
        (one_test_image, "too few positive test images to compare"),
    ],
)
def test_minimal_results_are_rendered(results, reduce, words, tmp_path):
    reduce(results)
    n_labels = len(results["dataset"]["labels"])
    headline_verdict, purposes = derive_verdicts(
        results["methods"], results["best"], results["baseline"], n_labels=n_labels
    )
    results["verdicts"] |= {"headline": headline_verdict, **purposes}
    results["answer"] = answer(results)
    write_reports(results, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert words in page.replace("(one yes/no model per label) ", "")
    assert unwrapped(printed(results)).startswith(headline(results))


def test_rows_of_a_feature_table_are_called_rows(results):
    results["recipe"] = {"backbone": "ready features"}
    assert "an image here is one of its rows" in printed(results, width=200, verbose=True)
    assert "Small test set: 10 test rows" in answer(results)


def test_no_heading_is_cut_off_on_a_terminal_of_80_columns(results):
    results["methods"][2]["name"] = "probabilistic-chain"
    text = printed(results, width=80)
    for word in (word for column in MAIN_COLUMNS for word in column.short.split()):
        assert word in text
    assert "…" not in text
