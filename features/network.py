"""What every engine runs: pictures as bytes in, vectors out."""

import torch

from .backbones import Backbone
from .errors import FeatureError, one_line
from .views import View


class ViewNetwork(torch.nn.Module):
    """Normalisation, backbone and pooling of one view in one network.

    Parameters
    ----------
    backbone : Backbone
    view : View
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, backbone: Backbone, view: View) -> None:
        super().__init__()
        self.backbone = backbone.build()
        self.parts = view.pooling.split("+")
        colours = backbone.preprocessing
        self.register_buffer("mean", 255 * torch.tensor(colours.mean).reshape(1, 3, 1, 1))
        self.register_buffer("std", 255 * torch.tensor(colours.std).reshape(1, 3, 1, 1))
        self.eval().requires_grad_(False)
        try:
            with torch.inference_mode():
                self(torch.zeros(1, view.size, view.size, 3, dtype=torch.uint8))
        except Exception as error:  # transformers insist on the size they were trained on
            raise FeatureError(
                f"{backbone.name} cannot be shown the view {view}: {one_line(error)}"
            ) from None

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Map uint8 (n, size, size, 3) to float32 (n, dimension)."""
        normal = (pictures.permute(0, 3, 1, 2).float() - self.mean) / self.std
        features = self.backbone(normal).float()
        pooled = {"avg": features.mean((2, 3)), "max": features.amax((2, 3))}
        return torch.cat([pooled[part] for part in self.parts], dim=1)
