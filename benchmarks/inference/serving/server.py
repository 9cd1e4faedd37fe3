"""The HTTP server: start, time limits of connections, and graceful shutdown."""

import asyncio
import ctypes
import ipaddress
import logging
import platform
import signal
import socket
from collections.abc import Callable, Iterable
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ...utils import InputError
from .limits import Limits
from .predictor import Predictor
from .security_middleware import SecurityMiddleware
from .service import create_app

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
