"""The names of the metrics, and which way each of them is good."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """What there is to say about a metric without computing it.

    Parameters
    ----------
    key : str
        Its name in ``results.json``.
    title : str
        Its name in a table.
    direction : {1, -1}
        1 where a higher value is better, -1 where a lower one is.
    meaning : str
        One line for somebody who has never met it.
    """

    key: str
    title: str
    direction: Literal[1, -1]
    meaning: str

    def gain(self, difference: float) -> float:
        """Turn a difference of two values into one that is positive where the first is better.

        Examples
        --------
        >>> METRICS["hamming_loss"].gain(-0.25)
        0.25
        """
        return self.direction * difference


_ALL = (
    Metric(
        "macro_ap",
        "Macro AP",
        1,
        "how well the images with a label come before those without it; mean over labels (mAP)",
    ),
    Metric(
        "micro_ap",
        "Micro AP",
        1,
        "how well all true image-label pairs come before all false ones",
    ),
    Metric(
        "lrap",
        "Ranking AP",
        1,
        "in one image: the share of true labels among those ranked as high as each true one",
    ),
    Metric(
        "macro_auroc",
        "Macro AUROC",
        1,
        "chance that an image with the label scores above one without it; mean over labels",
    ),
    Metric(
        "ranking_loss",
        "Ranking loss",
        -1,
        "in one image: the share of true-false label pairs in the wrong order",
    ),
    Metric(
        "coverage",
        "Coverage",
        -1,
        "in one image: how many labels below the first to go down to find all true ones",
    ),
    Metric(
        "one_error",
        "One-error",
        -1,
        "share of images whose highest-ranked label is wrong",
    ),
    Metric(
        "hamming_loss",
        "Hamming loss",
        -1,
        "share of all yes-no answers that are wrong",
    ),
    Metric(
        "subset_accuracy",
        "Subset accuracy",
        1,
        "share of images whose whole label set is exactly right",
    ),
    Metric(
        "macro_f1",
        "Macro F1",
        1,
        "balance of precision and recall of the yes answers; mean over labels",
    ),
    Metric(
        "micro_f1",
        "Micro F1",
        1,
        "balance of precision and recall of all yes answers together",
    ),
    Metric(
        "sample_f1",
        "Sample F1",
        1,
        "overlap of the predicted and the true label set of an image, counting the overlap twice",
    ),
    Metric(
        "jaccard",
        "Jaccard",
        1,
        "labels in both the predicted and the true set of an image, as a share of those in either",
    ),
)

METRICS: dict[str, Metric] = {metric.key: metric for metric in _ALL}
"""Every metric by its key, in the order of a report."""
