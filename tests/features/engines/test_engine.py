import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from catnocat.features import FeatureError, View, cache_folder, find_backbone
from catnocat.features.engines import choose_engine, open_engine

without_openvino = pytest.mark.skipif(find_spec("openvino") is None, reason="not installed")
ENGINES = ["torch", pytest.param("openvino", marks=without_openvino)]


@pytest.fixture(scope="module")
def backbone():
    return find_backbone()


@pytest.fixture(scope="module")
def images(photograph):
    corners = [(20 * number, 10 * number) for number in range(11)]
    crops = [photograph.crop((x, y, x + 200, y + 150)).resize((96, 96)) for x, y in corners]
    return np.stack([np.asarray(crop) for crop in crops])


@pytest.fixture(scope="module")
def vectors(backbone, images):
    """Return the vectors that torch computes without an engine."""
    network = backbone.build()
    normal = (torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5
    with torch.inference_mode():
        return network(normal).mean((2, 3)).numpy()


def compute(engine, backbone, images, precision="float32", batch_size=None, view="whole@96:avg"):
    with open_engine(engine, backbone, precision, 2, batch_size) as opened:
        return opened.network(View.parse(view))(images)


@pytest.mark.parametrize("engine", ENGINES)
def test_engine_agrees_with_the_network(engine, backbone, images, vectors):
    actual = compute(engine, backbone, images)
    assert actual.dtype == np.float32
    assert np.abs(actual - vectors).max() < 1e-4


@pytest.mark.parametrize("engine", ENGINES)
def test_features_do_not_depend_on_batch_size_or_order(engine, backbone, images, vectors):
    order = np.random.default_rng(0).permutation(len(images))
    for batch_size in (1, 3, 8, 16):
        actual = compute(engine, backbone, images[order], batch_size=batch_size)
        assert np.abs(actual - vectors[order]).max() < 1e-4


@pytest.mark.parametrize("engine", ENGINES)
def test_features_do_not_depend_on_other_images_of_a_batch(engine, backbone, images):
    alone = np.concatenate([compute(engine, backbone, images[i : i + 1]) for i in (0, 5, 10)])
    assert np.array_equal(compute(engine, backbone, images)[[0, 5, 10]], alone)


@pytest.mark.parametrize("engine", ENGINES)
def test_bfloat16_is_close_to_float32(engine, backbone, images, vectors):
    actual = compute(engine, backbone, images, precision="bfloat16")
    norms = np.linalg.norm(actual, axis=1) * np.linalg.norm(vectors, axis=1)
    cosines = (actual * vectors).sum(1) / norms
    assert 0.98 < cosines.min() < 1 - 1e-6  # less would be wrong, more would not be bfloat16


@pytest.mark.parametrize("engine", ENGINES)
def test_poolings_are_concatenated(engine, backbone, images, vectors):
    actual = compute(engine, backbone, images, view="whole@96:avg+max")
    assert np.abs(actual[:, :1280] - vectors).max() < 1e-4
    assert (actual[:, 1280:] >= actual[:, :1280]).all()


@pytest.mark.slow
@without_openvino
def test_engines_agree_for_every_pooling(backbone, images):
    for size, pooling in ((96, "gem+regions+spatial3"), (70, "regions+cells5")):  # 70: odd maps
        shown, view = images[:, :size, :size], f"whole@{size}:{pooling}"
        actual = [compute(name, backbone, shown, view=view) for name in ("torch", "openvino")]
        norms = np.linalg.norm(actual[0], axis=1) * np.linalg.norm(actual[1], axis=1)
        assert ((actual[0] * actual[1]).sum(axis=1) / norms).min() >= 0.9999
        assert np.abs(actual[0] - actual[1]).max() < 1e-3


def test_number_of_torch_threads_is_restored(backbone):
    before = torch.get_num_threads()
    with open_engine("torch", backbone, "float32", 2, None):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


@pytest.mark.slow
def test_damaged_conversion_is_replaced(backbone, images, vectors, monkeypatch, tmp_path):
    pytest.importorskip("openvino")
    monkeypatch.setenv("CATNOCAT_CACHE", str(tmp_path))
    compute("openvino", backbone, images[:1])
    (file,) = cache_folder().glob("openvino/*/network.bin")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(content)
    assert np.abs(compute("openvino", backbone, images) - vectors).max() < 1e-4
    content[len(content) // 2] ^= 255
    assert file.read_bytes() == content


@pytest.mark.slow
def test_conversion_works_without_a_cache(backbone, images, vectors, monkeypatch, tmp_path):
    pytest.importorskip("openvino")
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CATNOCAT_CACHE", str(tmp_path / "file"))
    assert np.abs(compute("openvino", backbone, images) - vectors).max() < 1e-4


@pytest.mark.slow
def test_conversion_sends_no_telemetry_and_restores_logging(backbone, monkeypatch, tmp_path):
    pytest.importorskip("openvino")
    import logging

    monkeypatch.setenv("CATNOCAT_CACHE", str(tmp_path))
    telemetry = pytest.importorskip("openvino_telemetry")

    def report(*arguments, **options):
        raise AssertionError("something is reported over the network")

    monkeypatch.setattr(telemetry.Telemetry, "send_event", report)
    monkeypatch.setattr(telemetry.Telemetry, "start_session", report)
    before = list(logging.getLogger().handlers)
    compute("openvino", backbone, np.zeros((1, 64, 64, 3), np.uint8), view="whole@64:avg")
    assert logging.getLogger().handlers == before
    assert logging.getLogger().isEnabledFor(logging.WARNING)


def test_engine_is_chosen_for_the_machine(monkeypatch):
    assert choose_engine("torch") == "torch"
    assert choose_engine("auto") in ("torch", "openvino")
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert choose_engine("auto") == "torch"
    with pytest.raises(FeatureError, match=r"pip install 'catnocat\[fast\]'"):
        choose_engine("openvino")


OPENVINO_ALONE = """
import sys
from catnocat.features.engines.openvino_engine import OpenVinoEngine
assert "torch" not in sys.modules
"""


def test_openvino_engine_does_not_import_torch():
    pytest.importorskip("openvino")
    subprocess.run([sys.executable, "-c", OPENVINO_ALONE], check=True)
