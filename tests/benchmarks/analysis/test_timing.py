import numpy as np
import pytest
from PIL import Image

from catnocat.benchmarks.analysis.timing import time_features
from catnocat.benchmarks.evaluation import BenchOptions
from catnocat.features import FeatureExtractor


def test_missing_images_and_ready_features_are_not_timed(make_table):
    assert time_features(make_table(60), BenchOptions()) is None
    assert time_features(make_table(60, X=np.zeros((60, 3))), BenchOptions()) is None
    assert time_features(make_table(20), BenchOptions()) is None  # too few to time


@pytest.mark.slow
def test_images_are_timed_in_a_batch_and_singly(make_table, tmp_path, monkeypatch):
    from dataclasses import replace

    from catnocat.benchmarks.analysis import timing

    monkeypatch.setattr(timing, "N_BATCH", 4)
    path = tmp_path / "a.png"
    Image.new("RGB", (32, 32), "teal").save(path)
    table = replace(make_table(60), paths=(str(path),) * 60)
    clock = [0.0]
    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock[0])
    run, sizes = FeatureExtractor.run, []

    def extract_in_known_time(self, paths):
        clock[0] += 0.1 + 0.02 * len(paths)
        sizes.append(len(paths))
        return run(self, paths)

    monkeypatch.setattr(FeatureExtractor, "run", extract_in_known_time)
    cost = time_features(table, BenchOptions())
    assert sizes == [8, 4, 1, 1, 1, 1, 1]  # the first loads the network and is not timed
    assert cost.pop("cpu_ms_per_image") > 0
    assert cost == {"ms_per_image": 45.0, "ms_single_image": 120.0}
