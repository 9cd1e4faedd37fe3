"""What a person can choose about the scenes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...utils import InputError
from .object_counts import herd_probability

__all__ = ["MenagerieSettings"]

# Of a cell of the grid, what the circle around an animal fills: neighbours never touch.
GRID_FILL = 0.96
# Below this an animal is a blot, and the label a guess.
SMALLEST_DIAMETER = 12


@dataclass(frozen=True)
class MenagerieSettings:
    """Everything that decides the scenes; the same settings draw the same scenes.

    Parameters
    ----------
    number : int
        How many scenes. Scene ``i`` is the same whatever the number.
    labels : tuple of str, optional
        The animals that take part, in the order that decides who keeps company with whom (see
        `company`). All of them if not given.
    fewest, most : int
        How many animals a scene may hold.
    herds : float
        Mean number of herds per scene, a Poisson variable. A herd is of one animal.
    herd_sizes : tuple of float
        Probabilities of a herd of one, of two, and so on.
    company : float
        An animal's friend is ``1 + company`` times as likely to join it; 0: no effect.
        The 1st and 2nd label are friends, the 3rd and 4th, and so on.
    avoidance : float
        An animal's foe is ``1 + avoidance`` times less likely to join it; 0: no effect.
        The 2nd and 3rd label are foes, the 4th and 5th, and so on, at last the last and the 1st.
    canvas : int
        Side of the square picture in pixels. The default of 320 is more than the 224 that most
        networks are shown, so that a second look at a higher resolution has something to find.
    layout : {"scatter", "grid"}
        Anywhere, in any size and with partial overlap; or all of one size in the cells of a fixed
        grid, so that neither size nor overlap depends on how many there are.
    size : tuple of float
        Smallest and largest diameter of an animal as a share of the canvas; scatter only.
    sprites : Path, optional
        Folder with one sub-folder of RGBA PNGs per label, used instead of the OpenMoji font.
    seed : int
        Seeds everything that is random.

    Raises
    ------
    InputError
        If the settings are out of range or contradict each other.

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
    herds: float = 1.8
    herd_sizes: tuple[float, ...] = (0.65, 0.25, 0.10)
    company: float = 6.0
    avoidance: float = 9.0
    canvas: int = 320
    layout: Literal["scatter", "grid"] = "scatter"
    size: tuple[float, float] = (0.25, 0.45)
    sprites: Path | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        # Processes that draw may stand in another folder, and look settings up: hashable, absolute.
        for name in ("labels", "herd_sizes", "size"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, tuple(value))
        if self.sprites is not None:
            object.__setattr__(self, "sprites", Path(self.sprites).absolute())
        for fault in self._faults():
            raise InputError(f"scenes: {fault}")

    @property
    def cells(self) -> int:
        """Cells per side of the grid: the least that hold the most animals."""
        return max(1, math.ceil(math.sqrt(self.most)))

    @property
    def diameters(self) -> tuple[int, int]:
        """Smallest and largest diameter of an animal in pixels."""
        if self.layout == "grid":
            diameter = int(GRID_FILL * self.canvas / self.cells)
            return diameter, diameter
        return round(self.size[0] * self.canvas), round(self.size[1] * self.canvas)

    def _faults(self) -> Iterator[str]:
        """Say what is wrong; what comes later relies on what came before."""
        small, large = self.size
        if self.number < 1:
            yield f"number must be at least 1, not {self.number}"
        if self.labels is not None and not self.labels:
            yield "labels names no animal"
        if self.labels is not None and len(set(self.labels)) < len(self.labels):
            yield "labels names an animal twice"
        if not 0 <= self.fewest <= self.most:
            yield (
                "fewest and most animals must be 0 <= fewest <= most, "
                f"not {self.fewest} and {self.most}"
            )
        if not 0 < self.herds < math.inf:
            yield f"herds must be a positive number, not {self.herds:g}"
        if not (
            self.herd_sizes and min(self.herd_sizes) >= 0 and math.isclose(sum(self.herd_sizes), 1)
        ):
            yield "herd sizes must be probabilities that sum to 1"
        if herd_probability(self.herds, self.herd_sizes, self.fewest, self.most) < 1e-3:
            yield (
                f"{self.herds:g} herds per scene hardly ever make {self.fewest} to {self.most} "
                "animals; choose a number of herds nearer to that"
            )
        if not (0 <= self.company < math.inf and 0 <= self.avoidance < math.inf):
            yield (
                "company and avoidance must be 0 or more, "
                f"not {self.company:g} and {self.avoidance:g}"
            )
        if self.layout not in ("scatter", "grid"):
            yield f"layout must be scatter or grid, not {self.layout}"
        if not 0 < small <= large <= 0.7:
            yield (
                "size must be 0 < smallest <= largest <= 0.7 of the canvas, "
                f"not {small:g} and {large:g}"
            )
        if self.seed < 0:
            yield f"seed must be 0 or more, not {self.seed}"
        if self.diameters[0] < SMALLEST_DIAMETER:
            yield (
                f"on a canvas of {self.canvas} pixels the animals are {self.diameters[0]} pixels "
                f"wide and at least {SMALLEST_DIAMETER} are needed; choose a larger canvas"
            )
