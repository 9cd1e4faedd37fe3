"""Batch normalisation folded into the convolutions before it: the same function in fewer passes.

In eval mode it is one factor and one addend for each channel, which the convolution can have in its
own weights. Torch, run eagerly, is up to a third faster without it.
"""

import copy

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

_TOLERANCE = 1e-4  # of the largest activation; folding is exact but for rounding


def fold_normalisation(network: nn.Module, example: torch.Tensor) -> nn.Module:
    """Give a network that computes the same with its batch normalisation folded in.

    Parameters
    ----------
    network : torch.nn.Module
        In eval mode; it is not changed.
    example : torch.Tensor
        A batch to follow through the network.

    Returns
    -------
    torch.nn.Module
        A copy, or the network itself if it is built so that the copy would compute otherwise.
    """
    folded = copy.deepcopy(network)
    with torch.no_grad():  # not inference_mode, whose tensors cannot be traced any more
        wanted = network(example)
        pairs = _pairs(folded, example)
        names = {module: name for name, module in folded.named_modules()}
        for convolution, normalisation in pairs:
            fused = fuse_conv_bn_eval(convolution, normalisation)
            folded.set_submodule(names[convolution], fused)
            folded.set_submodule(names[normalisation], _rest(normalisation))
        error = (folded(example) - wanted).abs().max()
    return folded if error <= _TOLERANCE * wanted.abs().max() else network


def _pairs(network: nn.Module, example: torch.Tensor) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    """Find the convolutions whose output goes straight into a normalisation.

    Whether it goes elsewhere too is not seen here; then the folded network computes otherwise.
    """
    makers: dict[int, nn.Conv2d] = {}
    alive: list[torch.Tensor] = []  # or another tensor could get the same id
    pairs = []

    def note(module: nn.Module, given: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        if isinstance(module, nn.Conv2d):
            makers[id(output)] = module
            alive.append(output)
        elif isinstance(module, nn.BatchNorm2d) and (maker := makers.pop(id(given[0]), None)):
            pairs.append((maker, module))

    hooks = [module.register_forward_hook(note) for module in network.modules()]
    network(example)
    for hook in hooks:
        hook.remove()
    return pairs


def _rest(normalisation: nn.Module) -> nn.Module:
    """Give what else a module of normalisation does: timm's end with the activation."""
    activation = getattr(normalisation, "act", None)
    return activation if isinstance(activation, nn.Module) else nn.Identity()
