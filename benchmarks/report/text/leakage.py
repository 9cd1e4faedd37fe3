"""Sentences on versions of one image, for the terminal and the report."""

from typing import Any


def leakage_sentences(leakage: dict[str, Any] | None) -> list[str]:
    """Return what a reader must know of versions of one image before believing a figure.

    Parameters
    ----------
    leakage : dict or None
        The "leakage" of `results.json`.

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
