"""Attacks on the service: slow, endless, malformed and foreign requests (`make load-test`).

Each attack runs against a service in another process. Afterwards, the service must predict an
image as before. The table states what was sent, the statuses of the responses, and the peak memory
of the service.
"""

import argparse
import http.client
import io
import signal
import socket
import struct
import subprocess
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from .command import run_measurement
from .load_test import fit_default_model, start_service

Address = tuple[str, int]
Statuses = Counter[int]
#: A connection that the service closes without a response.
CLOSED = 0
_TIMEOUT = 60.0
_BLOCK = 1 << 16
_POST = "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {type}\r\n"
_FORM = "multipart/form-data; boundary=b"
_PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'


def send_raw(address: Address, head: str, body: Sequence[bytes] = (), *, pause: float = 0.0) -> int:
    """Send bytes until the service responds or closes the connection; return the status."""
    with socket.create_connection(address, timeout=_TIMEOUT) as connection:
        with suppress(ConnectionError):
            connection.sendall(head.encode("latin-1"))
            for piece in body:
                connection.sendall(piece)
                if pause and _is_readable(connection, pause):
                    break
        try:
            line = connection.makefile("rb").readline()
        except ConnectionError:
            return CLOSED
    return int(line.split()[1]) if line.startswith(b"HTTP/1.1 ") else CLOSED


def _is_readable(connection: socket.socket, seconds: float) -> bool:
    connection.settimeout(seconds)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK)) or True
    except TimeoutError:
        return False
    finally:
        connection.settimeout(_TIMEOUT)


def _head(address: Address, kind: str, path: str = "/api/predict") -> str:
    return _POST.format(path=path, host=f"{address[0]}:{address[1]}", type=kind)


def slow_clients(address: Address, count: int) -> Statuses:
    """Send a header, or a body, one byte at a time."""
    body_head = _head(address, "image/png") + "Content-Length: 100000\r\n\r\n"
    statuses: Statuses = Counter()

    def attack(number: int) -> None:
        head = body_head if number % 2 else ""
        pieces = [b"P"] * 100_000
        statuses[send_raw(address, head, pieces, pause=0.05)] += 1

    _run_parallel(attack, min(count, 64))
    return statuses


def endless_bodies(address: Address, count: int) -> Statuses:
    """Send chunked bodies without an end: a raw image, a file of a form, and a form's header."""
    chunk = b"%x\r\n%s\r\n" % (_BLOCK, b"x" * _BLOCK)
    starts = {
        "image/png": b"",
        _FORM: _PART,
        f"{_FORM}; x=1": b"--b\r\nContent-Disposition: ",
    }
    statuses: Statuses = Counter()
    for _ in range(max(1, count // 10)):
        for kind, start in starts.items():
            head = _head(address, kind) + "Transfer-Encoding: chunked\r\n\r\n"
            first = [b"%x\r\n%s\r\n" % (len(start), start)] if start else []
            statuses[send_raw(address, head, [*first, *[chunk] * 2000])] += 1
    return statuses


def many_parts(address: Address, count: int) -> Statuses:
    """Send a form of thousands of empty parts, and one of thousands of empty files."""
    field = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n'
    statuses: Statuses = Counter()
    for part in (field, _PART + b"\r\n"):
        body = part * (200 * count) + b"--b--\r\n"
        head = _head(address, _FORM, "/api/batch") + f"Content-Length: {len(body)}\r\n\r\n"
        statuses[send_raw(address, head, [body])] += 1
    return statuses


def wrong_lengths(address: Address, count: int) -> Statuses:
    """Send bodies whose declared length is wrong, negative, huge, doubled or contradictory."""
    image = _png(8, 8)
    headers = (
        f"Content-Length: {len(image) - 10}\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 99999999999999999999\r\n",
        f"Content-Length: {len(image)}\r\nContent-Length: 3\r\n",
        f"Content-Length: {len(image)}\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip\r\n",
    )
    statuses: Statuses = Counter()
    for _ in range(max(1, count // 10)):
        for header in headers:
            head = _head(address, "image/png") + f"{header}Connection: close\r\n\r\n"
            statuses[send_raw(address, head, [image, b"\r\n\r\n"])] += 1
    return statuses


def decompression_bombs(address: Address, count: int) -> Statuses:
    """Send small files that declare or expand to very large images or texts."""
    bombs = [
        _png(60_000, 60_000, rows=1),
        _png(8, 8, text_bytes=500_000_000),
        b"P6 60000 60000 255\n" + bytes(100),
        b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\x00\x00\x00,",
        b"BM" + struct.pack("<IHHIIiiHH", 100, 0, 0, 54, 40, 60_000, 60_000, 1, 24) + bytes(60),
    ]
    statuses: Statuses = Counter()
    for _ in range(max(1, count // 10)):
        for bomb in bombs:
            statuses[post(address, bomb)] += 1
    return statuses


def foreign_pages(address: Address, count: int) -> Statuses:
    """Send requests as a browser sends them for pages of other sites, or by another host name."""
    image = _png(8, 8)
    foreign: tuple[dict[str, str], ...] = (
        {"Host": "evil.example"},
        {"Host": f"evil.example:{address[1]}"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://127.0.0.1:{address[1] + 1}"},
        {"Sec-Fetch-Site": "cross-site"},
    )
    statuses: Statuses = Counter()
    for _ in range(max(1, count // 10)):
        for headers in foreign:
            statuses[post(address, image, headers)] += 1
    return statuses


def large_images(address: Address, count: int) -> Statuses:
    """Send images of some megabytes from 32 clients at once."""
    noise = np.random.default_rng(0).integers(0, 256, (1100, 1500, 3), dtype=np.uint8)
    content = io.BytesIO()
    Image.fromarray(noise).save(content, "PNG")  # about 5 MB
    statuses: Statuses = Counter()

    def attack(number: int) -> None:
        for _ in range(max(1, count // 32)):
            statuses[post(address, content.getvalue())] += 1

    _run_parallel(attack, 32)
    return statuses


#: Each attack, and the statuses that are allowed.
ATTACKS: dict[Callable[[Address, int], Statuses], set[int]] = {
    slow_clients: {408, 429, CLOSED},
    endless_bodies: {400, 413, CLOSED},
    many_parts: {413},
    wrong_lengths: {200, 400, 408, 413, 422, 501, CLOSED},
    decompression_bombs: {413, 415, 422},
    foreign_pages: {403, 421},
    large_images: {200, 408, 429, 503},
}


def post(address: Address, content: bytes, headers: dict[str, str] | None = None) -> int:
    """Send an image; return the status, or `CLOSED`."""
    connection = http.client.HTTPConnection(*address, timeout=_TIMEOUT)
    try:
        connection.request(
            "POST", "/api/predict", content, {"Content-Type": "image/png", **(headers or {})}
        )
        response = connection.getresponse()
        response.read()
        return response.status
    except (ConnectionError, http.client.HTTPException):
        return CLOSED
    finally:
        connection.close()


def _png(width: int, height: int, *, rows: int | None = None, text_bytes: int = 0) -> bytes:
    """Return a black PNG, optionally with few of its rows or with a compressed text."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    pixels = zlib.compress((b"\0" + bytes(3 * width)) * (height if rows is None else rows))
    text = chunk(b"zTXt", b"x\0\0" + _compressed_zeros(text_bytes)) if text_bytes else b""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + text + chunk(b"IDAT", pixels)) + chunk(
        b"IEND", b""
    )


def _compressed_zeros(count: int) -> bytes:
    compressor, block = zlib.compressobj(9), bytes(1_000_000)
    pieces = [compressor.compress(block) for _ in range(count // len(block))]
    return b"".join([*pieces, compressor.flush()])


def _run_parallel(attack: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=attack, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def restart(model: Path, count: int) -> Statuses:
    """Stop a service with SIGTERM while clients send images, and start it on the same port."""
    statuses: Statuses = Counter()
    port = 0
    for _ in range(max(1, min(3, count // 10))):
        with start_service(model, port) as (process, address):
            port, image = address[1], _png(64, 64)
            statuses[post(address, image)] += 1
            threads = [
                threading.Thread(target=lambda: post(address, image), daemon=True)  # noqa: B023
                for _ in range(8)
            ]
            for thread in threads:
                thread.start()
            process.send_signal(signal.SIGTERM)
            for thread in threads:
                thread.join()
            if code := process.wait(_TIMEOUT):
                statuses[-code] += 1
    return statuses


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the attacks and print the table; return 1 if the service did not survive one."""
    parser = argparse.ArgumentParser(
        prog="python -m catnocat.benchmarks.experiments.attacks", description=__doc__
    )
    parser.add_argument("model", type=Path, nargs="?", help="by default one fitted on drawn scenes")
    parser.add_argument("--count", type=int, default=100, help="scale of attacks [%(default)s]")
    return run_measurement(parser, _measure, arguments)


def _measure(arguments: argparse.Namespace) -> int:
    model = arguments.model or fit_default_model()
    print("| attack | statuses | survived | peak memory | seconds |\n|---|---|---|--:|--:|")
    failures = 0
    for attack, allowed in ATTACKS.items():
        with start_service(model) as (process, address):
            post(address, _png(64, 64))
            start = time.perf_counter()
            statuses = attack(address, arguments.count)
            seconds = time.perf_counter() - start
            survived = set(statuses) <= allowed and post(address, _png(64, 64)) == 200
            peak = _peak_memory(process)
        _print_row(attack.__doc__, statuses, survived, peak, seconds)
        failures += not survived
    start = time.perf_counter()
    statuses = restart(model, arguments.count)
    survived = set(statuses) == {200}
    _print_row(restart.__doc__, statuses, survived, None, time.perf_counter() - start)
    return 1 if failures or not survived else 0


def _print_row(
    text: str | None, statuses: Statuses, survived: bool, peak: float | None, seconds: float
) -> None:
    listed = ", ".join(
        f"{count:,} x {'closed' if status == CLOSED else status}"
        for status, count in sorted(statuses.items())
    )
    memory = "" if peak is None else f"{peak:,.0f} MB"
    print(
        f"| {(text or '').rstrip('.')} | {listed} | {'yes' if survived else 'NO'} | {memory} |"
        f" {seconds:.0f} |",
        flush=True,
    )


def _peak_memory(process: "subprocess.Popen[str]") -> float | None:
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return None
    return float(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    raise SystemExit(main())
