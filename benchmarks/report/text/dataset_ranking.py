"""The joint answer for several data sets."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...analysis import MIN_EFFECT, PURPOSES, PurposeCode
from ...analysis.results import DatasetRanking, SignedRank
from .verdict import FINDING, task

MIN_PROBABILITY = 0.5
"""Below this probability no method is named as likely better."""
MIN_DATASETS = 5
"""With fewer data sets, ranks hardly ever differ significantly."""
MAX_P = 0.05

_PHRASES = {
    "joint methods are better than cat/no-cat": (PurposeCode.JOINT_BETTER,),
    f"joint methods are better by less than {MIN_EFFECT}": (PurposeCode.JOINT_SLIGHTLY_BETTER,),
    "cat/no-cat is good enough": (
        PurposeCode.INDEPENDENT_BETTER,
        PurposeCode.INDEPENDENT_SUFFICES,
    ),
    "neither is shown": (PurposeCode.NOT_SHOWN, PurposeCode.TOO_FEW_POSITIVES),
    "no method is better than a constant prediction": (PurposeCode.USELESS,),
    "nothing was compared": (PurposeCode.NOT_COMPARED, PurposeCode.NOT_MEASURED),
}


def joint_answer(comparisons: Sequence[Mapping[str, Any]], ranking: DatasetRanking) -> str:
    """Return how often each verdict was reached, the ranks, and the signed-rank test.

    Parameters
    ----------
    comparisons : sequence of Results
        Results of each data set.
    ranking : DatasetRanking
    """
    sentences = [*joint_headline(ranking, len(comparisons))]
    ranks = ranking["ranks"][FINDING]
    if ranks is not None:
        sentences.append(_rank_sentence(ranks))
    joint = {
        entry["name"]
        for comparison in comparisons
        for entry in comparison["methods"]
        if entry["kind"] == "joint"
    }
    tests = [entry for entry in ranking["signed_ranks"][FINDING] if entry["name"] in joint]
    if tests:
        best = max(tests, key=lambda entry: (entry["right"], entry["rope"]))
        sentences.append(_signed_rank_sentence(best))
    if len(comparisons) < MIN_DATASETS:
        sentences.append(
            f"With {len(comparisons)} data sets these ranks and probabilities mean little: read the"
            " comparison of each data set first."
        )
    return " ".join(sentences)


def joint_headline(ranking: DatasetRanking, n_datasets: int) -> list[str]:
    """Return one sentence per purpose: on how many data sets each verdict was reached."""
    sentences = []
    for key in PURPOSES:
        counts = ranking["verdict_counts"][key]
        parts = []
        for phrase, codes in _PHRASES.items():
            if number := sum(counts.get(code, 0) for code in codes):
                parts.append(f"{phrase} on {number} of {n_datasets} data sets")
        sentences.append(f"For {task(key, 'image')}: {'; '.join(parts)}.")
    return sentences


def _rank_sentence(ranks: Mapping[str, Any]) -> str:
    best, p = ranks["methods"][0], ranks["friedman"]["p"]
    if p >= MAX_P:
        return (
            f"The mean ranks of the methods do not differ significantly (Friedman test, p ="
            f" {p:.2g}); {best['name']} comes first."
        )
    critical = ranks["critical_difference"]
    if critical > len(ranks["methods"]) - 1:
        condition = "but with so few data sets no two methods can differ significantly"
    else:
        condition = f"and two methods differ significantly if their ranks differ by {critical:.1f}"
    return (
        f"By macro AP {best['name']} has the best mean rank ({best['rank']:.1f} among"
        f" {len(ranks['methods'])} methods), {condition}."
    )


def _signed_rank_sentence(entry: SignedRank) -> str:
    if entry["right"] < MIN_PROBABILITY:
        return (
            f"No joint method is better than its independent reference by more than {MIN_EFFECT}"
            f" with a probability above {entry['right']:.0%}."
        )
    return (
        "The joint method most likely to be better than its independent reference is"
        f" {entry['name']}: better than {entry['reference']} by more than {MIN_EFFECT} with a"
        f" probability of {entry['right']:.0%}, practically equal with {entry['rope']:.0%}, and"
        f" worse with {entry['left']:.0%}."
    )
