"""Batch normalisation folded into the convolutions before it: the same function in fewer passes.

In evaluation mode it is one factor and one addend for each channel, which the convolution can have
in its own weights. Torch, run eagerly, is up to a third faster without it.
"""

import copy

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

_TOLERANCE = 1e-4  # of the largest activation; folding is exact but for rounding


def fold_normalisation(network: nn.Module, example: torch.Tensor) -> nn.Module:
    """Return a network that computes the same with its batch normalisation folded in.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode; it is not changed. It returns a tensor or a tuple of tensors.
    example : torch.Tensor
        A batch to run through the network.

    Returns
    -------
    torch.nn.Module
        A copy in evaluation mode, or the network itself if the copy would compute otherwise.
    """
    folded = copy.deepcopy(network)
    # Not every module copies this: those of torch.fx come back in training mode.
    originals = dict(network.named_modules())
    for name, module in folded.named_modules():
        module.training = originals[name].training
    with torch.no_grad():  # not inference_mode, whose tensors cannot be traced any more
        wanted = _tensors(network(example))
        pairs = _pairs(folded, example)
        names = {module: name for name, module in folded.named_modules()}
        for convolution, normalisation in pairs:
            fused = fuse_conv_bn_eval(convolution, normalisation)
            folded.set_submodule(names[convolution], fused)
            folded.set_submodule(names[normalisation], _rest(normalisation).eval())
        found = _tensors(folded(example))
        same = all(
            (one - other).abs().max() <= _TOLERANCE * other.abs().max()
            for one, other in zip(found, wanted, strict=True)
        )
    return folded if same else network


def _tensors(output: torch.Tensor | tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    return (output,) if isinstance(output, torch.Tensor) else output


def _pairs(network: nn.Module, example: torch.Tensor) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    """Return the convolutions whose output is the input of a normalisation, with the latter.

    An output that is used elsewhere too is not noticed; the folded network then computes otherwise.
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
    """Return what else a module of normalisation does: timm's end with the activation."""
    activation = getattr(normalisation, "act", None)
    return activation if isinstance(activation, nn.Module) else nn.Identity()
