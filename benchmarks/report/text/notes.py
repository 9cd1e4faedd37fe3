"""Notes on the data, and sentences on label dependence and costs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...analysis import Analysis, Cost, Dependence
from ...utils import format_duration, unit_name

MAX_NAMED = 10
_DEFINITIONS = {
    "eleven_point": "11-point (VOC 2007)",
    "interpolated": "interpolated (VOC 2010 on, VISSL)",
    "step": "step (scikit-learn)",
}


def notes(results: Analysis) -> list[str]:
    """Return sentences on labels, images and detectors that need special attention."""
    dataset, protocol = results["dataset"], results["protocol"]
    sentences = []
    if unit_name(results) == "row":
        sentences.append(
            "The data set is a table of feature vectors: an image here is one of its rows."
        )
    if rare := protocol["labels_not_averaged"]:
        sentences.append(f"Too rare for the macro averages: {_join(rare)}.")
    duplicates = results["dropped_duplicates"]
    if duplicates:
        first = duplicates[0]
        same_bytes = sum(duplicate["signal"] == "bytes" for duplicate in duplicates)
        sentences.append(
            f"{len(duplicates)} images were left out as versions of others, {same_bytes} of them"
            f" with the same bytes; the first is {first['image']}, a version of"
            f" {first['copy_of']}."
        )
    elif duplicates is not None:
        sentences.append("No training image is a version of a test image.")
    if files := dataset["files_left_out"]:
        counts = ", ".join(f"{suffix or 'no suffix'} {count:,}" for suffix, count in files.items())
        sentences.append(f"Files in the folder that are no images, left out: {counts}.")
    sentences += dataset["notes"]
    sentences += leakage_sentences(results["leakage"])
    for name, definitions in (results["average_precisions"] or {}).items():
        values = {title: definitions[key]["macro"] for key, title in _DEFINITIONS.items()}
        text = ", ".join(
            f"{title} {'–' if value is None else f'{value:.3f}'}" for title, value in values.items()
        )
        sentences.append(f"Mean AP of {name}: {text}.")
    for detector in results["detectors"]:
        sentences += _detector_notes(detector)
    return sentences


def leakage_sentences(leakage: Mapping[str, Any] | None) -> list[str]:
    """Return warnings on versions of one image and on flat images.

    Parameters
    ----------
    leakage : dict or None
        Section "leakage" of `results.json`.

    Examples
    --------
    >>> leakage_sentences({"action": "grouped", "images": 450, "groups": 150})
    ['450 images are versions of 150 images; all versions of an image are kept in one fold.']
    """
    if not leakage:
        return []
    sentences = []
    count = f"{leakage['images']:,} images are versions of {leakage['groups']:,} images"
    if leakage["action"] == "grouped":
        sentences.append(f"{count}; all versions of an image are kept in one fold.")
    elif leakage["action"] == "too_few_groups":
        sentences.append(
            f"{count}, the largest group has {leakage['largest_group']:,}: too few groups to keep"
            " versions in one fold, so the figures are too high. Add a column 'split' whose test"
            " images come from other scenes."
        )
    elif leakage["action"] == "reported" and (across := leakage["across_split"]):
        sentences.append(
            f"Leak: {across['test_images']:,} test images have a version among the training"
            f" images, such as {' and '.join(leakage['examples'][0]['images'])}; the figures are"
            f" too high. Leave these training images out: {leakage['remedy']}"
        )
    if (flat := leakage.get("flat_images")) and flat["flat"]:
        sentences.append(
            f"{flat['flat']} of {flat['sampled']} sampled images are nearly black or of one"
            f" colour, such as {flat['examples'][0]}: check how they were saved."
        )
    return sentences


def _detector_notes(detector: Mapping[str, Any]) -> Iterator[str]:
    name, cost = detector["name"], detector["ms_per_image"]
    if cost is None:
        yield f"The time of {name} per image is unknown: no file next to {detector['file']} has it."
    else:
        yield f"{name} takes {cost:.0f} ms per image, by the file next to {detector['file']}."
    if detector["images_without_detection"]:
        yield (
            f"{name} has no detection in {detector['images_without_detection']} of the test images;"
            " they score 0 for every label."
        )
    if detector["images_unknown"]:
        yield f"{name} also names {detector['images_unknown']} images that are not compared here."
    if missing := detector["labels_without_category"]:
        yield f"No category of {name} is one of these labels, which score 0: {_join(missing)}."
    if unused := detector["categories_without_label"]:
        yield f"Categories of {name} that are no label here: {_join(unused)}."


def _join(names: Sequence[str]) -> str:
    more = len(names) - MAX_NAMED
    return ", ".join(names[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def dependence_sentence(dependence: Dependence) -> str:
    """Return whether labels depend on each other, and whether a joint model can gain from it."""
    pairs, given = dependence["marginal"], dependence["given_features"]
    start = f"{pairs['dependent']} of {pairs['tested']} pairs of labels are dependent"
    if given is None:
        return f"{start}; conditional dependence given the features was not measured."
    gain = given["gain"]
    remaining = (
        f"given the features {given['dependent']} of {given['tested']} pairs remain dependent"
    )
    amount = (
        f"{gain['value']:.4f} nats per image and label ({gain['low']:.4f} to {gain['high']:.4f},"
        f" {100 * given['share']:.1f} % of the log-loss)"
    )
    if (gain["low"] or 0.0) > 0:
        return (
            f"{start}, {remaining}, and knowing the other labels improves the prediction of a label"
            f" by {amount}: a joint model can gain from this."
        )
    outlook = (
        "a joint model may gain on these labels, but hardly on average"
        if given["dependent"]
        else "these images show no possible gain of a joint model"
    )
    return (
        f"{start}, {remaining}, and knowing the other labels does not significantly improve"
        f" the prediction of a label (by {amount}): {outlook}."
    )


def cost_sentence(cost: Cost) -> str:
    """Return the time to label a new image and to fit, with as many labels as both were timed.

    It is about the first method, which is the recommended one, and the second one, the reference.
    """
    timed = [(method["name"], _timed_points(method)) for method in cost["methods"][:2]]
    timed = [(name, points) for name, points in timed if points]
    numbers = set.intersection(*(set(points) for _, points in timed)) if timed else set()
    if not numbers:
        return ""
    n_labels = max(numbers)
    fits = "; ".join(
        f"fitting {name} takes"
        f" {format_time(points[n_labels]['fit_seconds'], points[n_labels]['measured'])} s"
        for name, points in timed
    )
    fitting = f"With {n_labels} labels and {cost['train_images']:,} training images, {fits}."
    features, (name, points) = cost["features"], timed[0]
    if not features:
        return fitting
    single = points[n_labels]["predict_ms_single_image"]
    batch = points[n_labels]["predict_ms_per_image"]
    network_single, network_batch = features["ms_single_image"], features["ms_per_image"]
    return (
        f"Labelling one new image takes {format_duration(network_single + single)} ms, or"
        f" {format_duration(network_batch + batch)} ms per image in a batch:"
        f" {format_duration(network_single)} ms ({format_duration(network_batch)}) for the network"
        f" and {format_duration(single)} ms ({format_duration(batch)}) for {n_labels} labels by"
        f" {name}. {fitting}"
    )


def _timed_points(method: Mapping[str, Any]) -> dict[int, Any]:
    return {
        point["labels"]: point for point in method["points"] if point["fit_seconds"] is not None
    }


def format_time(value: float | None, measured: bool = True) -> str:
    """Format seconds or milliseconds with two digits; a dash if unknown.

    Examples
    --------
    >>> format_time(123.4), format_time(0.01234), format_time(5.0, measured=False)
    ('123', '0.012', '≈5')
    >>> format_time(None)
    '–'
    """
    if value is None:
        return "–"
    return format_duration(value) if measured else f"≈{format_duration(value)}"
