"""Recipe: all parameters that determine the value of a feature."""

import hashlib
import json
import math
import re
from dataclasses import asdict, dataclass
from typing import Any, Self

from ..preprocessing import Preprocessing, View, ViewBatching, check_bit_depth
from ..utils import FeatureError

#: Increased when the same recipe gives other feature values than before.
SCHEMA = 1


@dataclass(frozen=True)
class Recipe:
    """Recipe for turning an image into a feature vector. Equal recipes give equal features.

    Parameters
    ----------
    backbone : str
        The network's name, for example ``"efficientnet_lite0"`` or ``"timm:resnet18"``.
    weights : str
        The sha256 of its weights.
    channels : int
        Channels of its last feature map, or the length of its pre-logits if views use these.
    preprocessing : Preprocessing
    views : tuple of View
        Their vectors, or the lists of their regions, are concatenated in this order.
    engine : {"torch", "openvino"}
    precision : {"float32", "bfloat16"}
    decoder : str
        Names and versions of the libraries that decode the images.
    schema : int
    bit_depth : int or None
        Declared bit depth of images with more than 8 bits; None if it is derived from each file.

    Examples
    --------
    >>> from catnocat.features import plan_recipe
    >>> recipe = plan_recipe(views=["whole", "center@320:avg+max"])
    >>> recipe.dimension
    3840
    >>> plan_recipe(views=["whole:avg/keep", "grid3:avg/keep"]).shape
    (10, 1280)
    >>> recipe == type(recipe).from_json(recipe.to_json())
    True
    """

    backbone: str
    weights: str
    channels: int
    preprocessing: Preprocessing
    views: tuple[View, ...]
    engine: str
    precision: str
    decoder: str
    schema: int = SCHEMA
    bit_depth: int | None = None

    def __post_init__(self) -> None:
        if not self.views:
            raise FeatureError("a recipe needs at least one view, for example whole@224:avg")
        check_bit_depth(self.bit_depth)
        shapes = [view.shape(self.channels) for view in self.views]
        if len({(len(shape), shape[1:]) for shape in shapes}) > 1:
            raise FeatureError(
                f"views {', '.join(map(str, self.views))}: regions can be kept of all views,"
                " with vectors of one length, or of none"
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the features of an image.

        It is (length,), or (regions, length) if the views keep regions.
        """
        count, *lengths = zip(*(view.shape(self.channels) for view in self.views), strict=True)
        return sum(count), *(length[0] for length in lengths)

    @property
    def dimension(self) -> int:
        """Total number of features of an image."""
        return math.prod(self.shape)

    @property
    def pixels(self) -> int:
        """Number of pixels that pass the network for an image, a measure of the cost."""
        passes = ViewBatching(self.views, self.channels)
        return sum(
            len(crops) * view.size**2
            for view, crops in zip(passes.networks, passes.crops, strict=True)
        )

    @property
    def digest(self) -> str:
        """Sha256 of the recipe's canonical JSON."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def folder(self) -> str:
        """Name of the recipe's folder in a feature store, valid on every file system."""
        return f"{re.sub('[^A-Za-z0-9_.]+', '-', self.backbone)}-{self.digest[:12]}"

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as plain JSON values, without a bit depth that is not declared."""
        values = {**asdict(self), "views": [str(view) for view in self.views]}
        if self.bit_depth is None:
            del values["bit_depth"]
        return values

    def to_json(self) -> str:
        """Return the recipe as readable JSON."""
        return json.dumps(self.to_dict(), indent=2) + "\n"

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Build a recipe from the result of `to_dict`."""
        try:
            preprocessing = values["preprocessing"]
            colours = {key: tuple(preprocessing[key]) for key in ("mean", "std")}
            return cls(
                **{
                    **values,
                    "views": tuple(View.parse(text) for text in values["views"]),
                    "preprocessing": Preprocessing(**{**preprocessing, **colours}),
                }
            )
        except (KeyError, TypeError) as error:
            raise FeatureError(f"not a recipe of features: {error}") from None

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a recipe from the result of `to_json`."""
        try:
            values = json.loads(text)
        except ValueError as error:
            raise FeatureError(f"not a recipe of features: {error}") from None
        return cls.from_dict(values)
