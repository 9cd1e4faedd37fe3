"""Hostile files neither stop a run nor exceed the memory for decoding.

``python -m catnocat.benchmarks.experiments.hostile_images`` does the same with larger images.
"""

import pytest

from catnocat.benchmarks.experiments.hostile_images import (
    measure_extraction,
    write_hostile_files,
)

pytestmark = pytest.mark.slow


def test_memory_is_bounded_and_every_file_is_used_or_listed(photographs, tmp_path):
    (tmp_path / "files").mkdir()
    files = write_hostile_files(tmp_path / "files", n_mutated=60, side=7_000)
    # In a run of its own, since the conversion of the network takes memory too.
    measure_extraction([str(photographs[0])], tmp_path / "first")
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
    assert hostile["peak_mb"] < 1500
