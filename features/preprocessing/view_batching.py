"""How the views of a recipe share the work: each crop passes the network once at each size."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from .input_spec import Preprocessing
from .pooling import POOLINGS, Pooling
from .views import CROPS, Crop, View

Shown = tuple[Crop, bool]  # a crop, and whether it is mirrored


class SharedPasses:
    """What the views of a recipe ask of the network, each thing asked once.

    Parameters
    ----------
    views : sequence of View
    channels : int
        Of the last feature map.

    Attributes
    ----------
    networks : list of View
        Which networks are needed: one for each size, with every pooling asked for at that size.
    crops : list of list of (Crop, bool)
        What of a picture each network sees, upright or mirrored, none twice.

    Examples
    --------
    >>> shared = SharedPasses([View(), View(pooling="avg+max"), View(size=320)], channels=4)
    >>> [str(view) for view in shared.networks]
    ['whole@224:avg+max', 'whole@320:avg']
    """

    def __init__(self, views: Sequence[View], channels: int) -> None:
        self.views = views
        self._passes = {
            size: _SizePass([view for view in views if view.size == size], channels)
            for size in dict.fromkeys(view.size for view in views)
        }
        self.networks = [one.network for one in self._passes.values()]
        self.crops = [one.crops for one in self._passes.values()]

    def show(self, image: Image.Image, preprocessing: Preprocessing) -> list[np.ndarray]:
        """Give what each network sees of a picture: uint8 (crops, size, size, 3)."""
        return [one.show(image, preprocessing) for one in self._passes.values()]

    def vectors(self, answers: Sequence[np.ndarray]) -> np.ndarray:
        """Put together pictures' rows of what each network said of all their crops in turn.

        Parameters
        ----------
        answers : sequence of numpy.ndarray
            One per network, float32 (n * crops, numbers).

        Returns
        -------
        numpy.ndarray
            float32 (n, recipe.dimension).
        """
        of_size = dict(zip(self._passes, answers, strict=True))
        parts = [self._passes[view.size].rows(view, of_size[view.size]) for view in self.views]
        return np.concatenate(parts, axis=1)


class _SizePass:
    """What views of one size ask for: one network with all their poolings, and its pictures."""

    def __init__(self, views: Sequence[View], channels: int) -> None:
        poolings = dict.fromkeys(name for view in views for name in view.poolings)
        self.network = View("whole", views[0].size, "+".join(poolings))
        self.crops: list[Shown] = list(
            dict.fromkeys(shown for view in views for shown in shown_by(view))
        )
        self.channels = channels
        self._columns: dict[str, slice] = {}
        start = 0
        for name in poolings:
            end = start + POOLINGS[name].regions * channels
            self._columns[name] = slice(start, end)
            start = end

    def show(self, image: Image.Image, preprocessing: Preprocessing) -> np.ndarray:
        """Give what the network sees of a picture: uint8 (crops, size, size, 3)."""
        upright = {
            crop: crop.show(image, self.network.size, preprocessing)
            for crop in dict.fromkeys(crop for crop, _ in self.crops)
        }
        return np.stack(
            [upright[crop][:, ::-1] if mirrored else upright[crop] for crop, mirrored in self.crops]
        )

    def rows(self, view: View, answers: np.ndarray) -> np.ndarray:
        """Give a view's rows, (n, length), of the network's answers, (n * crops, numbers)."""
        answers = answers.reshape(-1, len(self.crops), answers.shape[1])
        wanted = [self.crops.index(shown) for shown in shown_by(view)]
        parts = []
        for name in view.poolings:
            pooling = POOLINGS[name]
            found = answers[:, wanted, self._columns[name]]
            found = found.reshape(len(found), len(wanted), pooling.regions, self.channels)
            if view.flip:
                upright, mirrored = np.split(found, 2, axis=1)
                found = (upright + mirrored[:, :, pooling.mirrored()]) / 2
            parts.append(found if view.keeps_regions else _joined(found, pooling))
        return _combined(np.concatenate(parts, axis=-1), view.combination)


def shown_by(view: View) -> list[Shown]:
    """Give a view's crops, the mirrored ones after the upright ones in the same order."""
    crops = CROPS[view.crop]
    return [(crop, mirrored) for mirrored in (False, True)[: 1 + view.flip] for crop in crops]


def _joined(found: np.ndarray, pooling: Pooling) -> np.ndarray:
    """Join the vectors of a map's regions: (n, crops, regions, d) to (n, crops, length)."""
    joined: np.ndarray = (
        found.sum(axis=2) if pooling.summed else found.reshape(*found.shape[:2], -1)
    )
    return joined


def _combined(found: np.ndarray, combination: str) -> np.ndarray:
    """Join the vectors of a picture's crops."""
    if combination == "mean":
        found = found.mean(axis=1)
    elif combination == "max":
        found = found.max(axis=1)
    return found.reshape(len(found), -1)
