"""The HTTP server: checks of each request, time limits of connections, and graceful shutdown.

Starlette's TrustedHostMiddleware is not used: the older versions that pyproject.toml allows do not
parse IPv6 addresses such as ``[::1]:8000``, and it sends status 400 in plain text, not 421 in JSON.
"""

import asyncio
import ctypes
import hashlib
import hmac
import ipaddress
import logging
import platform
import re
import signal
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import h11
import uvicorn
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from ...utils import InputError
from .predictor import Predictor
from .service import create_app
from .uploads import Limits

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


#: Open connections, most of them idle; requests that are processed have a limit of their own.
_MAX_CONNECTIONS = 256
_HEADER_SECONDS = 10.0
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


def serve(
    predictor: Predictor,
    name: str,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    token: str | None = None,
    allowed_hosts: Iterable[str] = (),
    limits: Limits | None = None,
    on_start: Callable[[str], Any] | None = None,
) -> None:
    """Serve a model until SIGINT or SIGTERM; requests in progress are then finished.

    Parameters
    ----------
    predictor : Predictor
        Called by several threads.
    name : str
        The name of the model on the page.
    host : str
        The address to listen on.
    port : int
        0 selects a free port.
    token : str, optional
        The token that clients of the API must send as ``Authorization: Bearer TOKEN``.
    allowed_hosts : iterable of str
        Further host names of the service, such as that of a reverse proxy.
    limits : Limits, optional
    on_start : callable, optional
        Called with the URL of the service when it listens.

    Raises
    ------
    InputError
        If the address is not available.
    """
    # Malformed forms are reported to their senders, not in the log.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    listener = listen(host, port)
    server = create_server(listener, predictor, name, host, token, allowed_hosts, limits, on_start)
    # After it has stopped, uvicorn raises the signal again for the previous handler: ignore that.
    handlers = {
        number: signal.signal(number, _ignore) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        with listener:
            server.run(sockets=[listener])
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def create_server(
    listener: socket.socket,
    predictor: Predictor,
    name: str,
    host: str = "127.0.0.1",
    token: str | None = None,
    allowed_hosts: Iterable[str] = (),
    limits: Limits | None = None,
    on_start: Callable[[str], Any] | None = None,
) -> uvicorn.Server:
    """Create the server that `serve` runs."""
    limits = limits or Limits()
    names = tuple(allowed_hosts)
    hosts = [host, *_LOOPBACK_NAMES, *names] if names or is_loopback(host) else None
    config = uvicorn.Config(
        SecurityMiddleware(create_app(predictor, name, limits), hosts=hosts, token=token),
        http=_HeaderTimeoutProtocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=int(limits.seconds) + 1,
    )
    address = f"[{host}]" if ":" in host else host
    url = f"http://{address}:{listener.getsockname()[1]}/"
    return _Server(config, lambda: on_start and on_start(url))


def is_loopback(host: str) -> bool:
    """Return whether an address can be reached from this machine only.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class _Server(uvicorn.Server):
    """uvicorn's server with a callback when it has started."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], Any]) -> None:
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()


class _HeaderTimeoutProtocol(H11Protocol):
    """HTTP with a time limit for the header of a request."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._update_timer()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._update_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_timer()
        super().connection_lost(exc)

    def _update_timer(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._cancel_timer()
        elif self._timer is None:
            self._timer = self.loop.call_later(_HEADER_SECONDS, self.transport.close)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket; raise `InputError` if the address is not available."""
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=_MAX_CONNECTIONS)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        advice = "choose another port with --port, or a free one with --port 0"
        raise InputError(f"cannot listen on {host}:{port} ({reason}); {advice}") from None


def _ignore(number: int, frame: Any) -> None:
    pass


# From glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_MMAP_BYTES = 1 << 18


def tune_malloc() -> bool:
    """Make glibc return the memory of decoded images to the system as soon as they are freed.

    By default, glibc raises its mmap threshold when a large block is freed, and then allocates
    blocks of that size in heaps, one per thread. Small objects that stay alive between images of
    many sizes fragment these heaps, and their memory is never returned. A fixed threshold is not
    raised. Other C libraries do not need this.

    Returns
    -------
    bool
        Whether the thresholds were set.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    settings = {_M_MMAP_THRESHOLD: _MMAP_BYTES, _M_TRIM_THRESHOLD: 2 * _MMAP_BYTES}
    return all(mallopt(name, value) == 1 for name, value in settings.items())
