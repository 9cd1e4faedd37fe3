"""Sentences about the crowding curves, derived from their figures alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from .curves import CHANCE_AUROC, Curve, Series
from .transfer import ALL, SINGLE, Transfer


def crowd_sentence(curves: Mapping[str, Curve], transfer: Transfer | str, reference: str) -> str:
    """Return the effect of more labels on the reference, and of training on single labels only.

    Returns
    -------
    str
        Empty where there are too few images for both. At chance level there is nothing to lose, so
        that no effect of crowding is stated.
    """
    sentences = []
    if "labels" in curves:
        series = curves["labels"].series[reference]
        if not series.above_chance():
            return _at_chance(series, reference)
        sentences.append(f"The macro AUROC of {reference} {_change(curves['labels'], reference)}")
    if isinstance(transfer, Transfer) and transfer.series[ALL].above_chance():
        sentences.append(_transfer_sentence(transfer))
    return "; ".join(sentences) + "." if sentences else ""


def brief(curves: Mapping[str, Curve], transfer: Transfer | str, reference: str) -> str:
    """Return the effect of crowding without its intervals, for the answer."""
    if "labels" not in curves:
        return ""
    curve = curves["labels"]
    one = curve.series[reference]
    if not one.above_chance():
        return _at_chance(one, reference)
    first, last = _words(curve.points[0].label), _words(curve.points[-1].label)
    effect = {
        1: "Images with more labels are harder: AUROC (chance level 0.5) falls from"
        f" {_value(one, 0)} with {first} to {_value(one, -1)} with {last}",
        -1: "Images with more labels are not harder: AUROC (chance level 0.5) rises from"
        f" {_value(one, 0)} with {first} to {_value(one, -1)} with {last}",
        0: "Images with more labels are not shown to be harder: AUROC (chance level 0.5) is"
        f" {_value(one, 0)} with {first} and {_value(one, -1)} with {last}",
    }[_sure(one.less(one, "auroc", 0, len(curve.points) - 1))]
    if not isinstance(transfer, Transfer) or not transfer.series[ALL].above_chance():
        return f"{effect}."
    loss = _single_against_all(transfer)
    training = "training on images with one label only"
    return (
        effect
        + {
            1: f", and {training} costs {loss['value']:.3f} there.",
            -1: f", and {training} costs nothing there.",
            0: f", and {training} is not shown to cost anything there.",
        }[_sure(loss)]
    )


def _at_chance(series: Series, reference: str) -> str:
    return (
        f"The effect of crowding cannot be measured: the AUROC of {reference} is not shown to be"
        f" above chance ({series.values['auroc'].mean():.2f}; chance level 0.5)."
    )


def other_sentences(curves: Mapping[str, Curve], reference: str) -> list[str]:
    """Return what the remaining curves show of the reference; nothing of one at chance level."""
    curves = {
        name: curve
        for name, curve in curves.items()
        if all(
            one.above_chance() for key, one in curve.series.items() if _shown(name, key, reference)
        )
    }
    told = []
    if "company" in curves:
        curve = curves["company"]
        labels = [point.label for point in curve.points]
        one = curve.series[reference]
        if len(labels) == 3:
            found = one.less(one, "auroc", 1, 2)
            told.append(
                f"Repeats are not the trouble, mixtures are: AUROC is {_value(one, 1)} for two or"
                f" three of one kind and {_value(one, 2)} for two or three that all differ"
                f" (difference {_range(found)})."
                if (found["low"] or 0) > 0
                else f"Between repeats of one kind ({_value(one, 1)}) and mixtures of kinds"
                f" ({_value(one, 2)}) no difference in AUROC is sure ({_range(found)})."
            )
    if "cells" in curves:
        scattered, cells = curves["cells"].series.values()
        last = len(curves["cells"].points) - 1
        told.append(
            "Where each animal has a cell of its own, in which it keeps its size and nothing covers"
            f" it, AUROC still falls by {_range(cells.less(cells, 'auroc', 0, last))} from one"
            f" object to {curves['cells'].points[-1].label}; scattered, by"
            f" {_range(scattered.less(scattered, 'auroc', 0, last))}."
        )
    if "visible" in curves:
        curve = curves["visible"]
        one = curve.series[reference]
        found = one.less(one, "auroc", len(curve.points) - 1, 0)
        told.append(
            f"In crowded pictures AUROC is {_value(one, -1)} for what nothing covers and"
            f" {_value(one, 0)} for what is seen {curve.points[0].label} (difference"
            f" {_range(found)})."
        )
    return told


def _shown(curve: str, series: str, reference: str) -> bool:
    """Return whether a sentence about a curve uses a series."""
    return curve == "cells" or series == reference


def rescue_sentence(rows: Sequence[Mapping[str, Any]], crowd: str) -> str:
    """Say what helps in crowds: the best other look, beside the best other classifier.

    Returns
    -------
    str
        Empty where no other look was measured, or nothing is above chance level in crowds.
    """
    if not any((row["auroc"]["low"] or 0.0) > CHANCE_AUROC for row in rows):
        return ""
    held = [row for row in rows if row["difference"] is not None]
    looks = [row for row in held if row["against"][1] == row["classifier"]]
    classifiers = [row for row in held if row not in looks]
    if not looks:
        return ""
    best = [max(kind, key=_gain) for kind in (looks, classifiers) if kind]
    names = (best[0]["recipe"], *(row["classifier"] for row in best[1:]))
    told = [
        f"the best, {name}, {_gained(row['difference']['auroc'])}"
        for name, row in zip(names, best, strict=True)
    ]
    return (
        f"What helps in pictures of {crowd} labels: of {len(looks)} other looks at the picture"
        f" {told[0]} of AUROC on {looks[0]['against'][0]}"
        + (
            f"; of {len(classifiers)} other classifiers {told[1]} on {best[1]['against'][1]}."
            if told[1:]
            else "."
        )
    )


def _gain(row: Mapping[str, Any]) -> float:
    return float(row["difference"]["auroc"]["value"] or 0.0)


def _gained(found: Mapping[str, Any]) -> str:
    return {
        1: f"gains {_range(found)}",
        -1: f"loses {_range(found, -1)}",
        0: f"does not surely gain, {_range(found)}",
    }[_sure(found)]


def _change(curve: Curve, reference: str) -> str:
    one = curve.series[reference]
    drop = one.less(one, "auroc", 0, len(curve.points) - 1)
    verb = {1: "falls", -1: "rises", 0: "goes, not surely,"}[_sure(drop)]
    return (
        f"{verb} from {_value(one, 0)} with {_words(curve.points[0].label)} in the picture to"
        f" {_value(one, -1)} with {_words(curve.points[-1].label)}"
        f" (by {_range(drop, -1 if _sure(drop) < 0 else 1)})"
    )


def _transfer_sentence(found: Transfer) -> str:
    loss = _single_against_all(found)
    verb = {
        1: "it loses there",
        -1: "it does not fail there, it gains",
        0: "it does not surely lose there:",
    }[_sure(loss)]
    amount = f"{_range(loss, -1 if _sure(loss) < 0 else 1)} against"
    if _sure(loss) == 0:
        amount = f"its AUROC differs by {_range(loss, -1)} from"
    return (
        f"trained on {found.train_images} pictures of a single label only, {verb} {amount}"
        " training on as many of all pictures"
    )


def _single_against_all(found: Transfer) -> dict[str, float | None]:
    """Give what training on single labels loses in the largest crowds."""
    last = len(found.points) - 1
    return found.series[ALL].less(found.series[SINGLE], "auroc", last, last)


def _sure(found: Mapping[str, Any]) -> int:
    """Say which way a difference goes for sure: 1 down, -1 up, 0 neither."""
    if found["low"] is None:
        return 0
    return int(found["low"] > 0) - int(found["high"] < 0)


def _words(label: str) -> str:
    return "one label" if label == "1" else f"{label} labels"


def _value(one: Series, point: int) -> str:
    return f"{one.values['auroc'][point]:.2f}"


def _range(found: Mapping[str, Any], sign: int = 1) -> str:
    value, low, high = (found[key] for key in ("value", "low", "high"))
    if value is None or low is None:
        return "not known"
    if sign < 0:
        value, low, high = -value, -high, -low
    return f"{value:.3f} [{low:.3f} to {high:.3f}]"
