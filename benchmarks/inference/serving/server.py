"""A service on a socket: started, watched and stopped with care."""

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
from .security_middleware import Guard
from .service import make_service

#: Open connections at once; nearly all of them idle, for what they may ask for is counted apart.
_CONNECTIONS = 256
_HEAD_SECONDS = 10.0
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


def serve(
    predictor: Predictor,
    name: str,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    token: str | None = None,
    names: Iterable[str] = (),
    limits: Limits | None = None,
    started: Callable[[str], Any] | None = None,
) -> None:
    """Serve a model until SIGINT or SIGTERM; requests that are under way are then finished.

    Parameters
    ----------
    predictor : Predictor
        Any number of threads call it.
    name : str
        What the page calls it.
    host : str
        The address to listen at.
    port : int
        0 takes any that is free.
    token : str, optional
        What clients of the API have to send as ``Authorization: Bearer TOKEN``.
    names : iterable of str
        Further host names by which the service is called, such as that of a proxy before it.
    limits : Limits, optional
    started : callable, optional
        Called with the service's address once it listens.

    Raises
    ------
    InputError
        When the address cannot be listened at.
    """
    # Broken forms are told to those who send them.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    listening = listen(host, port)
    server = make_server(listening, predictor, name, host, token, names, limits, started)
    # The server passes a signal on to whoever was there before it, once it has stopped: to nobody.
    before = {one: signal.signal(one, _ignore) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        with listening:
            server.run(sockets=[listening])
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def make_server(
    listening: socket.socket,
    predictor: Predictor,
    name: str,
    host: str = "127.0.0.1",
    token: str | None = None,
    names: Iterable[str] = (),
    limits: Limits | None = None,
    started: Callable[[str], Any] | None = None,
) -> uvicorn.Server:
    """Make the server that `serve` runs."""
    limits = limits or Limits()
    names = tuple(names)
    hosts = [host, *_LOOPBACK_NAMES, *names] if names or is_loopback(host) else None
    config = uvicorn.Config(
        Guard(make_service(predictor, name, limits), hosts=hosts, token=token),
        http=_PatientProtocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=int(limits.seconds) + 1,
    )
    address = f"[{host}]" if ":" in host else host
    url = f"http://{address}:{listening.getsockname()[1]}/"
    return _Server(config, lambda: started and started(url))


def is_loopback(host: str) -> bool:
    """Say whether an address can be reached from this machine only.

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
    """Tells when it has started."""

    def __init__(self, config: uvicorn.Config, tell: Callable[[], Any]) -> None:
        super().__init__(config)
        self._tell = tell

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._tell()


class _PatientProtocol(H11Protocol):
    """HTTP, with little patience for a request whose head does not come to its end."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._forget()
        elif self._timer is None:
            self._timer = self.loop.call_later(_HEAD_SECONDS, self.transport.close)

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def listen(host: str, port: int) -> socket.socket:
    """Open a socket; an `InputError` says why that cannot be done."""
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=_CONNECTIONS)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        advice = "choose another with --port, or --port 0 for any that is free"
        raise InputError(f"cannot listen at {host}:{port} ({reason}); {advice}") from None


def _ignore(number: int, frame: Any) -> None:
    pass


# From glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE = 1 << 18


def keep_heap_small() -> bool:
    """Have decoded pictures given back to the system as soon as they are let go.

    When a large block is freed, glibc takes blocks up to that size from its heaps from then on, of
    which every thread has its own. Small things that live on settle between pictures of many
    sizes there, and the holes are never given back. A bound that is named is not moved. Other C
    libraries have no such habit.

    Returns
    -------
    bool
        Whether there was something to set.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    settings = {_M_MMAP_THRESHOLD: _LARGE, _M_TRIM_THRESHOLD: 2 * _LARGE}
    return all(mallopt(name, value) == 1 for name, value in settings.items())
