import re

import pytest
import timm
import torch
from safetensors.torch import save_file
from torchvision import models

from catnocat.features import FeatureError, View, find_backbone
from catnocat.features.engines.network import ViewNetwork


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return files of random weights of small networks, by name."""
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    resnet = timm.create_model("test_resnet").state_dict()
    torch.save(resnet, folder / "resnet.pth")
    wrapped = {f"module.{key}": value for key, value in resnet.items()}
    torch.save({"state_dict": wrapped, "epoch": 3}, folder / "wrapped.pt")
    save_file(resnet, folder / "resnet.safetensors")
    other_classes = timm.create_model("test_resnet", num_classes=7).state_dict()
    other_classes |= {key: value for key, value in resnet.items() if not key.startswith("fc.")}
    torch.save(other_classes, folder / "other-classes.pth")
    torch.save(timm.create_model("test_vit").state_dict(), folder / "vit.pth")
    torch.save(timm.create_model("test_vit3").state_dict(), folder / "vit3.pth")
    torch.save(timm.create_model("test_convnext").state_dict(), folder / "convnext.pth")
    torch.save(models.resnet18().state_dict(), folder / "tv-resnet.pth")
    torch.save(models.squeezenet1_1().state_dict(), folder / "tv-squeezenet.pth")
    torch.save(models.shufflenet_v2_x0_5().state_dict(), folder / "tv-shufflenet.pth")
    torch.save([1, 2], folder / "list.pth")
    torch.save({"a": eval}, folder / "code.pth")
    (folder / "text.pth").write_text("no weights")
    (folder / "text.safetensors").write_text("no weights")
    return {path.name: path for path in folder.iterdir()}


def feature_map(backbone):
    size = backbone.preprocessing.size
    with torch.inference_mode():
        return backbone.build()(torch.rand(2, 3, size, size))


@pytest.mark.parametrize(
    ("name", "file", "channels"),
    [
        ("timm:test_resnet", "resnet.pth", 96),
        ("timm:test_vit", "vit.pth", 64),
        ("timm:test_convnext", "convnext.pth", 64),
        ("torchvision:resnet18", "tv-resnet.pth", 512),
        ("torchvision:squeezenet1_1", "tv-squeezenet.pth", 512),
        ("torchvision:shufflenet_v2_x0_5", "tv-shufflenet.pth", 1024),
    ],
)
def test_networks_of_the_libraries_give_feature_maps(files, name, file, channels):
    backbone = find_backbone(name, files[file])
    found = feature_map(backbone)
    assert found.shape[:2] == (2, channels)
    assert found.ndim == 4
    assert backbone.channels == channels
    assert backbone.name == name


def test_a_map_is_what_the_network_averages_itself(files):
    network = models.resnet18().eval()
    network.load_state_dict(torch.load(files["tv-resnet.pth"], weights_only=True))
    network.fc = torch.nn.Identity()
    pictures = torch.rand(2, 3, 224, 224)
    backbone = find_backbone("torchvision:resnet18", files["tv-resnet.pth"])
    with torch.inference_mode():
        pooled = backbone.build()(pictures).mean((2, 3))
        assert torch.allclose(pooled, network(pictures), atol=1e-5)


def test_the_tokens_of_a_transformer_lie_where_they_look(files):
    backbone = find_backbone("timm:test_vit", files["vit.pth"])
    network = timm.create_model("test_vit").eval()
    network.load_state_dict(torch.load(files["vit.pth"], weights_only=True))
    pictures = torch.rand(1, 3, 160, 160)
    with torch.inference_mode():
        tokens = network.forward_features(pictures)
        found = backbone.build()(pictures)
    assert torch.allclose(found[0, :, 2, 3], tokens[0, 1 + 2 * 10 + 3], atol=1e-5)


def test_equal_weights_in_different_files_have_the_same_digest(files):
    names = ("resnet.pth", "wrapped.pt", "resnet.safetensors", "other-classes.pth")
    digests = {find_backbone("timm:test_resnet", files[name]).weights for name in names}
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("name", "file", "words"),
    [
        ("timm:test_resnet", "vit.pth", "vit.pth does not fit timm:test_resnet"),
        ("torchvision:resnet18", "resnet.pth", "does not fit torchvision:resnet18"),
        ("timm:test_resnet", "list.pth", "no table of named tensors"),
        ("timm:test_resnet", "code.pth", "cannot be read as weights"),
        ("timm:test_resnet", "text.pth", "cannot be read as weights"),
        ("timm:test_resnet", "text.safetensors", "cannot be read as weights"),
    ],
)
def test_a_wrong_file_of_weights_is_one_clear_line(files, name, file, words):
    with pytest.raises(FeatureError) as caught:
        find_backbone(name, files[file])
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_wrong_file_for_the_bundled_network_is_reported_when_it_is_built(files):
    with pytest.raises(FeatureError, match="does not fit efficientnet_lite0"):
        find_backbone("efficientnet_lite0", files["resnet.pth"]).build()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("timm:resnet18x", "timm has no network 'resnet18x': .*resnet18"),
        ("timm:resnet18.nobody", "timm:resnet18.nobody: "),
        ("timm:mixer_s32_224", "no trained weights"),
        ("torchvision:resnet", "torchvision has no network 'resnet'"),
        (
            "torchvision:inception_v3",
            "inception_v3 cannot be .*: it rescales its input",
        ),
        ("torchvision:resnet50.V9", "no weights 'V9': IMAGENET1K_V1"),
    ],
)
def test_an_unknown_network_is_one_clear_line(name, words):
    with pytest.raises(FeatureError, match=words):
        find_backbone(name)


def test_without_a_network_it_is_said_what_to_fetch(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(FeatureError, match=r"fetch them from timm/test_resnet\S* on") as caught:
        find_backbone("timm:test_resnet")
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_the_size_of_a_vision_transformer_is_that_of_its_weights(tmp_path):
    network = models.vit_b_32(image_size=96).eval()
    torch.save(network.state_dict(), tmp_path / "vit.pth")
    backbone = find_backbone("torchvision:vit_b_32", tmp_path / "vit.pth")
    assert backbone.preprocessing.size == 96
    assert (backbone.channels, backbone.prelogits, backbone.pooling) == (768, 768, "prelogits")
    network.heads = torch.nn.Identity()
    images = torch.rand(2, 3, 96, 96)
    built = backbone.build()
    with torch.inference_mode():
        raw = built.trunk(images)
        assert torch.allclose(built.prelogits(raw), network(images), atol=1e-5)
        assert torch.equal(built.feature_map(raw)[1, :, 1, 2], raw[1, 1 + 1 * 3 + 2])


def test_class_tokens_are_no_feature_map(tmp_path):
    torch.save(timm.create_model("pit_ti_distilled_224").state_dict(), tmp_path / "pit.pth")
    backbone = find_backbone("timm:pit_ti_distilled_224", tmp_path / "pit.pth")
    assert (backbone.channels, backbone.prelogits, backbone.pooling) == (None, 256, "prelogits")


def test_mnasnet_needs_no_version_in_its_file(tmp_path):
    network = models.mnasnet0_5()
    save_file(network.state_dict(), tmp_path / "mnasnet.safetensors")
    torch.save(dict(network.state_dict()), tmp_path / "mnasnet.pth")
    digests = {
        find_backbone("torchvision:mnasnet0_5", tmp_path / f"mnasnet.{kind}").weights
        for kind in ("pth", "safetensors")
    }
    assert len(digests) == 1


@pytest.mark.slow
def test_old_names_of_tensors_are_converted(tmp_path):
    network = models.densenet121()
    old = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", key): value
        for key, value in network.state_dict().items()
    }
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    torch.save(old, tmp_path / "old.pth")
    torch.save(network.state_dict(), tmp_path / "new.pth")
    digests = {
        find_backbone("torchvision:densenet121", tmp_path / f"{age}.pth").weights
        for age in ("old", "new")
    }
    assert len(digests) == 1


@pytest.mark.slow
def test_names_of_the_original_authors_are_converted(tmp_path):
    network = timm.create_model("swin_tiny_patch4_window7_224")
    tensors = network.state_dict()
    # As Microsoft's files have it: downsampling at the end of a stage, not at the beginning.
    old = {
        re.sub(
            r"layers\.(\d)\.downsample", lambda found: f"layers.{int(found[1]) - 1}.downsample", key
        ).replace("head.fc.", "head."): value
        for key, value in tensors.items()
    }
    torch.save({"model": old}, tmp_path / "old.pth")
    torch.save(tensors, tmp_path / "new.pth")
    digests = {
        find_backbone("timm:swin_tiny_patch4_window7_224", tmp_path / f"{age}.pth").weights
        for age in ("old", "new")
    }
    assert len(digests) == 1


def test_a_size_that_a_network_cannot_take_is_refused(files):
    backbone = find_backbone("timm:test_vit3", files["vit3.pth"])
    with pytest.raises(FeatureError, match="cannot be run on the view whole@96:avg"):
        ViewNetwork(backbone, View("whole", 96))
