"""Network that every engine runs: uint8 images in, vectors out."""

import torch

from ..backbones import Backbone
from ..backbones.feature_network import FeatureNetwork, WithPrelogits, check_evaluation_mode
from ..preprocessing import POOLINGS, PRELOGITS, MapView, Pooling, View
from ..utils import FeatureError, one_line
from .batchnorm_folding import fold_normalisation
from .bfloat16 import blurred_noise, round_weights, split_layers


class ViewNetwork(torch.nn.Module):
    """Normalisation, backbone and pooling in one network.

    Parameters
    ----------
    backbone : Backbone
    view : View
        Only its size and poolings are used.
    bfloat16 : bool, default=False
        Round the weights to bfloat16 and correct the mean error of this.

    Raises
    ------
    FeatureError
        If the network cannot be run at the view's size, lacks the output that a pooling needs, or
        is not in evaluation mode.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, backbone: Backbone, view: View | MapView, bfloat16: bool = False) -> None:
        super().__init__()
        self.backbone = backbone.build()
        self.poolings = [POOLINGS[name] for name in view.poolings]
        if PRELOGITS in view.poolings:
            if not isinstance(self.backbone, FeatureNetwork):
                raise FeatureError(f"{backbone.name} has no pre-logits: pool its map with avg")
            with_map = set(view.poolings) != {PRELOGITS}
            self.backbone = WithPrelogits(self.backbone, with_map)
        colours = backbone.preprocessing
        self.register_buffer("mean", 255 * torch.tensor(colours.mean).reshape(1, 3, 1, 1))
        self.register_buffer("std", 255 * torch.tensor(colours.std).reshape(1, 3, 1, 1))
        self.eval()
        check_evaluation_mode(self.backbone, backbone.name)
        noise = torch.rand(1, 3, view.size, view.size, generator=torch.Generator().manual_seed(0))
        try:
            self.backbone = fold_normalisation(self.backbone, 2 * noise - 1)
        except Exception as error:  # transformers only accept the size they were trained on
            raise FeatureError(
                f"{backbone.name} cannot be run on the view {view}: {one_line(error)}"
            ) from None
        check_evaluation_mode(self.backbone, backbone.name)
        self.requires_grad_(False)
        if bfloat16:
            # At most the training size: the mean inputs of layers depend little on the size.
            images = blurred_noise(min(view.size, colours.size))
            round_weights(self, split_layers(self, images[:1])[1], images)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map uint8 (n, size, size, 3) to float32 (n, features of all poolings).

        Without a pooling, return the feature map (n, channels, side, side).
        """
        normal = (images.permute(0, 3, 1, 2).float() - self.mean) / self.std
        outputs = self.backbone(normal)
        if isinstance(outputs, torch.Tensor):
            features = outputs.float()
            if not self.poolings:
                return features
            return torch.cat([pool(features, pooling) for pooling in self.poolings], dim=1)
        vector, *maps = (output.float() for output in outputs)
        vectors = [
            vector if pooling.statistic == PRELOGITS else pool(maps[0], pooling)
            for pooling in self.poolings
        ]
        return torch.cat(vectors, dim=1)


def pool(features: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """Map a feature map (n, channels, side, side) to the concatenated vectors of its regions."""
    vectors = []
    for top, bottom, left, right in pooling.parts(features.shape[2]):
        vector = _STATISTICS[pooling.statistic](features[:, :, top:bottom, left:right])
        if pooling.unit:
            # Not torch's `normalize`: its conversion fixes the batch size.
            vector = vector / vector.pow(2).sum(1, keepdim=True).sqrt().clamp(min=1e-12)
        vectors.append(vector)
    return torch.cat(vectors, dim=1)


#: Pooling functions of a region (n, channels, height, width).
_STATISTICS = {
    "avg": lambda part: part.mean((2, 3)),
    "max": lambda part: part.amax((2, 3)),
    # Clamped, since negative activations have no root.
    "gem": lambda part: part.clamp(min=1e-6).pow(3).mean((2, 3)).pow(1 / 3),
}
