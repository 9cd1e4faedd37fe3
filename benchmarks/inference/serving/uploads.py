"""Pictures out of a request's body, one after the other, while it comes in."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from .limits import Limits, Refusal

_LONGEST_NAME = 255


@dataclass(frozen=True)
class Picture:
    """A file as a client sent it; its name is only ever told back."""

    name: str
    content: bytes


class Form:
    r"""Takes the files out of a form (multipart/form-data); other fields are passed over.

    Parameters
    ----------
    boundary : bytes
    most : int
        So many files at most.
    most_bytes : int
        In each of them, and in all the rest of the form.

    Examples
    --------
    >>> form = Form(b"--b", most=1, most_bytes=100)
    >>> head = b'----b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    >>> form.feed(head + b"con"), form.feed(b"tent\r\n----b--\r\n")
    ([], [Picture(name='a.jpg', content=b'content')])
    >>> form.close()
    """

    def __init__(self, boundary: bytes, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._count = 0
        self._rest = 0  # bytes of what is no file
        self._name: str | None = None
        self._content = bytearray()
        self._header = [b"", b""]
        self._complete: list[Picture] = []
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": lambda data, start, end: self._head(0, data[start:end]),
                    "on_header_value": lambda data, start, end: self._head(1, data[start:end]),
                    "on_header_end": self._header_end,
                    "on_part_data": self._data,
                    "on_part_end": self._part_end,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise _no_form(error) from None

    def feed(self, chunk: bytes) -> list[Picture]:
        """Give the files that a piece completes."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise _no_form(error) from None
        complete, self._complete = self._complete, []
        return complete

    def close(self) -> None:
        """Say that nothing more comes; a `Refusal` when that is too early or there was no file."""
        if not self._ended:
            raise Refusal(400, "the form breaks off")
        if not self._count:
            raise Refusal(422, "there is no file in the form")

    def _begin(self) -> None:
        self._name, self._content, self._header = None, bytearray(), [b"", b""]

    def _head(self, part: int, piece: bytes) -> None:
        self._header[part] += piece

    def _header_end(self) -> None:
        field, value = self._header
        self._header = [b"", b""]
        if field.lower() == b"content-disposition":
            name = parse_options_header(value)[1].get(b"filename")
            if name is not None:
                self._count += 1
                if self._count > self._most:
                    raise Refusal(413, _too_many(self._most))
                self._name = name.decode("utf-8", "replace")[:_LONGEST_NAME]

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._name is None:
            self._rest += end - start
            if self._rest > self._most_bytes:
                raise Refusal(413, "there is too much in the form besides files")
            return
        self._content += data[start:end]
        if len(self._content) > self._most_bytes:
            raise Refusal(413, f"a picture may have {self._most_bytes:,} bytes")

    def _part_end(self) -> None:
        if self._name is not None:
            self._complete.append(Picture(self._name, bytes(self._content)))
            self._content = bytearray()

    def _end(self) -> None:
        self._ended = True


def _too_many(most: int) -> str:
    if most == 1:
        return "this takes 1 file; /api/batch takes several"
    return f"a request may have {most} files"


def _no_form(error: FormParserError) -> Refusal:
    return Refusal(400, f"this is no form (multipart/form-data): {error}")


FORM = b"multipart/form-data"
_RAW = (b"image/", b"application/octet-stream")


async def pictures(request: Request, limits: Limits, most: int) -> AsyncIterator[Picture]:
    """Give the pictures that a client sends.

    No more of the body is read than the next picture needs, so that what is in memory is one
    picture, however many there are.

    Parameters
    ----------
    request : Request
    limits : Limits
    most : int
        So many pictures at most.

    Yields
    ------
    Picture

    Raises
    ------
    Refusal
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    chunks = _chunks(request, limits.seconds)
    if kind == FORM and options.get(b"boundary"):
        form = Form(options[b"boundary"], most, limits.picture_bytes)
        async for chunk in chunks:
            for picture in form.feed(chunk):
                yield picture
        form.close()
    elif kind.startswith(_RAW):
        yield await _raw(chunks, limits.picture_bytes)
    else:
        raise Refusal(
            415,
            "send a form (multipart/form-data) with a file, or a picture's bytes as image/jpeg,"
            " image/png, ... or application/octet-stream",
        )


async def _raw(chunks: AsyncIterator[bytes], most_bytes: int) -> Picture:
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > most_bytes:
            raise Refusal(413, f"a picture may have {most_bytes:,} bytes")
    return Picture("", bytes(content))


async def _chunks(request: Request, seconds: float) -> AsyncIterator[bytes]:
    """Give a body piece by piece; what counts is the time that was spent on waiting for it."""
    stream = aiter(request.stream())
    while True:
        began = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Refusal(408, "the request did not come in in time") from None
        except ClientDisconnect:
            raise Refusal(400, "the request broke off") from None
        seconds -= time.monotonic() - began
        yield chunk
