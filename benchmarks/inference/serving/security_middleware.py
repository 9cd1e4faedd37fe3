"""Checks of each request's origin and token, and security headers of each response.

Starlette's TrustedHostMiddleware is not used: the older versions that pyproject.toml allows do not
parse IPv6 addresses such as ``[::1]:8000``, and it sends status 400 in plain text, not 421 in JSON.
"""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Iterable
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Only scripts, styles and images of this service are allowed, and no inline ones.
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\[\]:]+)(?::\d*)?")
# How much of a rejected request is still read: a client that is disconnected while it sends may
# never read the response.
_DRAIN_SECONDS = 3.0
_DRAIN_BYTES = 64_000_000


class SecurityMiddleware:
    """Middleware that rejects foreign requests and adds security headers to all responses.

    Parameters
    ----------
    app : ASGI application
    hosts : iterable of str, optional
        Allowed host names; all by default. This prevents DNS rebinding, where a web page makes its
        own host name resolve to this machine.
    token : str, optional
        The token that clients of the API must send.
    """

    def __init__(
        self, app: ASGIApp, hosts: Iterable[str] | None = None, token: str | None = None
    ) -> None:
        self.app = app
        self._hosts = None if hosts is None else {host.lower().strip("[]") for host in hosts}
        self._token = None if token is None else _digest(token.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        app = self._rejection(scope, Headers(scope=scope)) or self.app
        await app(scope, exchange.receive, exchange.send)

    def _rejection(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        host = headers.get("host", "")
        if self._hosts is not None and _host_name(host) not in self._hosts:
            return _error(421, "this service does not have that host name")
        if _is_cross_site(headers, host) and not _is_navigation(scope, headers):
            return _error(403, "pages of other sites may not use this service")
        if self._token is None or not scope["path"].startswith("/api/"):
            return None
        if hmac.compare_digest(self._token, _digest(_bearer_token(headers))):
            return None
        challenge = {"www-authenticate": "Bearer"}
        return _error(401, "a token is required: Authorization: Bearer TOKEN", challenge)


class _Exchange:
    """One request and its response."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        self._receive, self._send = receive, send
        self._expects_continue = "expect" in headers
        self._complete = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._expects_continue = False
        self._complete = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
            if message["status"] != 408:  # that client was already too slow
                await self._drain()
            if not self._complete:
                headers["connection"] = "close"
        await self._send(message)

    async def _drain(self) -> None:
        """Read the rest of the body, within limits; the next request follows after it."""
        left = _DRAIN_BYTES
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                while left > 0 and not self._complete and not self._expects_continue:
                    left -= len((await self.receive()).get("body", b""))


def _host_name(host: str) -> str | None:
    match = _HOST.fullmatch(host)
    return match and match[1].lower().strip("[]")


def _is_cross_site(headers: Headers, host: str) -> bool:
    """Return whether a browser sends the request for a page of another site."""
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2].lower() != host.lower():
        return True
    return headers.get("sec-fetch-site") == "cross-site"


def _is_navigation(scope: Scope, headers: Headers) -> bool:
    """Return whether the request follows a link, which is harmless."""
    return scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"


def _bearer_token(headers: Headers) -> bytes:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip().encode("latin-1") if scheme.lower() == "bearer" else b""


def _digest(secret: bytes) -> bytes:
    # Of constant length, so that the time of a comparison does not reveal the secret's length.
    return hashlib.sha256(secret).digest()


def _error(status: int, reason: str, headers: dict[str, str] | None = None) -> ASGIApp:
    return JSONResponse({"error": reason}, status, headers)
