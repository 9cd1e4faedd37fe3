"""A curve: its points, who was measured along it, and how `results.json` holds it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .draws import chance_ap
from .points import Bools, Point
from .series import Series

Y_TITLES = {"auroc": "macro AUROC", "ap": "macro AP at matched prevalence"}
CHANCE = {"auroc": 0.5, "ap": chance_ap()}


@dataclass(frozen=True)
class Curve:
    """What is measured along one axis.

    Attributes
    ----------
    points : sequence of Point
    labels : array of bool, shape (n_labels,)
        Which are averaged.
    series : dict of str to Series
    keys : tuple of str
        Which figures may be shown: AP needs more pictures than AUROC.
    title, about, x : str
        For its figure.
    """

    points: Sequence[Point]
    labels: Bools
    series: dict[str, Series]
    keys: tuple[str, ...]
    title: str
    about: str
    x: str

    def described(self, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give a dictionary for each figure: `results.json`'s, of plain values."""
        for key in self.keys:
            yield (
                key,
                {
                    "title": self.title,
                    "about": self.about,
                    "x": self.x,
                    "y": Y_TITLES[key],
                    "chance": round(CHANCE[key], 5),
                    "labels_averaged": [names[j] for j in np.flatnonzero(self.labels).tolist()],
                    "series": {
                        name: one.points(self.points, key) for name, one in self.series.items()
                    },
                },
            )
