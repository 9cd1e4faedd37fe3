"""Names of the metrics, and whether higher or lower values are better."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """Name, direction and meaning of a metric.

    Parameters
    ----------
    key : str
        Name in ``results.json``.
    title : str
        Name in tables.
    direction : {1, -1}
        1 if higher values are better, -1 if lower values are.
    meaning : str
        One line for readers who do not know the metric.
    """

    key: str
    title: str
    direction: Literal[1, -1]
    meaning: str

    def gain(self, difference: float) -> float:
        """Return a difference of two values with the sign such that positive means better.

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
        "how well the images with a label rank before those without it; mean over labels (mAP)",
    ),
    Metric(
        "micro_ap",
        "Micro AP",
        1,
        "how well all true image-label pairs rank before all false ones",
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
        "share of all image-label predictions that are wrong",
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
        "balance of precision and recall of each label; mean over labels",
    ),
    Metric(
        "micro_f1",
        "Micro F1",
        1,
        "balance of precision and recall of all image-label predictions together",
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
