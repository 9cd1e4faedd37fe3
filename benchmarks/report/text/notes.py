"""Notes about labels, images and detectors that affect how the figures are read."""

from collections.abc import Iterator, Sequence
from typing import Any

from ...utils import unit_name
from .leakage import leakage_sentences

_MOST_NAMED = 10
_FORMS = {
    "eleven_point": "11-point (VOC 2007)",
    "interpolated": "interpolated (VOC 2010 on, VISSL)",
    "step": "step (scikit-learn)",
}


def notes(results: dict[str, Any]) -> list[str]:
    """Return sentences about labels and images that are treated in a special way.

    Parameters
    ----------
    results : dict
        The content of `results.json`.

    Examples
    --------
    >>> notes({"protocol": {"labels_not_averaged": ["lynx"], "folds": 5}})
    ['Too rare for the macro averages: lynx.']
    """
    told = []
    if unit_name(results) == "row":
        told.append("The data set is a table of ready features: an image here is one of its rows.")
    if rare := results["protocol"].get("labels_not_averaged"):
        told.append(f"Too rare for the macro averages: {_named(rare)}.")
    copies = results.get("dropped_duplicates")
    if copies:
        one = copies[0]
        told.append(
            f"{len(copies)} images were left out as versions of others,"
            f" {sum(copy['signal'] == 'bytes' for copy in copies)} of them with the same bytes; the"
            f" first is {one['image']}, a version of {one['copy_of']}."
        )
    elif copies is not None:
        told.append("No training image is a version of a test image.")
    if files := results.get("dataset", {}).get("files_left_out"):
        counts = ", ".join(f"{suffix or 'no suffix'} {count:,}" for suffix, count in files.items())
        told.append(f"Files in the folder that are no images, left out: {counts}.")
    told += results.get("dataset", {}).get("notes", [])
    told += leakage_sentences(results.get("leakage"))
    for name, forms in (results.get("average_precisions") or {}).items():
        held = {title: forms[form]["macro"] for form, title in _FORMS.items()}
        values = ", ".join(
            f"{title} {'–' if value is None else f'{value:.3f}'}" for title, value in held.items()
        )
        told.append(f"Mean AP of {name}: {values}.")
    return told + [sentence for one in results.get("detectors", ()) for sentence in _detector(one)]


def _detector(told: dict[str, Any]) -> Iterator[str]:
    name, cost = told["name"], told["ms_per_image"]
    if cost is None:
        yield f"The time of {name} per image is unknown: no file next to {told['file']} has it."
    else:
        yield f"{name} takes {cost:.0f} ms per image, by the file next to {told['file']}."
    if told["images_without_detection"]:
        yield (
            f"{name} has no detection in {told['images_without_detection']} of the test images;"
            " they score 0 for every label."
        )
    if told["images_unknown"]:
        yield f"{name} also names {told['images_unknown']} images that are not compared here."
    if lacking := told["labels_without_category"]:
        yield f"No category of {name} is one of these labels, which score 0: {_named(lacking)}."
    if spare := told["categories_without_label"]:
        yield f"Categories of {name} that are no label here: {_named(spare)}."


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
