"""Every code of the section on crowding has a sentence that follows from its figures."""

import inspect

import pytest

from catnocat.benchmarks.analysis.label_count import interventions, measure, transfer
from catnocat.benchmarks.report.text import (
    crowding_findings,
    crowding_summary,
    curve_text,
    not_measured_sentences,
)
from catnocat.benchmarks.report.text.crowding import _NOT_MEASURED

FIGURES = {
    "single": 3, "several": 4, "labels": 5, "min_labels": 3, "min_positives": 8,
    "min_negatives": 20, "curve": "objects", "trained_on": "images of one label", "images": 9,
    "needed": 60, "reason": "why", "recipe": "whole@320",
}  # fmt: skip


def crowding(**more):
    return {
        "effects": {}, "reference": "ridge", "most_labels": 3, "transfer": None, "crowded": None,
        "interventions": [], "not_measured": [],
    } | more  # fmt: skip


@pytest.mark.parametrize("code", _NOT_MEASURED)
def test_every_code_has_a_sentence(code):
    (sentence,) = not_measured_sentences(crowding(not_measured=[{"code": code} | FIGURES]))
    assert sentence.endswith(".")


def test_every_code_of_the_analysis_is_known():
    source = "".join(map(inspect.getsource, (interventions, measure, transfer)))
    assert all(f'"{code}"' in source for code in _NOT_MEASURED)
    assert source.count('{"code": "') + source.count('"code": "too_few_training_images"') >= 8


@pytest.mark.parametrize(
    ("values", "words"),
    [((0.9, 0.7), "are harder"), ((0.7, 0.9), "are not harder"), ((0.8, 0.79), "not shown")],
)
def test_summary_follows_the_sign_of_the_difference(values, words, make_effect):
    text = crowding_summary(crowding(effects={"labels": make_effect(*values)}))
    assert words in text
    assert f"{values[0]:.2f} with one label" in text
    assert f"{values[1]:.2f} with 3 or more labels" in text


def test_no_effect_is_stated_at_chance_level(make_effect):
    section = crowding(effects={"labels": make_effect(0.6, 0.4, chance=True)})
    assert "cannot be measured" in crowding_summary(section)
    assert "falls" not in " ".join(crowding_findings(section))
    chance = crowding(effects={"visible": make_effect(0.6, 0.4, chance=True)})
    assert crowding_findings(chance) == []


def test_single_labels_are_stated():
    assert "No image has more than one label" in crowding_summary(crowding(most_labels=1))
    assert crowding_summary(crowding()) == ""


def test_every_effect_has_a_finding(make_effect):
    effects = {
        name: make_effect()
        for name in ("labels", "transfer", "repetition", "cells", "cells_scattered", "visible")
    }
    section = crowding(effects=effects, transfer={"train_images": 90, "method": "logistic"})
    findings = crowding_findings(section)
    assert len(findings) == 4
    assert "Trained on 90 images of a single label" in findings[0]
    assert "costs 0.110 there" in crowding_summary(section)


def row(recipe, classifier, gain, against):
    figure = {"value": 0.8, "low": 0.7, "high": 0.9}
    difference = {"value": gain, "low": gain - 0.01, "high": gain + 0.01}
    return {
        "recipe": recipe, "classifier": classifier, "auroc": figure, "against": against,
        "difference": against and {"auroc": difference},
    }  # fmt: skip


def test_best_intervention_is_named():
    rows = [
        row("whole@224", "logistic", 0, None),
        row("whole@320", "logistic", 0.05, ["whole@224", "logistic"]),
        row("whole@448", "logistic", 0.02, ["whole@224", "logistic"]),
        row(measure.THIS_RECIPE, "chain", -0.03, [measure.THIS_RECIPE, "one-vs-rest"]),
    ]
    section = crowding(interventions=rows, crowded={"labels": "3 or more", "images": 9})
    (text,) = crowding_findings(section)
    assert "best of 2 other features is whole@320: AUROC gains 0.050" in text
    assert "best of 1 other classifiers is chain: AUROC loses 0.030" in text


def test_every_curve_has_a_text():
    for name in ("labels", "objects", "repetition", "visible", "transfer", "cells"):
        assert curve_text(f"{name}-auroc").title
