import pytest

from catnocat.features.sharing import share


@pytest.mark.parametrize("processors", [1, 2, 3, 8, 64, 256])
@pytest.mark.parametrize("row_bytes", [5120, 100_000, 10_000_000])
def test_processors_are_busy_and_memory_is_bounded(processors, row_bytes):
    sharing = share(processors, 4, row_bytes)
    assert processors < sharing.threads <= 2 * processors
    assert sharing.ahead >= sharing.threads
    waiting = 4 * row_bytes * sharing.ahead
    assert waiting <= max(64 * 2**20, 4 * row_bytes * sharing.threads)
