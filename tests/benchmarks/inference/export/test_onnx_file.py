"""Check the command and the file, with and without the network."""

import json

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image

from catnocat.benchmarks import fit_model
from catnocat.benchmarks.cli import main
from catnocat.benchmarks.data.scenes import MenagerieSettings, draw_scenes
from catnocat.benchmarks.inference import load
from catnocat.benchmarks.inference.export import export_onnx, onnx_file
from catnocat.benchmarks.inference.export.onnx_network import RecipeNetwork
from catnocat.benchmarks.inference.local_recipe import resolve_recipe
from catnocat.benchmarks.utils import InputError


def run(*words):
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return ended.value.code


def test_the_file_predicts_and_describes_itself(record, model_file, tmp_path, capsys):
    target = tmp_path / "model.onnx"
    assert run("export", model_file, "--onnx", target, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["difference"] < 1e-6
    assert report["inputs"] == {"vectors": ["float32", "n_images", 6]}
    assert report["n_bytes"] == target.stat().st_size
    session = onnxruntime.InferenceSession(target, providers=["CPUExecutionProvider"])
    X, expected = record.check
    (P,) = session.run(["probabilities"], {"vectors": X})
    np.testing.assert_allclose(P, expected, atol=1e-6)
    metadata = session.get_modelmeta().custom_metadata_map
    assert json.loads(metadata["labels"]) == list(record.labels)
    assert json.loads(metadata["thresholds"])["f1"] == [0.25] * 4
    assert json.loads(metadata["recipe"]) == record.recipe


def test_wrong_use_is_one_line(model_file, tmp_path, capsys):
    for words, message in (
        (("export", model_file), "--onnx FILE"),
        (("export", model_file, "--onnx", tmp_path / "m.onnx", "--with-network"), "ready features"),
        (("export", tmp_path / "none", "--onnx", tmp_path / "m.onnx"), "no such file"),
    ):
        assert run(*words) == 2
        error = capsys.readouterr().err
        assert message in error
        assert error.count("\n") == 1
    assert not (tmp_path / "m.onnx").exists()


def test_other_probabilities_are_not_written(record, tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_file, "TOLERANCE", 0.0)
    monkeypatch.setattr(onnx_file, "_difference", lambda *_: 2e-5)
    with pytest.raises(InputError, match="differ by 2e-05"):
        export_onnx(record, tmp_path / "m.onnx")
    assert not (tmp_path / "m.onnx").exists()


def test_a_missing_extra_is_named(record, tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_file, "find_spec", lambda package: None)
    with pytest.raises(InputError, match=r"pip install 'catnocat\[onnx\]'"):
        export_onnx(record, tmp_path / "m.onnx")


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """Return a function from views to a model fitted to their features."""
    folder = tmp_path_factory.mktemp("scenes")
    settings = MenagerieSettings(number=40, labels=("cat", "dog"), canvas=64)
    table = draw_scenes(settings, folder / "scenes")

    def fit(*views):
        path = folder / f"{abs(hash(views))}.catnocat"
        fit_model(table, out=path, store=folder / "store", n_jobs=1, views=views)
        return load(path, use_store=False, n_jobs=1)

    return fit


def noise_images(n=3):
    noise = np.random.default_rng(1).integers(0, 256, (n, 90, 120, 3), dtype=np.uint8)
    return [Image.fromarray(pixels) for pixels in noise]


def resized(images, size):
    bicubic = Image.Resampling.BICUBIC
    return np.stack([np.asarray(image.resize((size, size), bicubic)) for image in images])


@pytest.mark.slow
def test_one_graph_from_images_to_probabilities(fitted, tmp_path):
    target = tmp_path / "m.onnx"
    with fitted("whole@64:avg") as model:
        report = export_onnx(model.record, target, with_network=True)
        assert report.inputs == {"images_64": ["uint8", "n_images", 64, 64, 3]}
        assert report.difference < 1e-5
        images = noise_images()
        session = onnxruntime.InferenceSession(target, providers=["CPUExecutionProvider"])
        (P,) = session.run(["probabilities"], {"images_64": resized(images, 64)})
        np.testing.assert_allclose(P, model.predict_proba(images), atol=1e-3)


@pytest.mark.slow
def test_the_network_of_several_sizes_and_poolings_gives_the_vectors_of_the_recipe(fitted):
    with fitted("whole@96:avg+max", "whole@64:spatial2", "whole@96:regions") as model:
        local = resolve_recipe(model.record.recipe)
        network = RecipeNetwork(local.backbones[0], local.recipe)
        images = noise_images()
        inputs = [torch.from_numpy(resized(images, size)) for size in network.sizes]
        with torch.inference_mode():
            vectors = network(*inputs).numpy()
        expected = model.features.vectors(images)
        assert vectors.shape == expected.shape
        np.testing.assert_allclose(vectors, expected, atol=1e-3 * np.abs(expected).max())


@pytest.mark.slow
def test_several_crops_are_refused(fitted, tmp_path):
    with fitted("whole+flip@64:avg") as model, pytest.raises(InputError, match="several crops"):
        export_onnx(model.record, tmp_path / "m.onnx", with_network=True)
