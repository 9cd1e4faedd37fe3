"""A recipe that stays at work gives what `extract_features` gives."""

import numpy as np
import pytest
from PIL import Image

from catnocat.features import (
    FeatureExtractor,
    extract_features,
    find_backbone,
    plan_recipe,
    read_image,
)


@pytest.fixture
def paths(tmp_path, rng):
    found = [tmp_path / f"{number}.png" for number in range(5)]
    for path in found:
        Image.fromarray(rng.integers(0, 255, (40, 50, 3), dtype=np.uint8)).save(path)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("keep", [True, False])
def test_files_lists_and_memory_agree(paths, tmp_path, keep):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    given = [*paths, tmp_path / "broken.png", paths[0]]
    wanted = extract_features(given, store=tmp_path / "other", engine="torch")
    recipe, store = plan_recipe(engine="torch"), tmp_path / "store"
    with FeatureExtractor(find_backbone(), recipe, store=store, keep=keep) as features:
        for _ in range(2):
            found = features.extract(given)
            assert np.array_equal(found.X, wanted.X)
            assert found.readable.tolist() == wanted.readable.tolist()
            assert found.skipped == wanted.skipped
        assert found.computed == (0 if keep else 5)
        assert store.exists() == keep
        in_memory = features.vectors([read_image(path) for path in paths])
        assert np.array_equal(in_memory, wanted.X[:5])
        assert features.vectors([]).shape == (0, 1280)
