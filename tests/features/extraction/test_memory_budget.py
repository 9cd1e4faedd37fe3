"""`MemoryBudget` bounds what its threads reserve at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from catnocat.features.extraction.memory_budget import THREAD_BYTES, MemoryBudget


@pytest.fixture
def budget():
    return MemoryBudget(threads=2)


def test_reservations_never_exceed_the_capacity(budget, rng):
    peaks = []

    def hold(size):
        with budget.request() as reserve:
            reserve(size)
            peaks.append(budget.used)

    sizes = rng.integers(1, budget.capacity, 400).tolist()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hold, sizes))
    assert len(peaks) == 400
    assert max(peaks) <= budget.capacity == 2 * THREAD_BYTES
    assert budget.used == 0


def test_small_reservations_are_held_at_once(budget):
    with budget.request() as first, budget.request() as second:
        first(THREAD_BYTES)
        second(THREAD_BYTES)
        assert budget.used == budget.capacity


def test_an_image_above_the_capacity_waits_until_it_is_alone(budget):
    used = []

    def hold_all():
        with budget.request() as reserve:
            reserve(10 * budget.capacity)
            used.append(budget.used)

    thread = threading.Thread(target=hold_all)
    with budget.request() as reserve:
        reserve(1)
        thread.start()
        thread.join(0.05)
        assert used == []
    thread.join()
    assert used == [budget.capacity]


def test_memory_is_released_after_an_error(budget):
    def fail():
        with budget.request() as reserve:
            reserve(5)
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    assert budget.used == 0
