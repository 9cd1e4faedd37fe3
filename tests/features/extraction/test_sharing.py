import pytest

from catnocat.features.extraction.pipeline import Sharing, share


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
def test_threads_and_batches_under_way(processors, row_bytes, threads, ahead):
    assert share(processors, 4, row_bytes) == Sharing(threads, ahead)


def test_smaller_batches_are_more_batches_of_the_same_memory():
    assert share(2, 1, 1_000_000).ahead == 67
    assert share(2, 4, 1_000_000).ahead == 16
