"""Sentences, titles and captions on the effect of the number of labels and objects per image."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...analysis import THIS_RECIPE, Crowding, CrowdingEffect, Estimate, Intervention

CHANCE_AUROC = 0.5
_CHANCE = "chance level 0.5"


@dataclass(frozen=True)
class CurveText:
    """Title, caption and axis of a curve."""

    title: str
    caption: str
    axis: str


_BY_NUMBER = "Images with and without a label are compared among images with as many {unit}."
CURVES = {
    "labels": CurveText(
        "Number of labels per image", _BY_NUMBER.format(unit="labels"), "labels in the image"
    ),
    "objects": CurveText(
        "Number of objects per image", _BY_NUMBER.format(unit="objects"), "objects in the image"
    ),
    "repetition": CurveText(
        "Repeated labels and mixtures",
        "Images with repeated objects of one label and with mixtures of labels have the same"
        " negatives: images of two or three objects without the label.",
        "content of the image",
    ),
    "visible": CurveText(
        "Visible share of the object",
        "Images of three objects or more, by the visible share of the object of the label. The"
        " negatives are such images without the label.",
        "visible share of the object",
    ),
    "transfer": CurveText(
        "Trained on images of a single label only",
        "Trained on as many images of each kind, tested on the same test images; images with and"
        " without a label are compared among images with as many labels.",
        "labels in the image",
    ),
    "cells": CurveText(
        "The same animals in separate cells",
        "The same animals are drawn twice: scattered with overlaps, and in the cells of a grid with"
        " constant size and no overlap. A loss in both layouts is not caused by size or occlusion.",
        "objects in the image",
    ),
}
METRICS = {"auroc": "macro AUROC", "ap": "macro AP at matched prevalence"}


def curve_text(key: str) -> CurveText:
    """Return the text of a curve of `results.json`, such as ``"labels-auroc"``."""
    return CURVES[key.rpartition("-")[0]]


def crowding_summary(crowding: Crowding) -> str:
    """Return the effect of the number of labels for the answer; empty if it was not measured."""
    effect = crowding["effects"].get("labels")
    if effect is None:
        if crowding["most_labels"] > 1:
            return ""
        return "No image has more than one label: the effect of the number of labels is unknown."
    if not effect["above_chance"]:
        return _at_chance(effect, crowding["reference"])
    start, end = _labels(effect["start"]), _labels(effect["end"])
    values = f"{_value(effect['start_value'])} with {start}", f"{_value(effect['end_value'])} with"
    change = {
        1: f"are harder: AUROC ({_CHANCE}) falls from {values[0]} to {values[1]} {end}",
        -1: f"are not harder: AUROC ({_CHANCE}) rises from {values[0]} to {values[1]} {end}",
        0: f"are not shown to be harder: AUROC ({_CHANCE}) is {values[0]} and {values[1]} {end}",
    }[_sign(effect["difference"])]
    text = f"Images with more labels {change}"
    transfer = crowding["effects"].get("transfer")
    if transfer is None or not transfer["above_chance"]:
        return f"{text}."
    cost = {
        1: f"costs {transfer['difference']['value']:.3f} there",
        -1: "costs nothing there",
        0: "is not shown to cost anything there",
    }[_sign(transfer["difference"])]
    return f"{text}, and training on images with one label only {cost}."


def crowding_findings(crowding: Crowding) -> list[str]:
    """Return all findings on crowded images, the most important ones first."""
    effects, reference = crowding["effects"], crowding["reference"]
    sentences = [
        _main_finding(crowding),
        *_other_findings(effects, reference),
        _intervention_finding(crowding),
    ]
    return [sentence for sentence in sentences if sentence]


def _main_finding(crowding: Crowding) -> str:
    """Return the effect of more labels, and of training on images of one label."""
    effect, transfer = crowding["effects"].get("labels"), crowding["effects"].get("transfer")
    sentences = []
    if effect is not None:
        if not effect["above_chance"]:
            return _at_chance(effect, crowding["reference"])
        sentences.append(f"The macro AUROC of {crowding['reference']} {_change(effect)}.")
    if transfer is not None and transfer["above_chance"] and crowding["transfer"]:
        loss, n_train = transfer["difference"], crowding["transfer"]["train_images"]
        verb = {
            1: f"loses {_range(loss)} there",
            -1: f"gains {_range(loss, -1)} there",
            0: f"does not change significantly there ({_range(loss, -1)})",
        }[_sign(loss)]
        sentences.append(
            f"Trained on {n_train} images of a single label instead of as many images of all kinds,"
            f" {crowding['transfer']['method']} {verb}."
        )
    return " ".join(sentences)


def _change(effect: CrowdingEffect) -> str:
    sign = _sign(effect["difference"])
    verb = {1: "falls", -1: "rises", 0: "does not change significantly:"}[sign]
    by = _range(effect["difference"], -1 if sign < 0 else 1)
    return (
        f"{verb} from {_value(effect['start_value'])} with {_labels(effect['start'])} in the image"
        f" to {_value(effect['end_value'])} with {_labels(effect['end'])} (by {by})"
    )


def _at_chance(effect: CrowdingEffect, reference: str) -> str:
    return (
        f"The effect of the number of labels cannot be measured: the AUROC of {reference} is not"
        f" shown to be above chance ({_value(effect['mean_auroc'])}; {_CHANCE})."
    )


def _other_findings(effects: Mapping[str, CrowdingEffect], reference: str) -> Iterator[str]:
    """Generate what the remaining curves show; nothing at chance level."""
    usable = {name: effect for name, effect in effects.items() if effect["above_chance"]}
    if effect := usable.get("repetition"):
        repeated, mixed = _value(effect["start_value"]), _value(effect["end_value"])
        interval = _range(effect["difference"])
        if (effect["difference"]["low"] or 0) > 0:
            yield (
                f"Mixtures are harder than repetitions: the AUROC of {reference} is {repeated} in"
                f" images of two or three objects of one label and {mixed} if all have different"
                f" labels (difference {interval})."
            )
        else:
            yield (
                f"Repetitions of one label (AUROC {repeated}) and mixtures of labels ({mixed}) do"
                f" not differ significantly ({interval})."
            )
    if "cells" in usable and "cells_scattered" in usable:
        cells, scattered = usable["cells"], usable["cells_scattered"]
        yield (
            "With every animal in a cell of its own, with constant size and no overlap, AUROC falls"
            f" by {_range(cells['difference'])} from one object to {cells['end']}; scattered, by"
            f" {_range(scattered['difference'])}."
        )
    if effect := usable.get("visible"):
        yield (
            f"In crowded images AUROC is {_value(effect['start_value'])} for objects that are fully"
            f" visible and {_value(effect['end_value'])} for objects of which {effect['end']} is"
            f" visible (difference {_range(effect['difference'])})."
        )


def _intervention_finding(crowding: Crowding) -> str:
    """Return what helps in crowded images: the best other features and the best classifier.

    Empty if no other features were measured, or nothing is above chance in crowded images.
    """
    rows = crowding["interventions"]
    if not crowding["crowded"] or not any(
        (row["auroc"]["low"] or 0.0) > CHANCE_AUROC for row in rows
    ):
        return ""
    compared = [row for row in rows if row["difference"] is not None]
    features = [row for row in compared if row["recipe"] != THIS_RECIPE]
    classifiers = [row for row in compared if row["recipe"] == THIS_RECIPE]
    if not features:
        return ""
    best = max(features, key=_gain)
    text = (
        f"In images of {crowding['crowded']['labels']} labels, the best of {len(features)} other"
        f" features is {best['recipe']}: AUROC {_gained(best)} compared with"
        f" {(best['against'] or [''])[0]}"
    )
    if classifiers:
        best = max(classifiers, key=_gain)
        text += (
            f"; the best of {len(classifiers)} other classifiers is {best['classifier']}: AUROC"
            f" {_gained(best)} compared with {(best['against'] or ['', ''])[1]}"
        )
    return f"{text}."


def _gain(row: Intervention) -> float:
    assert row["difference"] is not None
    return float(row["difference"]["auroc"]["value"] or 0.0)


def _gained(row: Intervention) -> str:
    assert row["difference"] is not None
    gain = row["difference"]["auroc"]
    return {
        1: f"gains {_range(gain)}",
        -1: f"loses {_range(gain, -1)}",
        0: f"does not change significantly ({_range(gain)})",
    }[_sign(gain)]


def not_measured_sentences(crowding: Crowding) -> list[str]:
    """Return what could not be measured, and why."""
    return [_NOT_MEASURED[entry["code"]](entry) for entry in crowding["not_measured"]]


def _too_few(entry: Mapping[str, Any]) -> str:
    return (
        f"with {entry['single']} test images of one label and {entry['several']} of several, fewer"
        f" than {entry['min_labels']} of {entry['labels']} labels have {entry['min_positives']}"
        f" images with and {entry['min_negatives']} without them"
    )


_TRANSFER = "Training on images of one label or of several"
_CELLS = "Objects in separate cells"
_NOT_MEASURED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "too_few_images_per_label_count": lambda e: (
        f"Accuracy by the number of labels: {_too_few(e)} at each point."
    ),
    "no_object_counts": lambda _: (
        "Accuracy by the number of objects, repetitions and mixtures: the data set does not count"
        " objects."
    ),
    "too_few_images_per_object_count": lambda e: (
        f"{'Number of objects' if e['curve'] == 'objects' else 'Repetitions and mixtures'}: too few"
        " images of one object, or of several, per label."
    ),
    "too_few_crowded_images": lambda e: f"Interventions for crowded images: {_too_few(e)}.",
    "too_few_training_images": lambda e: (
        f"{_TRANSFER}: there are only {e['images']} training {e['trained_on']}; at least"
        f" {e['needed']} are needed."
    ),
    "too_few_labels_for_transfer": lambda e: (
        f"{_TRANSFER}: too few labels have {e['needed']} training images of each kind and enough"
        " test images of one label and of several."
    ),
    "parameters_not_selected": lambda e: (
        f"{_TRANSFER}: {e['trained_on']} are too few to select parameters ({e['reason']})."
    ),
    "views_need_images": lambda _: (
        "Other features: the data set contains feature vectors instead of images."
    ),
    "unreadable_view": lambda e: f"{e['recipe']}: an image can no longer be read.",
    "no_regions": lambda e: f"Regions: {e['reason']}.",
    "cells_need_scattered_animals": lambda _: (
        f"{_CELLS}: these scenes use a folder of sprites, or the grid layout."
    ),
    "cells_need_drawn_scenes": lambda _: f"{_CELLS}: only drawn scenes can be drawn again.",
    "cells_drawn_by_other_version": lambda _: (
        f"{_CELLS}: the scenes were drawn by another version."
    ),
}
"""Sentence of each code."""


def _sign(difference: Estimate) -> int:
    """Return the significant sign of a difference: 1, -1, or 0 if it is not significant."""
    if difference["low"] is None or difference["high"] is None:
        return 0
    return int(difference["low"] > 0) - int(difference["high"] < 0)


def _labels(label: str) -> str:
    return "one label" if label == "1" else f"{label} labels"


def _value(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _range(difference: Estimate, sign: int = 1) -> str:
    value, low, high = difference["value"], difference["low"], difference["high"]
    if value is None or low is None or high is None:
        return "unknown"
    if sign < 0:
        value, low, high = -value, -high, -low
    return f"{value:.3f} [{low:.3f} to {high:.3f}]"
