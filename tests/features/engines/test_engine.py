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
def pictures(photograph):
    corners = [(20 * number, 10 * number) for number in range(11)]
    crops = [photograph.crop((x, y, x + 200, y + 150)).resize((96, 96)) for x, y in corners]
    return np.stack([np.asarray(crop) for crop in crops])


@pytest.fixture(scope="module")
def vectors(backbone, pictures):
    """Return the features that plain torch computes."""
    network = backbone.build()
    normal = (torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5
    with torch.inference_mode():
        return network(normal).mean((2, 3)).numpy()


def compute(engine, backbone, pictures, precision="float32", batch_size=None, view="whole@96:avg"):
    with open_engine(engine, backbone, precision, 2, batch_size) as opened:
        return opened.network(View.parse(view))(pictures)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_computes_what_the_network_does(engine, backbone, pictures, vectors):
    found = compute(engine, backbone, pictures)
    assert found.dtype == np.float32
    assert np.abs(found - vectors).max() < 1e-4


@pytest.mark.parametrize("engine", ENGINES)
def test_neither_batch_size_nor_order_change_a_feature(engine, backbone, pictures, vectors):
    order = np.random.default_rng(0).permutation(len(pictures))
    for batch_size in (1, 3, 8, 16):
        found = compute(engine, backbone, pictures[order], batch_size=batch_size)
        assert np.abs(found - vectors[order]).max() < 1e-4


@pytest.mark.parametrize("engine", ENGINES)
def test_company_does_not_change_a_bit(engine, backbone, pictures):
    alone = np.concatenate([compute(engine, backbone, pictures[i : i + 1]) for i in (0, 5, 10)])
    assert np.array_equal(compute(engine, backbone, pictures)[[0, 5, 10]], alone)


@pytest.mark.parametrize("engine", ENGINES)
def test_half_the_precision_is_nearly_the_same(engine, backbone, pictures, vectors):
    found = compute(engine, backbone, pictures, precision="bfloat16")
    norms = np.linalg.norm(found, axis=1) * np.linalg.norm(vectors, axis=1)
    cosines = (found * vectors).sum(1) / norms
    assert 0.98 < cosines.min() < 1 - 1e-6  # less would be wrong, more would not be bfloat16


@pytest.mark.parametrize("engine", ENGINES)
def test_poolings_are_concatenated(engine, backbone, pictures, vectors):
    found = compute(engine, backbone, pictures, view="whole@96:avg+max")
    assert np.abs(found[:, :1280] - vectors).max() < 1e-4
    assert (found[:, 1280:] >= found[:, :1280]).all()


@pytest.mark.slow
@without_openvino
def test_both_engines_pool_alike(backbone, pictures):
    for size, pooling in ((96, "gem+regions+spatial3"), (70, "regions+cells5")):  # 70: odd maps
        shown, view = pictures[:, :size, :size], f"whole@{size}:{pooling}"
        found = [compute(name, backbone, shown, view=view) for name in ("torch", "openvino")]
        norms = np.linalg.norm(found[0], axis=1) * np.linalg.norm(found[1], axis=1)
        assert ((found[0] * found[1]).sum(axis=1) / norms).min() >= 0.9999
        assert np.abs(found[0] - found[1]).max() < 1e-3


def test_torchs_own_threads_are_put_back(backbone):
    before = torch.get_num_threads()
    with open_engine("torch", backbone, "float32", 2, None):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


@pytest.mark.slow
def test_a_damaged_conversion_is_repeated(backbone, pictures, vectors, monkeypatch, tmp_path):
    pytest.importorskip("openvino")
    monkeypatch.setenv("CATNOCAT_CACHE", str(tmp_path))
    compute("openvino", backbone, pictures[:1])
    (file,) = cache_folder().glob("openvino/*/network.bin")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(content)
    assert np.abs(compute("openvino", backbone, pictures) - vectors).max() < 1e-4
    content[len(content) // 2] ^= 255
    assert file.read_bytes() == content


@pytest.mark.slow
def test_a_conversion_needs_no_cache(backbone, pictures, vectors, monkeypatch, tmp_path):
    pytest.importorskip("openvino")
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CATNOCAT_CACHE", str(tmp_path / "file"))
    assert np.abs(compute("openvino", backbone, pictures) - vectors).max() < 1e-4


@pytest.mark.slow
def test_a_conversion_leaves_logging_and_telemetry_alone(backbone, monkeypatch, tmp_path):
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


def test_the_engine_is_chosen_for_the_machine(monkeypatch):
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


def test_a_converted_network_needs_no_torch():
    pytest.importorskip("openvino")
    subprocess.run([sys.executable, "-c", OPENVINO_ALONE], check=True)
