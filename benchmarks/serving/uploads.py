"""Pictures out of a request's body, one after the other, while it comes in."""

import asyncio
import time
from collections.abc import AsyncIterator

from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request

from .form import Form, Picture
from .limits import Limits
from .refusals import Refusal

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
