import numpy as np
import pytest
import torch
from PIL import Image

from catnocat.features import (
    FeatureError,
    encode_texts,
    extract_features,
    find_backbone,
    native_view,
)
from catnocat.features.backbones.openclip_backbones import load, split_name

pytest.importorskip("open_clip")


def test_image_vectors_are_those_of_openclip_with_its_own_preprocessing(tiny_clip, photographs):
    import open_clip

    model, _, transform = open_clip.create_model_and_transforms(tiny_clip)
    images = [Image.open(path).convert("RGB") for path in photographs[:4]]
    with torch.inference_mode():
        expected = model.eval().encode_image(torch.stack([transform(image) for image in images]))
    extraction = extract_features(
        photographs[:4],
        backbone=f"openclip:{tiny_clip}",
        views=native_view(tiny_clip),
        engine="torch",
        store=photographs[0].parent / "store",
    )
    assert extraction.X.shape == (4, 16)
    cosines = torch.nn.functional.cosine_similarity(expected, torch.from_numpy(extraction.X))
    # OpenCLIP resizes before it crops, catnocat resizes the crop, so pixels differ slightly.
    assert cosines.min() > 0.999


def test_recipe_has_the_model_s_normalisation_and_only_its_embedding(tiny_clip):
    backbone = find_backbone(f"openclip:{tiny_clip}")
    assert backbone.preprocessing.mean == (0.5, 0.5, 0.5)
    assert (backbone.preprocessing.size, backbone.preprocessing.crop_pct) == (32, 1.0)
    assert (backbone.channels, backbone.prelogits, backbone.pooling) == (None, 16, "prelogits")
    assert native_view(tiny_clip) == "center"


def test_text_vectors_have_length_one_and_depend_on_the_text(tiny_clip):
    vectors, scale = encode_texts(tiny_clip, ["a photo of a cat", "a photo of a dog"] * 40)
    assert vectors.shape == (80, 16)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(vectors[:2], vectors[-2:], atol=1e-5)
    assert vectors[0] @ vectors[1] < 0.9999
    assert scale == pytest.approx(1 / 0.07, rel=1e-3)  # CLIP's initial value


def test_names_are_split_into_architecture_and_weights():
    assert split_name("ViT-B-32:laion2b_s34b_b79k") == ("ViT-B-32", "laion2b_s34b_b79k")
    assert split_name("ViT-B-32") == ("ViT-B-32", None)
    assert split_name("hf-hub:timm/ViT-B-16-SigLIP") == ("hf-hub:timm/ViT-B-16-SigLIP", None)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ViT-X-99:openai", "no model 'ViT-X-99'"),
        ("ViT-B-32", "name its weights as ViT-B-32:WEIGHTS, one of"),
        ("ViT-B-32:nothing", "cannot be loaded"),
        ("local-dir:/nowhere", "cannot be loaded"),
    ],
)
def test_model_that_is_not_available_is_refused_in_one_line(name, message):
    with pytest.raises(FeatureError, match=message) as error:
        load(name)
    assert "\n" not in str(error.value)
