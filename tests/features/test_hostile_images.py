"""Hostile files neither stop a run nor exceed the memory for decoding.

``python -m catnocat.benchmarks.experiments.hostile_images`` does the same with larger images.
"""

import pytest

from catnocat.benchmarks.experiments.hostile_images import (
    measure_extraction,
    write_hostile_files,
)
from catnocat.features.extraction.memory_budget import THREAD_BYTES

pytestmark = pytest.mark.slow


def test_memory_is_bounded_and_every_file_is_used_or_listed(photographs, tmp_path):
    (tmp_path / "files").mkdir()
    files = write_hostile_files(tmp_path / "files", n_mutated=60, side=7_000)
    normal_paths = [str(path) for path in photographs]
    measure_extraction(normal_paths, tmp_path / "first")  # converts the network
    normal = measure_extraction(normal_paths, tmp_path / "normal")
    hostile = measure_extraction([file.path for file in files], tmp_path / "store", timeout=500)
    wrong = [
        file
        for file, readable in zip(files, hostile["readable"], strict=True)
        if file.readable not in (None, readable)
    ]
    assert wrong == []
    assert hostile["finite"]
    assert len(hostile["skipped"]) == len(files) - sum(hostile["readable"])
    assert all(reason and "\n" not in reason for _, reason in hostile["skipped"])
    threads = 3  # of two processors
    assert hostile["peak_mb"] < normal["peak_mb"] + threads * THREAD_BYTES / 1e6 + 200
    assert hostile["peak_mb"] < 1500
