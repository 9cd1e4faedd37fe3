import torch
from torch import nn

from catnocat.features.engines.bias_correction import blurred_noise, round_weights


def test_the_noise_is_pictures_and_always_the_same():
    noise = blurred_noise(32)
    assert noise.shape == (8, 32, 32, 3)
    assert noise.dtype == torch.uint8
    assert torch.equal(noise, blurred_noise(32))
    assert noise.float().std() > 30


def outputs(network, pictures):
    with torch.inference_mode():
        return network(pictures)


def test_what_rounding_shifts_on_average_is_taken_back():
    torch.manual_seed(0)
    # One layer of a kernel, one of groups without an addend, one depthwise; no borders, which see
    # other means.
    network = nn.Sequential(
        nn.Conv2d(3, 8, 1), nn.Conv2d(8, 6, 1, groups=2, bias=False), nn.Conv2d(6, 6, 1, groups=6)
    )
    pictures = torch.rand(4, 3, 9, 9)
    wanted = outputs(network, pictures)
    plain = [layer.weight.detach().bfloat16().float() for layer in network]
    round_weights(network, list(network), pictures)
    for layer, weights in zip(network, plain, strict=True):
        assert torch.equal(layer.weight, weights)
    found = outputs(network, pictures)
    assert not torch.equal(found, wanted)
    assert torch.allclose(found.mean((0, 2, 3)), wanted.mean((0, 2, 3)), atol=1e-5)
