import pytest
import torch
from torch import nn
from torchvision import models
from torchvision.models.feature_extraction import create_feature_extractor

from catnocat.features import Backbone, FeatureError, Preprocessing, View
from catnocat.features.backbones.feature_network import (
    FeatureNetwork,
    Outputs,
    check_evaluation_mode,
    inspect_outputs,
)
from catnocat.features.engines.batchnorm_folding import fold_normalisation
from catnocat.features.engines.network import ViewNetwork
from catnocat.features.extraction.config import build_recipe

SIZE = 32
PREPROCESSING = Preprocessing(SIZE, "bilinear", (0.5,) * 3, (0.5,) * 3, 0.875)


class Toy(FeatureNetwork):
    """Network whose head is a given module."""

    def __init__(self, head, has_map=True):
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Conv2d(3, 4, 8, 8)
        self.head = head
        self.has_map = has_map

    def trunk(self, images):
        return self.body(images)

    def feature_map(self, raw):
        return raw if self.has_map else None

    def prelogits(self, raw):
        return self.head(raw.mean((2, 3)))


class AlwaysTraining(nn.Dropout):
    def train(self, mode=True):
        return super().train(True)


class HiddenDropout(nn.Module):
    def forward(self, given):
        return nn.functional.dropout(given, 0.5, training=True)


class ByBatch(nn.Module):
    def forward(self, given):
        return given - given.mean(0, keepdim=True)


class TwoRows(nn.Module):
    def forward(self, given):
        return torch.cat([given, given])


class NotFinite(nn.Module):
    def forward(self, given):
        return given / 0


def inspect(head, **options):
    return inspect_outputs(Toy(head, **options).eval(), SIZE, "toy")


def test_the_mean_of_the_map_is_preferred_where_it_is_the_same():
    assert inspect(nn.Identity()) == Outputs(4, 4, "avg")
    assert inspect(nn.Linear(4, 4)) == Outputs(4, 4, "prelogits")
    assert inspect(nn.Linear(4, 6)) == Outputs(4, 6, "prelogits")
    assert inspect(nn.Identity(), has_map=False) == Outputs(None, 4, "prelogits")


def test_prelogits_that_are_no_vector_of_each_image_are_not_used():
    assert inspect(TwoRows()) == Outputs(4, None, "avg")
    assert inspect(NotFinite()) == Outputs(4, None, "avg")


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (AlwaysTraining(), r"toy cannot be used: 1 of its modules stay in training mode .*head"),
        (HiddenDropout(), "other images of its batch or by chance"),
        (ByBatch(), "other images of its batch or by chance"),
        (TwoRows(), "neither a feature map nor pre-logits"),
        (NotFinite(), "neither a feature map nor pre-logits"),
        (nn.Linear(5, 2), "toy cannot be run on images: mat1"),
    ],
)
def test_a_network_that_is_no_function_of_an_image_is_refused(head, words):
    with pytest.raises(FeatureError, match=words) as caught:
        inspect(head, has_map=False)
    assert "\n" not in str(caught.value)


def backbone(network, **changes):
    values = {"channels": 4, "prelogits": 4, "pooling": "prelogits", **changes}
    return Backbone("toy", "0" * 64, preprocessing=PREPROCESSING, build=lambda: network, **values)


def test_training_mode_is_refused_before_the_first_image():
    with pytest.raises(FeatureError, match="stay in training mode"):
        ViewNetwork(backbone(Toy(AlwaysTraining())), View("whole", SIZE))


def test_a_copy_made_by_torch_fx_stays_in_evaluation_mode():
    """A deep copy of it is in training mode, and folding failed with "Fusion only for eval!"."""
    torch.manual_seed(0)
    network = models.resnet18().eval()
    extractor = create_feature_extractor(network, {"layer4": "map"}).eval()

    class Wrapper(nn.Module):
        def __init__(self):
            super().__init__()
            self.extractor = extractor

        def forward(self, images):
            return self.extractor(images)["map"]

    wrapper = Wrapper().eval()
    example = torch.rand(1, 3, 64, 64)
    folded = fold_normalisation(wrapper, example)
    check_evaluation_mode(folded, "resnet18")
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    with torch.no_grad():
        assert torch.allclose(folded(example), wrapper(example), rtol=1e-3, atol=1e-4)


def test_prelogits_and_map_come_from_one_pass():
    network = Toy(nn.Linear(4, 4)).eval()
    images = torch.randint(0, 256, (3, SIZE, SIZE, 3), dtype=torch.uint8)
    normal = (images.permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5
    with torch.no_grad():
        raw = network.body(normal)
        wanted = torch.cat([raw.amax((2, 3)), network.head(raw.mean((2, 3)))], dim=1)
        found = ViewNetwork(backbone(network), View("whole", SIZE, "max+prelogits"))(images)
        alone = ViewNetwork(backbone(network), View("whole", SIZE, "prelogits"))(images)
    assert torch.allclose(found, wanted, atol=1e-5)
    assert torch.allclose(alone, wanted[:, 4:], atol=1e-5)


def planned(views, **changes):
    return build_recipe(backbone(None, **changes), views, "torch", "float32")


def test_a_view_without_a_pooling_takes_the_networks_own():
    assert planned("whole").views == (View("whole", SIZE, "prelogits"),)
    assert planned("whole", pooling="avg").views == (View("whole", SIZE, "avg"),)
    assert planned("whole", prelogits=6).dimension == 6
    assert planned("whole:avg", prelogits=6).dimension == 4
    assert planned("five/concat", prelogits=6).dimension == 30


@pytest.mark.parametrize(
    ("views", "changes", "words"),
    [
        ("whole:avg", {"channels": None}, "no last feature map: its only pooling is prelogits"),
        ("whole:prelogits", {"prelogits": None}, "no usable pre-logits"),
        ("whole:avg+prelogits", {"prelogits": 6}, "6 numbers and its feature map has 4 channels"),
    ],
)
def test_an_output_that_a_network_lacks_is_refused(views, changes, words):
    with pytest.raises(FeatureError, match=words):
        planned(views, **changes)
