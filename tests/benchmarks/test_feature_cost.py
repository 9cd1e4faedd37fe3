import numpy as np
import pytest
from PIL import Image

from catnocat.benchmarks.feature_cost import time_features
from catnocat.benchmarks.options import Options


def test_pictures_that_are_not_there_or_not_needed_cost_nothing(make_table):
    assert time_features(make_table(60), Options()) is None
    assert time_features(make_table(60, X=np.zeros((60, 3))), Options()) is None
    assert time_features(make_table(20), Options()) is None  # too few to time


@pytest.mark.slow
def test_pictures_are_timed_together_and_alone(make_table, tmp_path, monkeypatch):
    from dataclasses import replace

    from catnocat.benchmarks import feature_cost

    monkeypatch.setattr(feature_cost, "BATCH", 4)
    path = tmp_path / "a.png"
    Image.new("RGB", (32, 32), "teal").save(path)
    table = replace(make_table(60), paths=(str(path),) * 60)
    found = time_features(table, Options())
    assert found["ms_per_image"] > 0
    assert found["ms_alone"] > 0
