"""Limits of requests, and the HTTP errors of requests beyond them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields

from starlette.exceptions import HTTPException

from ....features import UnreadableImage
from ...utils import InputError


@dataclass(frozen=True)
class Limits:
    """Limits of what clients may request, so that no client can exhaust the machine.

    Parameters
    ----------
    megabytes : float
        Size of one image file.
    megapixels : float
        Size of one image.
    files : int
        Files in one request.
    requests : int
        Requests with images that are processed at the same time; further ones get status 429.
    seconds : float
        Time to receive a request, and again to answer it.

    Examples
    --------
    >>> Limits().max_bytes
    20000000
    >>> Limits(files=0)
    Traceback (most recent call last):
    ...
    catnocat.benchmarks.utils.errors.InputError: the limit of files must be more than 0, not 0
    """

    megabytes: float = 20.0
    megapixels: float = 50.0
    files: int = 32
    requests: int = 16
    seconds: float = 30.0

    def __post_init__(self) -> None:
        for field in fields(self):
            if not (value := getattr(self, field.name)) > 0:
                raise InputError(f"the limit of {field.name} must be more than 0, not {value}")

    @property
    def max_bytes(self) -> int:
        """Maximum size of one image file in bytes."""
        return int(self.megabytes * 1e6)

    @property
    def max_pixels(self) -> int:
        """Maximum number of pixels of one image."""
        return int(self.megapixels * 1e6)


# By the reason in UnreadableImage; all other reasons mean a broken image.
_STATUS_BY_REASON = (
    (re.compile("pixels"), 413),
    (re.compile("known format"), 415),
    (re.compile("memory"), 503),
)


class RequestError(HTTPException):
    """An HTTP error with a reason in one line; header names have ``_`` for ``-``."""

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(status, reason, names or None)


def unreadable_image_error(error: UnreadableImage) -> RequestError:
    """Return the HTTP error for an image that cannot be read.

    Examples
    --------
    >>> unreadable_image_error(UnreadableImage("", "not an image in a known format")).status_code
    415
    >>> unreadable_image_error(UnreadableImage("", "the file is empty")).status_code
    422
    """
    matches = (status for pattern, status in _STATUS_BY_REASON if pattern.search(error.reason))
    status = next(matches, 422)
    headers = {"Retry_After": "1"} if status == 503 else {}
    return RequestError(status, error.reason, **headers)


class ConcurrencyLimit:
    """Limit of requests that are processed at the same time; others are rejected, not queued.

    uvicorn's ``limit_concurrency`` counts all connections, idle ones and those of ``/health``
    included, so it only bounds the number of connections, see server.py.

    Examples
    --------
    >>> limit = ConcurrencyLimit(1)
    >>> with limit.acquire():
    ...     with limit.acquire():
    ...         pass
    Traceback (most recent call last):
    ...
    catnocat.benchmarks.inference.serving.limits.RequestError: 429: too many requests; try again
    """

    def __init__(self, max_requests: int) -> None:
        self._max_requests = max_requests
        self._active = 0

    @contextmanager
    def acquire(self) -> Iterator[None]:
        """Count a request while it is processed; raise `RequestError` above the limit."""
        if self._active >= self._max_requests:
            raise RequestError(429, "too many requests; try again", Retry_After="1")
        self._active += 1
        try:
            yield
        finally:
            self._active -= 1
