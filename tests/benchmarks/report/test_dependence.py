import json
import re

import numpy as np
import pytest

from catnocat.benchmarks.analysis.label_dependence import measure_dependence
from catnocat.benchmarks.report import print_results, write_reports
from catnocat.benchmarks.report.charts import heat_map
from catnocat.benchmarks.report.text import dependence_sentence


@pytest.fixture
def dependence(make_table, rng):
    Y = (rng.random((300, 4)) < 0.3).astype(np.uint8)
    Y[:, 1] = (1 - Y[:, 0]) * (rng.random(300) < 0.5)
    return measure_dependence(make_table(300, Y=Y), np.full(Y.shape, 0.3), method="one-vs-rest")


def test_page_shows_heat_map_pairs_and_sentence(results, dependence, tmp_path):
    results["dependence"] = dependence
    write_reports(results, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert dependence_sentence(dependence) in page
    assert page.count('class="self"') == 4
    assert 'class="apart"' in page
    assert re.search(r"<bdi>label0</bdi> \+ <bdi>label1</bdi></th><td>0</td>", page)
    assert "reduction of the log-loss" in page
    assert dependence_sentence(dependence) in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_names_are_shortened_and_not_interpreted(results, dependence, tmp_path):
    renamed = json.loads(
        json.dumps(dependence, ensure_ascii=False)
        .replace("label0", "b" * 200)
        .replace("label1", "狗 $x^2$ $\\\\frac$")
    )
    write_reports(results | {"dependence": renamed}, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    section = page[page.index('id="dependence"') : page.index('id="protocol"')]
    assert "b" * 20 in section
    assert "狗 $x^2$ $\\frac$" in section
    shown = re.sub(r'(title|aria-label)="[^"]*"', "", section)
    assert "b" * 60 not in shown


def test_without_features_there_is_one_list(results, dependence, tmp_path):
    results["dependence"] = dependence | {"given_features": None}
    write_reports(results, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "reduction of the log-loss" not in page
    assert "label0 + label1" in page


def test_heat_map_is_marginal_above_and_conditional_below_the_diagonal(dependence):
    given = dependence["given_features"]["matrix"]["values"]
    drawn = heat_map(dependence)
    assert drawn["rows"][0][1] == dependence["marginal"]["matrix"]["values"][0][1]
    assert drawn["rows"][1][0] == given[1][0]
    assert drawn["rows"][2][2] is None


def test_labels_of_the_most_dependent_pairs_are_shown(make_table, rng):
    Y = (rng.random((200, 40)) < 0.2).astype(np.uint8)
    Y[:, 39] = Y[:, 38]
    drawn = heat_map(measure_dependence(make_table(200, 40, Y=Y)))
    assert len(drawn["labels"]) == 24
    assert {"label38", "label39"} <= set(drawn["labels"])


def test_terminal_prints_the_sentence(results, dependence, capsys):
    results["dependence"] = dependence
    print_results(results, verbose=True)
    assert "a joint model can gain from this" in " ".join(capsys.readouterr().out.split())
