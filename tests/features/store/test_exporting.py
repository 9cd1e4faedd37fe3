import csv

import numpy as np
import pytest
from safetensors import safe_open

from catnocat.features import (
    FeatureError,
    Recipe,
    choose_recipe,
    export_vectors,
    extract_features,
)
from catnocat.features.utils.digests import file_digest


@pytest.fixture(scope="module")
def root(photographs, broken, tmp_path_factory):
    root = tmp_path_factory.mktemp("store")
    extract_features([*photographs, *broken], store=root)
    return root


@pytest.fixture
def order(photographs, broken):
    """Return images in another order than they were stored, one twice, some broken."""
    return [*photographs[5:2:-1], *broken, photographs[0], photographs[4]]


def read_table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_rows_are_exported_in_the_given_order_with_a_table(root, order, broken, tmp_path):
    names = [f"image, {number}" for number in range(len(order))]
    done = export_vectors(order, choose_recipe(root), tmp_path / "F.npy", names=names)
    extraction = extract_features(order, store=root)
    assert np.array_equal(np.load(tmp_path / "F.npy"), extraction.X)
    assert done.shape == (5, 1280)
    assert done.skipped == extraction.skipped
    rows = read_table(tmp_path / "F.csv")
    fine = np.flatnonzero(extraction.readable)
    assert [row["image"] for row in rows] == [names[number] for number in fine]
    assert [row["sha256"] for row in rows] == [file_digest(order[number]) for number in fine]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["F.csv", "F.npy"]


def test_safetensors_file_has_vectors_and_recipe(root, order, tmp_path):
    done = export_vectors(order, choose_recipe(root), tmp_path / "new" / "F.safetensors")
    with safe_open(tmp_path / "new" / "F.safetensors", framework="numpy") as file:
        assert list(file.keys()) == ["features"]
        assert np.array_equal(file.get_tensor("features"), extract_features(order, store=root).X)
        assert Recipe.from_json(file.metadata()["recipe"]) == done.recipe
    assert len(read_table(tmp_path / "new" / "F.csv")) == 5


def test_no_readable_image_gives_an_empty_array(root, broken, tmp_path):
    export_vectors(list(broken), choose_recipe(root), tmp_path / "F.npy")
    assert np.load(tmp_path / "F.npy").shape == (0, 1280)


def test_image_without_a_vector_is_reported(root, photograph, tmp_path):
    photograph.crop((0, 0, 9, 9)).save(tmp_path / "new.png")
    with pytest.raises(FeatureError, match=r"1 of 1 images \(first: .*new\.png\) have no vec"):
        export_vectors([tmp_path / "new.png"], choose_recipe(root), tmp_path / "F.npy")
    assert not (tmp_path / "F.npy").exists()


def test_unwritable_output_is_reported(root, order, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FeatureError, match="cannot write"):
        export_vectors(order, choose_recipe(root), tmp_path / "file" / "F.npy")
    with pytest.raises(FeatureError, match=r"must be \.npy or \.safetensors"):
        export_vectors(order, choose_recipe(root), tmp_path / "F.csv")
