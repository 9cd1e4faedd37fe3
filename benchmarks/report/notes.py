"""What is to be said of the data before its figures are believed; the same in every rendering."""

from collections.abc import Iterator, Sequence
from typing import Any

_MOST_NAMED = 10
_FORMS = {
    "eleven_point": "11-point (VOC 2007)",
    "interpolated": "interpolated (VOC 2010 on, VISSL)",
    "step": "step (scikit-learn)",
}


def notes(results: dict[str, Any]) -> list[str]:
    """Give the sentences about labels and pictures that count otherwise than expected.

    Parameters
    ----------
    results : dict
        The content of `results.json`.

    Examples
    --------
    >>> notes({"protocol": {"labels_not_averaged": ["lynx"], "folds": 5}})
    ['Too rare to be judged, and in no macro average: lynx.']
    """
    told = []
    if results.get("recipe", {}).get("backbone") == "ready features":
        told.append("The data set is a table of ready features: a picture here is one of its rows.")
    if rare := results["protocol"].get("labels_not_averaged"):
        told.append(f"Too rare to be judged, and in no macro average: {_named(rare)}.")
    copies = results.get("dropped_duplicates")
    if copies:
        one = copies[0]
        told.append(
            f"{len(copies)} pictures were left out as copies of others,"
            f" {sum(copy['cosine'] is None for copy in copies)} of them to the last byte; the first"
            f" is {one['image']}, like {one['copy_of']}."
        )
    elif copies is not None:
        told.append("No picture is a copy of a judged one.")
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
        yield f"What {name} costs per picture is not known: nothing beside {told['file']} says it."
    else:
        yield f"{name} takes {cost:.0f} ms per picture, by the file beside {told['file']}."
    if told["images_without_detection"]:
        yield (
            f"{name} has no detection in {told['images_without_detection']} of the judged pictures;"
            " they score 0 for every label."
        )
    if told["images_unknown"]:
        yield f"{name} also names {told['images_unknown']} pictures that are not compared here."
    if lacking := told["labels_without_category"]:
        yield f"No category of {name} is one of these labels, which score 0: {_named(lacking)}."
    if spare := told["categories_without_label"]:
        yield f"Categories of {name} that are no label here: {_named(spare)}."


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
