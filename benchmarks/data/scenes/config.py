"""Settings of the drawn scenes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...utils import InputError
from .composition import probability_within_bounds

__all__ = ["MenagerieSettings"]

# Diameter of an animal as a share of its grid cell. Below 1, so that neighbours never touch.
GRID_CELL_FILL = 0.96
# Minimum diameter in pixels. Smaller animals cannot be recognised.
MIN_DIAMETER = 12


@dataclass(frozen=True)
class MenagerieSettings:
    """Settings that determine the scenes; equal settings draw equal scenes.

    Parameters
    ----------
    number : int
        Number of scenes. Scene ``i`` does not depend on it.
    labels : tuple of str, optional
        Animals to draw. Their order defines which labels depend on each other (see
        `cooccurrence`). Default: all animals.
    fewest, most : int
        Minimum and maximum number of animals per scene.
    mean_groups : float
        Mean number of groups per scene, a Poisson variable. All animals of a group have the same
        label.
    group_sizes : tuple of float
        Probabilities of a group of one animal, of two animals, and so on.
    cooccurrence : float
        A label is ``1 + cooccurrence`` times as likely to be drawn next if its cooccurring partner
        is in the scene; 0: no effect. The 1st and 2nd labels are partners, the 3rd and 4th, and so
        on.
    exclusion : float
        A label is ``1 + exclusion`` times less likely to be drawn next if its exclusive partner is
        in the scene; 0: no effect. The 2nd and 3rd labels are partners, the 4th and 5th, and so
        on, and finally the last and the 1st.
    canvas : int
        Side of the square image in pixels. The default of 320 exceeds the 224 pixels that most
        networks use, so that a higher input resolution can show more detail.
    layout : {"scatter", "grid"}
        "scatter": any position and size, with partial overlap. "grid": one size, one animal per
        cell of a fixed grid, so that size and overlap do not depend on the number of animals.
    size : tuple of float
        Minimum and maximum diameter of an animal as a share of the canvas; "scatter" only.
    sprites : Path, optional
        Folder with one sub-folder of RGBA PNG files per label, used instead of the OpenMoji font.
    seed : int
        Seed of the random number generators.

    Raises
    ------
    InputError
        If a setting is out of range or settings contradict each other.

    Examples
    --------
    >>> MenagerieSettings(number=10, labels=("cat", "dog", "squirrel")).diameters
    (80, 144)
    >>> MenagerieSettings(layout="grid").cells
    3
    """

    number: int = 3000
    labels: tuple[str, ...] | None = None
    fewest: int = 0
    most: int = 6
    mean_groups: float = 1.8
    group_sizes: tuple[float, ...] = (0.65, 0.25, 0.10)
    cooccurrence: float = 6.0
    exclusion: float = 9.0
    canvas: int = 320
    layout: Literal["scatter", "grid"] = "scatter"
    size: tuple[float, float] = (0.25, 0.45)
    sprites: Path | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        # Tuples make the settings hashable (they are a cache key). The path is absolute because
        # worker processes may run in another folder.
        for name in ("labels", "group_sizes", "size"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, tuple(value))
        if self.sprites is not None:
            object.__setattr__(self, "sprites", Path(self.sprites).absolute())
        for message in self._invalid_settings():
            raise InputError(f"scenes: {message}")

    @property
    def cells(self) -> int:
        """Cells per side of the smallest grid that holds the maximum number of animals."""
        return max(1, math.ceil(math.sqrt(self.most)))

    @property
    def diameters(self) -> tuple[int, int]:
        """Minimum and maximum diameter of an animal in pixels."""
        if self.layout == "grid":
            diameter = int(GRID_CELL_FILL * self.canvas / self.cells)
            return diameter, diameter
        return round(self.size[0] * self.canvas), round(self.size[1] * self.canvas)

    def _invalid_settings(self) -> Iterator[str]:
        """Generate a message for each invalid setting; later checks rely on earlier ones."""
        small, large = self.size
        if self.number < 1:
            yield f"number must be at least 1, not {self.number}"
        if self.labels is not None and not self.labels:
            yield "labels must name at least one animal"
        if self.labels is not None and len(set(self.labels)) < len(self.labels):
            yield "labels must not name an animal twice"
        if not 0 <= self.fewest <= self.most:
            yield (
                "fewest and most animals must be 0 <= fewest <= most, "
                f"not {self.fewest} and {self.most}"
            )
        if not 0 < self.mean_groups < math.inf:
            yield f"mean_groups must be a positive number, not {self.mean_groups:g}"
        sizes = self.group_sizes
        if not (sizes and min(sizes) >= 0 and math.isclose(sum(sizes), 1)):
            yield "group_sizes must be probabilities that sum to 1"
        if probability_within_bounds(self.mean_groups, sizes, self.fewest, self.most) < 1e-3:
            yield (
                f"{self.mean_groups:g} groups per scene almost never contain {self.fewest} to "
                f"{self.most} animals; choose a mean number of groups closer to that"
            )
        if not (0 <= self.cooccurrence < math.inf and 0 <= self.exclusion < math.inf):
            yield (
                "cooccurrence and exclusion must be 0 or more, "
                f"not {self.cooccurrence:g} and {self.exclusion:g}"
            )
        if self.layout not in ("scatter", "grid"):
            yield f"layout must be scatter or grid, not {self.layout}"
        if not 0 < small <= large <= 0.7:
            yield (
                "size must be 0 < minimum <= maximum <= 0.7 of the canvas, "
                f"not {small:g} and {large:g}"
            )
        if self.seed < 0:
            yield f"seed must be 0 or more, not {self.seed}"
        if self.diameters[0] < MIN_DIAMETER:
            yield (
                f"on a canvas of {self.canvas} pixels the animals are {self.diameters[0]} pixels "
                f"wide; at least {MIN_DIAMETER} are needed; choose a larger canvas"
            )
