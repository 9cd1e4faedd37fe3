"""Pictures that somebody is still naming are not waited for."""

import os
from itertools import chain

import pytest

from catnocat.benchmarks.inference.predict.sources import pictures_meant
from catnocat.benchmarks.inference.predict.stream import MOST, arriving


def test_what_has_come_is_given_before_more_comes():
    end, beginning = os.pipe()
    with os.fdopen(beginning, "wb", buffering=0) as write, os.fdopen(end, "rb") as read:
        some = arriving(pictures_meant(["-"], read).names)
        write.write(b"a.jpg\n")
        assert next(some) == [("a.jpg", "a.jpg")]
        write.write(b"b.jpg\n")
        assert next(some) == [("b.jpg", "b.jpg")]
        write.close()
        assert list(some) == []


def test_no_batch_is_too_large():
    batches = list(arriving(range(5 * MOST)))
    assert max(map(len, batches)) <= MOST
    assert list(chain.from_iterable(batches)) == list(range(5 * MOST))


def test_an_error_on_the_way_is_told_after_what_came_before():
    def broken():
        yield 1
        raise OSError("the pipe broke")

    batches = arriving(broken())
    assert next(batches) == [1]
    with pytest.raises(OSError, match="the pipe broke"):
        next(batches)
