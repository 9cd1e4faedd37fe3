"""Verdicts on generated data whose answer is known, on the terminal and on the page."""

import html
import io
import re
from itertools import permutations, product

import numpy as np
import pytest
from rich.console import Console

from catnocat.benchmarks import bench
from catnocat.benchmarks.report import print_results
from catnocat.benchmarks.report.text import verdict_sentences

N = 1500


def equal(rng):
    """Return labels that are independent given the context, with probabilities near 0 or 1."""
    contexts = np.array(list(product((0.05, 0.95), repeat=3)))
    context = rng.integers(0, len(contexts), N)
    return np.eye(len(contexts))[context], rng.random((N, 3)) < contexts[context]


def exclusive(rng):
    """Return exclusive labels with probabilities below one half: the most likely set has one.

    A few rows have no label, so that the rule "at least one label" does not apply.
    """
    contexts = np.array(list(permutations((0.45, 0.3, 0.25))))
    context = rng.integers(0, len(contexts), N)
    chosen = (rng.random((N, 1)) > contexts[context].cumsum(axis=1)).sum(axis=1).clip(max=2)
    Y = (np.eye(3)[chosen] > 0) & (rng.random((N, 1)) > 0.03)
    return np.eye(len(contexts))[context], Y


def band(rng, n_coins=0):
    """Return two thresholds on a feature, and the interval between them as a third label."""
    x = 2 * rng.normal(size=N)
    low, high = x > -1, x > 1
    labels = [low, high, low & ~high, *(rng.random((n_coins, N)) < 0.5)]
    return np.column_stack([x, rng.normal(size=(N, 4))]), np.column_stack(labels)


def band_and_coins(rng):
    """Return the same with labels that cannot be predicted, so that no exact set is possible."""
    return band(rng, n_coins=7)


def noise(rng):
    return rng.normal(size=(N, 5)), rng.random((N, 4)) < (0.5, 0.4, 0.3, 0.2)


DATASETS = {
    "equal": (
        equal,
        ("one-vs-rest", "powerset"),
        ("independent_suffices_for_both", "independent_suffices", "independent_suffices"),
        "Yes: on equal, cat/no-cat (one yes/no model per label) is good enough for both purposes.",
    ),
    "sets": (
        exclusive,
        ("one-vs-rest", "powerset"),
        ("joint_better_for_label_sets", "independent_suffices", "joint_better"),
        "It depends: on sets, cat/no-cat (one yes/no model per label) is good enough for finding"
        " the rows of a label; joint methods are better than cat/no-cat for predicting exact"
        " label sets.",
    ),
    "finding": (
        band_and_coins,
        ("one-vs-rest", "stacking"),
        ("joint_better_for_finding", "joint_better", "useless"),
        "It depends: on finding, joint methods are better than cat/no-cat (one yes/no model per"
        " label) for finding the rows of a label; no method is shown to be better than a constant"
        " prediction for predicting exact label sets.",
    ),
    "both": (
        band,
        ("one-vs-rest", "powerset"),
        ("joint_better_for_both", "joint_better", "joint_better"),
        "No: on both, joint methods are better than cat/no-cat (one yes/no model per label) for"
        " both purposes.",
    ),
    "useless": (
        noise,
        ("one-vs-rest", "powerset", "mlknn"),
        ("nothing_usable", "useless", "useless"),
        "Nothing usable: on useless, no method is shown to be better than a constant prediction"
        " for either purpose.",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DATASETS)
def test_verdict_is_true(name, tmp_path):
    make, methods, codes, sentence = DATASETS[name]
    X, Y = make(np.random.default_rng(0))
    split = np.where(np.arange(N) < N // 2, "train", "test")
    np.savez(tmp_path / f"{name}.npz", X=X, Y=Y, split=split)
    results = bench(tmp_path / f"{name}.npz", out=tmp_path / "out", methods=methods, n_jobs=1)

    verdicts = results["verdicts"]
    assert codes == tuple(
        verdicts[key]["code"] for key in ("headline", "macro_ap", "subset_accuracy")
    )
    assert results["methods"][-1]["kind"] == "baseline"
    assert set(results["recommended"]) == {
        key for key in ("macro_ap", "subset_accuracy") if verdicts[key]["code"] != "useless"
    }
    first, *purposes = verdict_sentences(results)
    assert first == results.verdict == sentence
    assert results["answer"].startswith(first)

    console = Console(file=io.StringIO(), width=80)
    print_results(results, console)
    lines = console.file.getvalue().splitlines()
    assert " ".join(" ".join(lines[:3]).split()).startswith(first), "the verdict comes first"
    assert len(lines) <= 22, "with the prompt and the path it fits a terminal of 24 lines"

    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    card = page[page.index('class="conclusion"') : page.index('class="facts"')]
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", card)).split())
    assert " ".join([first, *purposes]) in text
    markdown = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert f"**{first}**" in markdown
