"""`FeatureExtractor` returns the same vectors for files, images in memory and without a store."""

import numpy as np
import pytest
from PIL import Image

from catnocat.features import ExtractionConfig, FeatureExtractor, extract_features, read_image


@pytest.fixture
def paths(tmp_path, rng):
    paths = [tmp_path / f"{number}.png" for number in range(5)]
    for path in paths:
        Image.fromarray(rng.integers(0, 255, (40, 50, 3), dtype=np.uint8)).save(path)
    return paths


@pytest.mark.slow
@pytest.mark.parametrize("use_store", [True, False])
def test_files_and_images_in_memory_have_the_same_vectors(paths, tmp_path, use_store):
    (tmp_path / "broken.png").write_bytes(b"not an image")
    inputs = [*paths, tmp_path / "broken.png", paths[0]]
    expected = extract_features(inputs, store=tmp_path / "other", engine="torch")
    config, store = ExtractionConfig(engine="torch"), tmp_path / "store"
    with FeatureExtractor(config, store=store, use_store=use_store) as extractor:
        for _ in range(2):
            extraction = extractor.run(inputs)
            assert np.array_equal(extraction.X, expected.X)
            assert extraction.readable.tolist() == expected.readable.tolist()
            assert extraction.skipped == expected.skipped
        assert extraction.computed == (0 if use_store else 5)
        assert store.exists() == use_store
        in_memory = extractor.vectors([read_image(path) for path in paths])
        assert np.array_equal(in_memory, expected.X[:5])
        assert extractor.vectors([]).shape == (0, 1280)
