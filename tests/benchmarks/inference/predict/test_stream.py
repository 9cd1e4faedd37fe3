"""Images named on a pipe are predicted as they arrive."""

import os
from itertools import chain

import pytest

from catnocat.benchmarks.inference.predict.sources import find_images
from catnocat.benchmarks.inference.predict.stream import MAX_BATCH, available_batches


def test_available_items_are_yielded_without_waiting():
    read_end, write_end = os.pipe()
    with os.fdopen(write_end, "wb", buffering=0) as write, os.fdopen(read_end, "rb") as read:
        batches = available_batches(find_images(["-"], read).names)
        write.write(b"a.jpg\n")
        assert next(batches) == [("a.jpg", "a.jpg")]
        write.write(b"b.jpg\n")
        assert next(batches) == [("b.jpg", "b.jpg")]
        write.close()
        assert list(batches) == []


def test_batches_are_bounded():
    batches = list(available_batches(range(5 * MAX_BATCH)))
    assert max(map(len, batches)) <= MAX_BATCH
    assert list(chain.from_iterable(batches)) == list(range(5 * MAX_BATCH))


def test_error_of_the_source_is_raised_after_earlier_items():
    def broken():
        yield 1
        raise OSError("the pipe broke")

    batches = available_batches(broken())
    assert next(batches) == [1]
    with pytest.raises(OSError, match="the pipe broke"):
        next(batches)
