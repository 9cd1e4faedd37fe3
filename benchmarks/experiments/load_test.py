"""Load test of the service: concurrent requests with images and invalid content (`make load-test`).

Each response is compared with the prediction of the model in this process. Invalid content must be
refused with an error message.
"""

import argparse
import http.client
import io
import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from .command import run_measurement

_SIDES = (64, 200, 320, 640, 640, 1280, 2000)
_FORMATS = ("JPEG", "JPEG", "JPEG", "PNG", "WEBP")


def make_images(paths: Sequence[Path], count: int, seed: int = 0) -> list[bytes]:
    """Return photographs as encoded files of many sizes and formats, all different.

    Parameters
    ----------
    paths : sequence of Path
        Source photographs. Default: those of scikit-learn.
    count : int
    seed : int

    Examples
    --------
    >>> images = make_images([], 3)
    >>> len(images), len(set(images))
    (3, 3)
    """
    rng = np.random.default_rng(seed)
    sources = list(paths) or _sample_photographs()
    return [_make_variant(sources[number % len(sources)], rng) for number in range(count)]


def make_invalid_files(image: bytes) -> list[bytes]:
    """Return file contents that are not readable images."""
    huge_header = b"P6 60000 60000 255\n" + bytes(100)
    return [
        b"",
        b"hello",
        bytes(range(256)) * 40,
        b"%PDF-1.7\n" + bytes(1000),
        image[: len(image) // 2],
        image[:20],
        huge_header,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        bytes(25_000_000),
    ]


def _make_variant(path: Path, rng: np.random.Generator) -> bytes:
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    side = int(rng.choice(_SIDES)) + int(rng.integers(0, 40))
    scale = side / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    format = str(rng.choice(_FORMATS))
    image = image.resize((width, height)).rotate(int(rng.integers(0, 8)))
    content = io.BytesIO()
    image.save(
        content, format, **({} if format == "PNG" else {"quality": int(rng.integers(60, 95))})
    )
    return content.getvalue()


def _sample_photographs() -> list[Path]:
    import sklearn.datasets

    folder = Path(sklearn.datasets.__file__).parent / "images"
    return [folder / "china.jpg", folder / "flower.jpg"]


_N_IMAGES = 24  # different images; each is sent many times
_TOLERANCE = 1e-6
_MAX_INCREASE_MB = 64.0  # from the first request to the last quarter
_MAX_LEAK_MB = 16.0  # from the second quarter to the last, if there are enough requests
_MIN_REQUESTS_FOR_LEAK = 1000
_N_MEMORY_SAMPLES = 200
_N_REPORTED_SAMPLES = 13


@dataclass
class _Measurements:
    """Measurements of all clients."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def load_test(
    model: Path,
    photos: Sequence[Path] = (),
    *,
    clients: int = 4,
    requests: int = 2000,
    invalid_share: float = 0.05,
    seed: int = 0,
) -> dict[str, Any]:
    """Start a service, send images and invalid files, and check each response.

    Parameters
    ----------
    model : Path
        Model file.
    photos : sequence of Path
        Source photographs. Default: those of scikit-learn.
    clients : int
        Number of concurrent clients.
    requests : int
    invalid_share : float
    seed : int

    Returns
    -------
    dict
        ``requests``, ``per_second``, ``p50_ms``, ``p99_ms``, ``statuses``, ``memory_mb``
        at 13 times from the first to the last request (None if unknown), ``exit_code`` of the
        service, and ``errors``: one line per error.
    """
    from ..inference import load

    images = make_images(photos, _N_IMAGES, seed)
    with load(model, use_store=False) as loaded:
        expected = [loaded.predict_proba([image])[0] for image in images]
        labels = list(loaded.labels)
    pause = max(1, requests // _N_MEMORY_SAMPLES)
    invalid_files = make_invalid_files(
        next(image for image in images if image.startswith(b"\xff\xd8"))
    )
    rng = np.random.default_rng(seed)
    invalid = rng.random(requests) < invalid_share
    numbers = rng.integers(0, 10**6, requests)
    indices, measurements, lock = iter(range(requests)), _Measurements(), threading.Lock()
    with start_service(model) as (process, address):

        def client() -> None:
            connection = http.client.HTTPConnection(*address, timeout=120)
            while True:
                with lock:
                    if (index := next(indices, None)) is None:
                        break
                    if index % pause == 0:
                        measurements.memory.append(_memory(process.pid))
                files = invalid_files if invalid[index] else images
                number = int(numbers[index]) % len(files)
                probabilities = (
                    None if invalid[index] else dict(zip(labels, expected[number], strict=True))
                )
                try:
                    start = time.perf_counter()
                    status, response = _send(connection, files[number])
                    seconds = time.perf_counter() - start
                    message = _check_response(status, response, probabilities)
                except Exception as error:  # any exception of a client is an error of the test
                    status, seconds, message = 0, 0.0, f"{type(error).__name__}: {error}"
                    connection.close()
                with lock:
                    measurements.seconds.append(seconds)
                    measurements.statuses[status] += 1
                    measurements.errors += [message] if message else []
            connection.close()

        start = time.perf_counter()
        threads = [threading.Thread(target=client) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - start
        measurements.memory.append(_memory(process.pid))
    return _summary(measurements, requests / seconds, process.returncode)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the load test and print its result as JSON.

    Parameters
    ----------
    arguments : sequence of str, optional
        Default: the arguments of the command line.

    Returns
    -------
    int
        0 without errors, else 1; or the exit code of `run_measurement`.
    """
    parser = argparse.ArgumentParser(
        prog="python -m catnocat.benchmarks.experiments.load_test", description=__doc__
    )
    parser.add_argument(
        "model", type=Path, nargs="?", help="a model file; by default one fitted on drawn scenes"
    )
    parser.add_argument("--photos", type=Path, help="a folder of JPEG photographs")
    parser.add_argument("--clients", type=int, default=4, help="concurrent clients [%(default)s]")
    parser.add_argument("--requests", type=int, default=2000, help="[%(default)s]")
    parser.add_argument(
        "--invalid", type=float, default=0.05, help="share of invalid files [%(default)s]"
    )
    return run_measurement(parser, _measure, arguments)


def _measure(arguments: argparse.Namespace) -> int:
    photos = arguments.photos
    result = load_test(
        arguments.model or fit_default_model(),
        [] if photos is None else sorted(photos.rglob("*.jpg"))[:_N_IMAGES],
        clients=arguments.clients,
        requests=arguments.requests,
        invalid_share=arguments.invalid,
    )
    print(json.dumps(result, indent=1))
    return 1 if result["errors"] else 0


@contextmanager
def start_service(
    model: Path, port: int = 0
) -> Iterator[tuple["subprocess.Popen[str]", tuple[str, int]]]:
    """Start `catnocat serve` in another process; yield the process and its address."""
    command = [sys.executable, "-m", "catnocat", "serve", str(model), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if "http://" not in line:
                raise RuntimeError("the service did not start")
            host, _, number = line.partition("http://")[2].partition("/")[0].rpartition(":")
            yield process, (host, int(number))
        finally:
            process.send_signal(signal.SIGTERM)


def _send(connection: http.client.HTTPConnection, content: bytes) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "application/octet-stream"}
    while True:
        connection.request("POST", "/api/predict", content, headers)
        response = connection.getresponse()
        body = json.loads(response.read())
        if response.status != 429:
            return response.status, body
        time.sleep(float(response.headers["Retry-After"]))


def _check_response(
    status: int, body: dict[str, Any], expected: dict[str, np.floating[Any]] | None
) -> str | None:
    """Return what is wrong with a response, or None; `expected` is None for invalid files."""
    if expected is None:
        refused = 400 <= status < 500 and body.get("error")
        return None if refused else f"an invalid file had the response {status}: {body}"
    if status != 200:
        return f"an image had the response {status}: {body}"
    probabilities = body["probabilities"]
    error = max(abs(probabilities[label] - float(value)) for label, value in expected.items())
    return None if error <= _TOLERANCE else f"a probability differs by {error:.2g}"


def _memory(process: int) -> float:
    """Return the resident memory in MB; NaN if unknown."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return float("nan")
    return float(status.partition("VmRSS:")[2].split()[0]) / 1024


def _summary(measurements: _Measurements, rate: float, exit_code: int) -> dict[str, Any]:
    errors = [*measurements.errors, *_check_memory(measurements.memory, len(measurements.seconds))]
    if exit_code:
        errors.append(f"the service ended with {exit_code}")
    p50, p99 = np.percentile(measurements.seconds, [50, 99]) * 1000
    return {
        "requests": len(measurements.seconds),
        "per_second": round(rate, 1),
        "p50_ms": round(float(p50), 1),
        "p99_ms": round(float(p99), 1),
        "statuses": dict(sorted(measurements.statuses.items())),
        "memory_mb": None
        if np.isnan(measurements.memory[-1])
        else _downsample(measurements.memory),
        "exit_code": exit_code,
        "errors": errors,
    }


def _check_memory(memory: list[float], requests: int) -> Iterator[str]:
    """Generate messages if memory grew; medians ignore short peaks."""
    _, second, _, last = (float(np.median(part)) for part in np.array_split(memory, 4))
    if last - memory[0] > _MAX_INCREASE_MB:
        yield f"memory increased from {memory[0]:.0f} to {last:.0f} MB"
    if requests >= _MIN_REQUESTS_FOR_LEAK and last - second > _MAX_LEAK_MB:
        yield f"memory kept growing from {second:.0f} to {last:.0f} MB"


def _downsample(memory: list[float]) -> list[float]:
    """Return evenly spaced samples of the memory curve."""
    positions = (
        np.linspace(0, len(memory) - 1, min(len(memory), _N_REPORTED_SAMPLES)).round().astype(int)
    )
    return [round(memory[position], 1) for position in positions]


def fit_default_model() -> Path:
    """Fit a fast model on drawn scenes; its predictions need only be deterministic."""
    from ...features import cache_folder
    from ..data.scenes import MenagerieSettings, draw_scenes
    from ..inference import fit_model

    folder = cache_folder() / "load-test"
    scenes = draw_scenes(MenagerieSettings(number=100, canvas=224), folder / "scenes")
    fit_model(scenes, method="ridge", out=folder / "model.catnocat")
    return folder / "model.catnocat"


if __name__ == "__main__":
    raise SystemExit(main())
