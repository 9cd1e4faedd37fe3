"""Images with more than 8 bits: the depth is derived from the file, or declared."""

import numpy as np
import pytest
from PIL import Image

from catnocat.benchmarks import fit_model, load_dataset
from catnocat.benchmarks.cli import app
from catnocat.benchmarks.data import load_vectors
from catnocat.benchmarks.data.inspection import find_flat_images
from catnocat.benchmarks.utils.errors import InputError
from catnocat.features import FeatureError, extract_features, plan_recipe, read_image


@pytest.fixture(scope="module")
def grey():
    """Return a photograph in grey values from 0 to 1."""
    from sklearn.datasets import load_sample_image

    return load_sample_image("china.jpg").mean(axis=2) / 255


def save(values, path, bits, container=np.uint16):
    """Write grey values from 0 to 1 with a number of bits."""
    Image.fromarray(np.rint(values * (2**bits - 1)).astype(container)).save(path)
    return path


def cosine(a, b):
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def vectors(paths, tmp_path, **options):
    extracted = extract_features(paths, store=tmp_path / "store", engine="torch", **options)
    assert extracted.readable.all()
    return extracted.X


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_12_bits_in_16_give_the_vector_of_8_bits(grey, tmp_path, suffix):
    eight = save(grey, tmp_path / "eight.png", 8, np.uint8)
    twelve = save(grey, tmp_path / f"twelve.{suffix}", 12)
    a, b = vectors([eight, twelve], tmp_path)
    assert cosine(a, b) >= 0.99


def test_a_dark_12_bit_image_needs_the_declared_depth(grey, tmp_path):
    dark = grey * 0.2  # its largest value would fit into 10 bits
    eight = save(dark, tmp_path / "eight.png", 8, np.uint8)
    twelve = save(dark, tmp_path / "twelve.png", 12)
    a, derived = vectors([eight, twelve], tmp_path)
    _, declared = vectors([eight, twelve], tmp_path, bit_depth=12)
    assert cosine(a, declared) >= 0.99
    assert cosine(a, derived) < cosine(a, declared)
    assert np.asarray(read_image(twelve, 12)).max() == pytest.approx(51, abs=1)
    assert np.asarray(read_image(twelve)).max() > 150


def test_16_bit_colour_follows_the_declared_depth(tmp_path):
    import struct
    import zlib

    values = np.full((8, 8, 3), 1000, ">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in values)

    def chunk(kind, data):
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    path = tmp_path / "colour.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    assert set(np.asarray(read_image(path)).ravel().tolist()) == {249}  # 1000 of 1023
    assert set(np.asarray(read_image(path, 12)).ravel().tolist()) == {62}  # 1000 of 4095
    assert set(np.asarray(read_image(path, 16)).ravel().tolist()) == {3}  # 1000 of 65535


def test_the_declared_depth_is_part_of_the_recipe():
    derived, declared = plan_recipe(), plan_recipe(bit_depth=12)
    assert derived.digest != declared.digest
    assert "bit_depth" not in derived.to_dict()
    assert type(declared).from_json(declared.to_json()) == declared
    with pytest.raises(FeatureError, match="from 8 to 16"):
        plan_recipe(bit_depth=20)


@pytest.fixture
def table(grey, tmp_path):
    """Write a table of 12 dark 12-bit images."""
    lines = ["image,labels"]
    for number in range(12):
        values = np.roll(grey, 40 * number, axis=1) * 0.2
        save(values, tmp_path / f"{number}.png", 12)
        lines.append(f"{number}.png,{'cat' if number % 2 else 'dog'}")
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "labels.csv"


def test_a_table_keeps_its_declared_depth(table, tmp_path):
    loaded = load_dataset(table, bit_depth=12)
    assert loaded.take([1, 2]).bit_depth == 12
    found = load_vectors(loaded, store=tmp_path / "store", engine="torch")
    assert found.recipe["bit_depth"] == 12
    assert find_flat_images(loaded)["flat"] == 0
    with pytest.raises(InputError, match="--bit-depth 40: must be from 8 to 16"):
        load_dataset(table, bit_depth=40)


def test_a_model_reads_new_images_with_the_depth_it_was_fitted_with(table, tmp_path):
    model = fit_model(table, bit_depth=12, store=tmp_path / "store", n_jobs=1)
    assert model.recipe.bit_depth == 12
    image = tmp_path / "3.png"
    from_path = model.predict_proba([image])
    from_bytes = model.predict_proba([image.read_bytes()])
    assert from_path == pytest.approx(from_bytes, abs=1e-4)


def test_the_command_line_declares_the_depth(table, tmp_path):
    from typer.testing import CliRunner

    store = ["--store", str(tmp_path / "store"), "--bit-depth", "12"]
    result = CliRunner().invoke(app, ["extract", str(table), "--json", *store])
    assert result.exit_code == 0
    assert '"bit_depth": 12' in result.stdout
