"""Round weights to bfloat16 and correct the biases for the mean rounding error.

Most of the bfloat16 error of a feature comes from the weights, not from the activations. It is the
same at every position, so averaging over positions does not reduce it. Its mean is known: the
rounding error of a weight times the mean of its input. The bias, which stays in float32, is
corrected by this value [1]_. This halves the error of efficientnet_lite0.

.. [1] M. Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction",
   ICCV 2019. Here the means are computed from blurred noise, so that no images are needed.
"""

from collections.abc import Sequence

import torch
from torch import nn

_NOISE_IMAGES = 8
_NOISE_SIDE = 7  # side of the noise before it is blurred


def blurred_noise(size: int) -> torch.Tensor:
    """Return images of blurred coloured noise: uint8 (8, size, size, 3), always the same."""
    generator = torch.Generator().manual_seed(0)
    noise = 255 * torch.rand(_NOISE_IMAGES, 3, _NOISE_SIDE, _NOISE_SIDE, generator=generator)
    blurred = nn.functional.interpolate(noise, (size, size), mode="bicubic", align_corners=False)
    return blurred.clamp(0, 255).permute(0, 2, 3, 1).to(torch.uint8).contiguous()


def round_weights(network: nn.Module, layers: Sequence[nn.Conv2d], images: torch.Tensor) -> None:
    """Round the weights of layers to bfloat16 and correct their biases.

    Parameters
    ----------
    network : torch.nn.Module
        Changed in place; it stays in float32.
    layers : sequence of torch.nn.Conv2d
        Layers of the network.
    images : torch.Tensor
        Images from which the mean inputs of the layers are computed.
    """
    means = _mean_inputs(network, layers, images)
    for layer in layers:
        if layer not in means:
            continue
        exact = layer.weight.detach()
        rounded = exact.bfloat16().float()
        # (groups, output channels per group, input channels per group), like the mean inputs
        errors = (exact - rounded).sum((2, 3)).reshape(layer.groups, -1, exact.shape[1])
        shifts = (errors * means[layer].reshape(layer.groups, 1, -1)).sum(2).flatten()
        bias = 0 if layer.bias is None else layer.bias.detach()
        layer.weight = nn.Parameter(rounded, requires_grad=False)
        layer.bias = nn.Parameter(bias + shifts, requires_grad=False)


def _mean_inputs(
    network: nn.Module, layers: Sequence[nn.Conv2d], images: torch.Tensor
) -> dict[nn.Module, torch.Tensor]:
    """Return the mean of each input channel of each layer."""
    means: dict[nn.Module, torch.Tensor] = {}

    def note(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        means[module] = inputs[0].mean((0, 2, 3))

    hooks = [layer.register_forward_pre_hook(note) for layer in layers]
    with torch.no_grad():  # not inference_mode: the result becomes part of the network
        network(images)
    for hook in hooks:
        hook.remove()
    return means
