import numpy as np
import pytest
from PIL import Image

from catnocat.benchmarks.analysis.timing import time_features
from catnocat.benchmarks.evaluation.config import BenchOptions


def test_pictures_that_are_not_there_or_not_needed_cost_nothing(make_table):
    assert time_features(make_table(60), BenchOptions()) is None
    assert time_features(make_table(60, X=np.zeros((60, 3))), BenchOptions()) is None
    assert time_features(make_table(20), BenchOptions()) is None  # too few to time


@pytest.mark.slow
def test_pictures_are_timed_together_and_alone(make_table, tmp_path, monkeypatch):
    from dataclasses import replace

    from catnocat.benchmarks.analysis import timing as feature_cost

    monkeypatch.setattr(feature_cost, "BATCH", 4)
    path = tmp_path / "a.png"
    Image.new("RGB", (32, 32), "teal").save(path)
    table = replace(make_table(60), paths=(str(path),) * 60)
    clock = [0.0]
    monkeypatch.setattr(feature_cost.time, "perf_counter", lambda: clock[0])
    extract, sizes = feature_cost.OpenFeatures.extract, []

    def extract_in_known_time(self, paths):
        clock[0] += 0.1 + 0.02 * len(paths)
        sizes.append(len(paths))
        return extract(self, paths)

    monkeypatch.setattr(feature_cost.OpenFeatures, "extract", extract_in_known_time)
    found = time_features(table, BenchOptions())
    assert sizes == [8, 4, 1, 1, 1, 1, 1]  # the first loads the network and is not timed
    assert found.pop("cpu_ms_per_image") > 0
    assert found == {"ms_per_image": 45.0, "ms_alone": 120.0}
