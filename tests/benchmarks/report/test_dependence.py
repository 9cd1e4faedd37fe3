import json
import re

import numpy as np
import pytest

from catnocat.benchmarks.analysis.label_dependence import measure_dependence
from catnocat.benchmarks.report import print_results, write_reports
from catnocat.benchmarks.report.charts.analysis_charts import heat_map


@pytest.fixture
def found(make_table, rng):
    Y = (rng.random((300, 4)) < 0.3).astype(np.uint8)
    Y[:, 1] = (1 - Y[:, 0]) * (rng.random(300) < 0.5)
    return measure_dependence(make_table(300, Y=Y), np.full(Y.shape, 0.3), method="one-vs-rest")


def test_the_page_shows_the_map_the_pairs_and_the_sentence(results, found, tmp_path):
    results["dependence"] = found
    write_reports(results, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert found["reading"] in page
    assert page.count('class="self"') == 4
    assert 'class="avoid"' in page
    assert re.search(r"<bdi>label0</bdi> \+ <bdi>label1</bdi></th><td>0</td>", page)
    assert "log-loss saved" in page
    assert found["reading"] in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_names_are_cut_short_and_taken_as_they_are(results, found, tmp_path):
    told = json.loads(
        json.dumps(found, ensure_ascii=False)
        .replace("label0", "b" * 200)
        .replace("label1", "狗 $x^2$ $\\\\frac$")
    )
    write_reports(results | {"dependence": told}, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    section = page[page.index('id="dependence"') : page.index('id="measured"')]
    assert "b" * 20 in section
    assert "狗 $x^2$ $\\frac$" in section
    shown = re.sub(r'(title|aria-label)="[^"]*"', "", section)
    assert "b" * 60 not in shown


def test_without_features_there_is_one_list_and_no_bars(results, found, tmp_path):
    results["dependence"] = found | {"given_features": None}
    write_reports(results, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "log-loss saved" not in page
    assert "label0 + label1" in page


def test_the_map_holds_marginal_above_and_conditional_below_the_diagonal(found):
    given = found["given_features"]["matrix"]["values"]
    drawn = heat_map(found)
    assert drawn["rows"][0][1] == found["marginal"]["matrix"]["values"][0][1]
    assert drawn["rows"][1][0] == given[1][0]
    assert drawn["rows"][2][2] is None


def test_of_many_labels_those_of_the_most_dependent_pairs_are_shown(make_table, rng):
    Y = (rng.random((200, 40)) < 0.2).astype(np.uint8)
    Y[:, 39] = Y[:, 38]
    drawn = heat_map(measure_dependence(make_table(200, 40, Y=Y)))
    assert len(drawn["labels"]) == 24
    assert {"label38", "label39"} <= set(drawn["labels"])


def test_the_terminal_tells_the_sentence(results, found, capsys):
    results["dependence"] = found
    print_results(results, verbose=True)
    assert "a joint model can gain from this" in " ".join(capsys.readouterr().out.split())
