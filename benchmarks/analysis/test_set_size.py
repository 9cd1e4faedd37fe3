"""Cautions about test sets that are too small for the figures computed on them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.tables import LabelTable

MIN_TEST_IMAGES = 200
MIN_TEST_POSITIVES = 10  # of each label in the macro averages


class CautionCode(StrEnum):
    """What is small about a test set."""

    FEW_TEST_IMAGES = "few_test_images"
    FEW_TEST_POSITIVES = "few_test_positives"


class Remedy(StrEnum):
    """What helps."""

    FOLDS = "folds"  # cross-validation tests on all images, not on one split alone
    MORE_IMAGES = "more_images"


def describe_test_labels(table: LabelTable, rows: NDArray[np.intp]) -> dict[str, dict[str, Any]]:
    """Count the known and the positive test images of each label, each image once.

    Parameters
    ----------
    table : LabelTable
    rows : array of int
        Its test images.

    Returns
    -------
    dict
        By label ``"images"``, ``"positives"`` and ``"prevalence"`` (None without known images).
    """
    test = table.take(np.unique(rows))
    known, positive = test.known.sum(axis=0), ((test.Y > 0) & test.known).sum(axis=0)
    return {
        label: {
            "images": int(n_known),
            "positives": int(n_positive),
            "prevalence": round(float(n_positive / n_known), 5) if n_known else None,
        }
        for label, n_known, n_positive in zip(table.labels, known, positive, strict=True)
    }


def find_cautions(
    test_labels: Mapping[str, Mapping[str, Any]],
    *,
    test_images: int,
    images: int,
    averaged: Sequence[str],
    positives: Mapping[str, int],
) -> list[dict[str, Any]]:
    """Find out what is too small for reliable figures, and what helps.

    Parameters
    ----------
    test_labels : mapping
        As `describe_test_labels` returns it.
    test_images, images : int
        Test images, and images of the whole table.
    averaged : sequence of str
        The labels of the macro averages.
    positives : mapping of str to int
        Positive images of each label in the whole table.

    Returns
    -------
    list of dict
        ``"code"`` (`CautionCode`), ``"remedy"`` (`Remedy`), ``"images"``, and ``"test_images"`` or
        ``"labels"``: {label: positive test images}, the rarest first.

    Examples
    --------
    >>> labels = {"cat": {"positives": 40}, "lynx": {"positives": 3}}
    >>> cautions = find_cautions(labels, test_images=90, images=300, averaged=["cat", "lynx"],
    ...                          positives={"cat": 140, "lynx": 11})
    >>> [(caution["code"].value, caution["remedy"].value) for caution in cautions]
    [('few_test_images', 'folds'), ('few_test_positives', 'folds')]
    """
    cautions: list[dict[str, Any]] = []
    if test_images < MIN_TEST_IMAGES:
        remedy = Remedy.FOLDS if test_images < images else Remedy.MORE_IMAGES
        cautions.append(
            {
                "code": CautionCode.FEW_TEST_IMAGES,
                "remedy": remedy,
                "test_images": test_images,
                "images": images,
            }
        )
    few = {
        label: counts["positives"]
        for label, counts in test_labels.items()
        if label in averaged and counts["positives"] < MIN_TEST_POSITIVES
    }
    if few:
        more = any(positives[label] > count for label, count in few.items())
        cautions.append(
            {
                "code": CautionCode.FEW_TEST_POSITIVES,
                "remedy": Remedy.FOLDS if more else Remedy.MORE_IMAGES,
                "labels": dict(sorted(few.items(), key=lambda item: item[1])),
                "images": images,
            }
        )
    return cautions
