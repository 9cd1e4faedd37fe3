"""Sentences on a comparison of several networks."""

from collections.abc import Mapping
from typing import Any

from ...analysis import PURPOSES, BackboneComparison, DependenceCode, PurposeCode
from ...utils import format_duration, format_signed, join_names

FINDING = PURPOSES[0]

#: What a verdict code says, to follow "for finding the images of a label".
CODE_PHRASES = {
    PurposeCode.JOINT_BETTER: "joint methods are better than cat/no-cat",
    PurposeCode.JOINT_SLIGHTLY_BETTER: "joint methods are slightly better than cat/no-cat",
    PurposeCode.INDEPENDENT_BETTER: "cat/no-cat is better than joint methods",
    PurposeCode.INDEPENDENT_SUFFICES: "cat/no-cat is good enough",
    PurposeCode.NOT_SHOWN: "neither kind of method is shown to be better",
    PurposeCode.TOO_FEW_POSITIVES: "there are too few positive images for a verdict",
    PurposeCode.USELESS: "no method is better than the constant baseline",
    PurposeCode.NOT_COMPARED: "only one kind of method was compared",
    PurposeCode.NOT_MEASURED: "nothing was measured",
}
PURPOSE_NAMES = {
    PURPOSES[0]: "For finding the images of a label",
    PURPOSES[1]: "For getting every label of an image right",
}
EFFECT_NAMES = {
    "network": "the network",
    "views": "the views",
    "classifier": "the classifier",
    "network_by_classifier": "combinations of network and classifier",
    "other_interactions": "other combinations",
    "chance": "chance",
}


def backbone_sentences(comparison: BackboneComparison) -> list[str]:
    """Return the sentences that summarise a comparison of networks.

    Parameters
    ----------
    comparison : BackboneComparison
        See `catnocat.benchmarks.analysis.compare_backbones`.
    """
    sentences = [
        _best_sentence(comparison),
        share_sentence(comparison["decomposition"].get(FINDING)),
        *(_verdict_sentence(comparison, key) for key in PURPOSES),
    ]
    return [sentence for sentence in sentences if sentence]


def _best_sentence(comparison: BackboneComparison) -> str:
    """Return the best cell by macro AP and its distance from the reference network."""
    entries: list[Any] = list(comparison["cells"])
    cells = [cell for cell in entries if cell[FINDING]["value"] is not None]
    if not cells:
        return ""
    best = max(cells, key=lambda cell: cell[FINDING]["value"])
    text = (
        f"The highest macro AP is {best[FINDING]['value']:.3f}, of {best['method']} on the"
        f" features of {best['network']}"
    )
    against = best[FINDING]["against_reference"]
    if against is None or against["difference"] is None:
        return f"{text}."
    interval = "no interval"
    if against["low"] is not None:
        low, high = format_signed(against["low"]), format_signed(against["high"])
        interval = f"95 % interval {low} to {high}"
    return (
        f"{text}: {format_signed(against['difference'])} ({interval}) from the same method on"
        f" {comparison['reference']}."
    )


def share_sentence(decomposition: Mapping[str, Any] | None) -> str:
    """Return which shares of the variation of macro AP are due to which factor."""
    if decomposition is None:
        return ""
    factors = [*decomposition["effects"], "chance"]
    shares = decomposition["shares"]
    parts = [f"{100 * shares[name]:.0f} % {EFFECT_NAMES[name]}" for name in factors]
    rest = 1 - sum(shares[name] for name in factors)
    if rest > 0.005:
        parts.append(f"{100 * rest:.0f} % combinations of these")
    ranges = [
        f"{effect['difference']:.3f} between {effect['lowest']} and {effect['highest']}"
        for effect in decomposition["effects"].values()
        if effect["lowest"] != effect["highest"]
    ]
    text = f"Of the variation of macro AP in the table, {', '.join(parts)}."
    return f"{text} Mean macro AP differs by {join_names(ranges)}." if ranges else text


def _verdict_sentence(comparison: BackboneComparison, key: str) -> str:
    """Return the verdict of each network on one purpose, and whether it depends on the network."""
    by_code: dict[str, list[str]] = {}
    for network in comparison["networks"]:
        by_code.setdefault(network["verdicts"][key], []).append(network["name"])
    if set(by_code) == {PurposeCode.NOT_MEASURED.value}:
        return ""
    dependence: Any = comparison["dependence"][key]
    if len(by_code) == 1:
        (code,) = by_code
        text = f"{PURPOSE_NAMES[key]}, {CODE_PHRASES[PurposeCode(code)]} on every network"
    else:
        parts = [
            f"{CODE_PHRASES[PurposeCode(code)]} on {join_names(names)}"
            for code, names in by_code.items()
        ]
        text = f"{PURPOSE_NAMES[key]}, {'; '.join(parts)}"
    if dependence["code"] == DependenceCode.DEPENDS:
        significant = [
            contrast
            for contrast in dependence["contrasts"]
            if contrast["verdict"] in ("better", "worse")
        ]
        largest = max(significant, key=lambda contrast: abs(contrast["difference"]))
        return (
            f"{text}. This depends on the network: the gain of {largest['method']} over"
            f" {largest['counterpart']} on {largest['network']} differs by"
            f" {format_signed(largest['difference'])} from that on {comparison['reference']}."
        )
    if dependence["code"] == DependenceCode.NOT_SHOWN:
        return (
            f"{text}; the gains of the joint methods do not differ significantly between the"
            " networks."
        )
    return f"{text}."


def cost_text(ms_per_image: float | None) -> str:
    """Return the cost of the features of an image as text."""
    return "–" if ms_per_image is None else f"{format_duration(ms_per_image)} ms"
