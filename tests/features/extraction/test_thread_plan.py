import pytest

from catnocat.features.extraction.image_pipeline import ThreadPlan, plan_threads


@pytest.mark.parametrize(
    ("processors", "row_bytes", "threads", "ahead"),
    [
        (1, 5120, 2, 64),
        (2, 5120, 3, 96),
        (8, 5120, 10, 320),
        (64, 5120, 80, 2560),
        (8, 100_000, 10, 167),  # 64 MiB of vectors
        (64, 1_000_000, 80, 80),  # one batch per thread
        (2, 10_000_000, 3, 3),
    ],
)
def test_threads_and_batches_in_flight(processors, row_bytes, threads, ahead):
    assert plan_threads(processors, 4, row_bytes) == ThreadPlan(threads, ahead)


def test_batches_in_flight_are_limited_by_memory():
    assert plan_threads(2, 1, 1_000_000).ahead == 67
    assert plan_threads(2, 4, 1_000_000).ahead == 16
