"""A model on the features of two networks: fitted, saved, loaded, used and explained."""

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

import catnocat
from catnocat.benchmarks import InputError, fit_model
from catnocat.benchmarks.inference.export import export_onnx
from catnocat.features import extract_features

VIEWS = ["whole@64:avg;whole@96:avg+max"]


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    photographs = [load_sample_image("china.jpg"), load_sample_image("flower.jpg")]
    lines = ["image,labels"]
    for number in range(30):
        top, left = rng.integers(0, 200), rng.integers(0, 400)
        crop = photographs[number % 2][top : top + 100, left : left + 100]
        Image.fromarray(crop).save(folder / f"{number}.jpg")
        labels = [["china", "flower"][number % 2], *(["third"] if number % 3 == 0 else [])]
        lines.append(f"{number}.jpg,{'|'.join(labels)}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.slow
def test_saved_model_of_two_networks_predicts_and_explains(images, tmp_path):
    store = tmp_path / "store"
    fit_model(
        images / "labels.csv",
        out=tmp_path / "model.catnocat",
        backbone="lite0+lite1",
        views=VIEWS,
        store=store,
        n_jobs=1,
    )
    paths = [images / f"{number}.jpg" for number in range(4)]
    with catnocat.load(tmp_path / "model.catnocat", store=store) as model:
        assert [block.backbone for block in model.recipe.blocks] == [
            "efficientnet_lite0",
            "efficientnet_lite1",
        ]
        P = model.predict_proba(paths)
        X = extract_features(paths, backbone="lite0+lite1", views=VIEWS, store=store).X
        np.testing.assert_allclose(P, model.predict_vectors(X)[0], atol=1e-6)
        assert (P[:, 0] > 0.5).tolist() == [True, False, True, False]
        (china, *_) = model.attribute(paths[0])
        # The contributions of both networks add up to the score.
        assert china.kind == "exact"
        assert china.values.mean() == pytest.approx(china.score - china.intercept, rel=1e-3)
        with pytest.raises(InputError, match="several networks") as error:
            export_onnx(model.record, tmp_path / "model.onnx", with_network=True)
        assert "\n" not in str(error.value)
