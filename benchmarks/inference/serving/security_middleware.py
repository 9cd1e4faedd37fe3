"""What every request passes before it is looked at, and every answer on its way out."""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Iterable
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Own scripts, styles and pictures, and nothing else: not even of the page's own text.
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
# How much longer a client that was refused is listened to: one that is cut off in the middle of
# sending may never read why.
_PATIENCE_SECONDS = 3.0
_PATIENCE_BYTES = 64_000_000


class Guard:
    """Refuses strangers, and sees to it that all answers are sent with the same care.

    Parameters
    ----------
    app : ASGI application
    hosts : iterable of str, optional
        The names by which the service may be called; any if not given. A web page that gave its
        own name this machine's address would come with another one.
    token : str, optional
        What a client of the API has to know.
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
        conversation = _Conversation(scope, receive, send)
        app = self._refusal(scope, Headers(scope=scope)) or self.app
        await app(scope, conversation.receive, conversation.send)

    def _refusal(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        host = headers.get("host", "")
        if self._hosts is not None and _name(host) not in self._hosts:
            return _answer(421, "this service is not called by that name")
        if _is_foreign(headers, host) and not _is_link(scope, headers):
            return _answer(403, "pages of other sites may not use this service")
        if self._token is None or not scope["path"].startswith("/api/"):
            return None
        if hmac.compare_digest(self._token, _digest(_bearer(headers))):
            return None
        challenge = {"www-authenticate": "Bearer"}
        return _answer(401, "a token is needed: Authorization: Bearer TOKEN", challenge)


class _Conversation:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        self._receive, self._send = receive, send
        self._expects_go_ahead = "expect" in headers
        self._complete = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._expects_go_ahead = False
        self._complete = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
            if message["status"] != 408:  # there, patience is at its end
                await self._hear_out()
            if not self._complete:
                headers["connection"] = "close"
        await self._send(message)

    async def _hear_out(self) -> None:
        """Let the client finish, within reason; the next request comes after this one's body."""
        left = _PATIENCE_BYTES
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while left > 0 and not self._complete and not self._expects_go_ahead:
                    left -= len((await self.receive()).get("body", b""))


def _name(host: str) -> str | None:
    found = _HOST.fullmatch(host)
    return found and found[1].lower().strip("[]")


def _is_foreign(headers: Headers, host: str) -> bool:
    """Say whether a browser sends this for the page of another site."""
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2].lower() != host.lower():
        return True
    return headers.get("sec-fetch-site") == "cross-site"


def _is_link(scope: Scope, headers: Headers) -> bool:
    """Say whether somebody follows a link, which does nobody harm."""
    return scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"


def _bearer(headers: Headers) -> bytes:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip().encode("latin-1") if scheme.lower() == "bearer" else b""


def _digest(secret: bytes) -> bytes:
    # Of one length, so that a comparison does not tell how long the secret is.
    return hashlib.sha256(secret).digest()


def _answer(status: int, reason: str, headers: dict[str, str] | None = None) -> ASGIApp:
    return JSONResponse({"error": reason}, status, headers)
