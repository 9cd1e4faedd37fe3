"""Limits of requests, and reading of uploaded images one by one while a request arrives.

Starlette's ``request.form()`` limits the number of files but not their size, reads the whole body
before the first file is available and writes files larger than 1 MB to disk. Therefore this module
uses the same parser, python-multipart, directly: with a limit per file, one file in memory at a
time, and nothing on disk.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

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
    catnocat.benchmarks.inference.serving.uploads.RequestError: 429: too many requests; try again
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


_MAX_NAME = 255
_MAX_OTHER_PARTS = 100  # parts of a form without a file
_MAX_HEADER_BYTES = 16_384  # of one part
_MAX_OVERHEAD_BYTES = 1_000_000  # boundaries and headers of a form


@dataclass(frozen=True)
class Upload:
    """A file as a client sent it; its name is only ever sent back, never used as a path."""

    name: str
    content: bytes


class MultipartReader:
    r"""Reader of the files in a form (multipart/form-data); other fields are ignored.

    Parameters
    ----------
    boundary : bytes
    max_files : int
    max_bytes : int
        Limit of each file, and of all other fields together.

    Examples
    --------
    >>> reader = MultipartReader(b"--b", max_files=1, max_bytes=100)
    >>> head = b'----b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    >>> reader.feed(head + b"con"), reader.feed(b"tent\r\n----b--\r\n")
    ([], [Upload(name='a.jpg', content=b'content')])
    >>> reader.close()
    """

    def __init__(self, boundary: bytes, max_files: int, max_bytes: int) -> None:
        self._max_files = max_files
        self._max_bytes = max_bytes
        self._n_files = 0
        self._other_bytes = 0
        self._n_parts = self._n_bytes = 0
        self._name: str | None = None
        self._content = bytearray()
        self._header = [b"", b""]
        self._complete: list[Upload] = []
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": lambda data, start, end: self._add_header(
                        0, data[start:end]
                    ),
                    "on_header_value": lambda data, start, end: self._add_header(
                        1, data[start:end]
                    ),
                    "on_header_end": self._end_header,
                    "on_part_data": self._add_content,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise _invalid_form(error) from None

    def feed(self, chunk: bytes) -> list[Upload]:
        """Parse a chunk of the body and return the files that it completes."""
        self._n_bytes += len(chunk)
        if self._n_bytes > (self._max_files + 1) * self._max_bytes + _MAX_OVERHEAD_BYTES:
            raise RequestError(413, "the form is too large")
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise _invalid_form(error) from None
        complete, self._complete = self._complete, []
        return complete

    def close(self) -> None:
        """Raise `RequestError` if the form is incomplete or has no file."""
        if not self._ended:
            raise RequestError(400, "the form is incomplete")
        if not self._n_files:
            raise RequestError(422, "the form contains no file")

    def _begin_part(self) -> None:
        self._name, self._content, self._header = None, bytearray(), [b"", b""]
        self._n_parts += 1
        if self._n_parts > self._max_files + _MAX_OTHER_PARTS:
            raise RequestError(413, "the form has too many parts")

    def _add_header(self, index: int, chunk: bytes) -> None:
        self._header[index] += chunk
        if len(self._header[index]) > _MAX_HEADER_BYTES:
            raise RequestError(400, "a header in the form is too long")

    def _end_header(self) -> None:
        field, value = self._header
        self._header = [b"", b""]
        if field.lower() == b"content-disposition":
            name = parse_options_header(value)[1].get(b"filename")
            if name is not None:
                self._n_files += 1
                if self._n_files > self._max_files:
                    raise RequestError(413, _too_many_files(self._max_files))
                self._name = name.decode("utf-8", "replace")[:_MAX_NAME]

    def _add_content(self, data: bytes, start: int, end: int) -> None:
        if self._name is None:
            self._other_bytes += end - start
            if self._other_bytes > self._max_bytes:
                raise RequestError(413, "the fields of the form without files are too large")
            return
        self._content += data[start:end]
        if len(self._content) > self._max_bytes:
            raise _too_large(self._max_bytes)

    def _end_part(self) -> None:
        if self._name is not None:
            self._complete.append(Upload(self._name, bytes(self._content)))
            self._content = bytearray()

    def _end(self) -> None:
        self._ended = True


def _too_many_files(max_files: int) -> str:
    if max_files == 1:
        return "only 1 file is allowed here; /api/batch accepts several"
    return f"at most {max_files} files are allowed in a request"


def _too_large(max_bytes: int) -> RequestError:
    return RequestError(413, f"an image file may have at most {max_bytes:,} bytes")


def _invalid_form(error: FormParserError) -> RequestError:
    return RequestError(400, f"invalid form (multipart/form-data): {error}")


FORM = b"multipart/form-data"
_RAW_TYPES = (b"image/", b"application/octet-stream")


async def read_uploads(request: Request, limits: Limits, max_files: int) -> AsyncIterator[Upload]:
    """Read the images that a client sends.

    The body is read only as far as the next image needs, so at most one image is in memory.

    Parameters
    ----------
    request : Request
    limits : Limits
    max_files : int

    Yields
    ------
    Upload

    Raises
    ------
    RequestError
    """
    content_type, options = parse_options_header(request.headers.get("content-type"))
    chunks = _read_chunks(request, limits.seconds)
    if content_type == FORM and options.get(b"boundary"):
        reader = MultipartReader(options[b"boundary"], max_files, limits.max_bytes)
        async for chunk in chunks:
            for upload in reader.feed(chunk):
                yield upload
        reader.close()
    elif content_type.startswith(_RAW_TYPES):
        yield await _read_raw(chunks, limits.max_bytes)
    else:
        raise RequestError(
            415,
            "send a form (multipart/form-data) with a file, or the bytes of an image as image/jpeg,"
            " image/png, ... or application/octet-stream",
        )


async def _read_raw(chunks: AsyncIterator[bytes], max_bytes: int) -> Upload:
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > max_bytes:
            raise _too_large(max_bytes)
    return Upload("", bytes(content))


async def _read_chunks(request: Request, seconds: float) -> AsyncIterator[bytes]:
    """Yield the chunks of a body; the time limit counts only the time of waiting for them."""
    stream = aiter(request.stream())
    while True:
        start = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise RequestError(408, "the request did not arrive in time") from None
        except ClientDisconnect:
            raise RequestError(400, "the client disconnected") from None
        seconds -= time.monotonic() - start
        yield chunk
