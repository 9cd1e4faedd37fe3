"""Many requests at once against a service that runs beside: `python -m ...serving.load_test MODEL`.

Every answer is compared with what the model says here, and everything that is no picture has to be
refused with a reason.
"""

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
from typing import Annotated, Any

import numpy as np
import typer
from PIL import Image

_SIDES = (64, 200, 320, 640, 640, 1280, 2000)
_FORMATS = ("JPEG", "JPEG", "JPEG", "PNG", "WEBP")


def mixed_pictures(paths: Sequence[Path], count: int, seed: int = 0) -> list[bytes]:
    """Give photographs as files of many sizes; no two are the same.

    Parameters
    ----------
    paths : sequence of Path
        Photographs to start from; those that come with scikit-learn if there are none.
    count : int
    seed : int

    Examples
    --------
    >>> pictures = mixed_pictures([], 3)
    >>> len(pictures), len(set(pictures))
    (3, 3)
    """
    rng = np.random.default_rng(seed)
    sources = list(paths) or _two_photographs()
    return [_variant(sources[place % len(sources)], rng) for place in range(count)]


def garbage(whole: bytes) -> list[bytes]:
    """Give what is sent by mistake or by malice: nothing of it is a picture."""
    endless = b"P6 60000 60000 255\n" + bytes(100)
    return [
        b"",
        b"hello",
        bytes(range(256)) * 40,
        b"%PDF-1.7\n" + bytes(1000),
        whole[: len(whole) // 2],
        whole[:20],
        endless,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        bytes(25_000_000),
    ]


def _variant(path: Path, rng: np.random.Generator) -> bytes:
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    side = int(rng.choice(_SIDES)) + int(rng.integers(0, 40))
    scale = side / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    kind = str(rng.choice(_FORMATS))
    image = image.resize((width, height)).rotate(int(rng.integers(0, 8)))
    content = io.BytesIO()
    image.save(content, kind, **({} if kind == "PNG" else {"quality": int(rng.integers(60, 95))}))
    return content.getvalue()


def _two_photographs() -> list[Path]:
    import sklearn.datasets

    folder = Path(sklearn.datasets.__file__).parent / "images"
    return [folder / "china.jpg", folder / "flower.jpg"]


_DIFFERENT = 24  # pictures; each is sent many times
_CLOSE = 1e-6
# Megabytes: from the first request to the last quarter of them, in which pictures are under way;
# and from the second quarter to the last, where so many were sent that a leak would show.
_MAY_TAKE, _MAY_GROW = 64.0, 16.0
_ENOUGH = 1000
_SAMPLES = 200
_POINTS = 13


@dataclass
class _Tally:
    """What has been seen so far."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def load_test(
    model: Path,
    photos: Sequence[Path] = (),
    *,
    clients: int = 4,
    requests: int = 2000,
    share_of_garbage: float = 0.05,
    seed: int = 0,
) -> dict[str, Any]:
    """Send pictures and garbage to a service of its own, and check every answer.

    Parameters
    ----------
    model : Path
        A model file.
    photos : sequence of Path
        Photographs to make pictures of; those that come with scikit-learn if there are none.
    clients : int
        So many send at once.
    requests : int
    share_of_garbage : float
    seed : int

    Returns
    -------
    dict
        ``requests``, ``per_second``, ``p50_ms``, ``p99_ms``, ``statuses``, ``memory_mb`` from
        the first request to the last, twelve times (None where the system does not tell),
        ``exit_code`` of the service and ``troubles``: one line for each thing that went wrong.
    """
    from ..inference import load

    pictures = mixed_pictures(photos, _DIFFERENT, seed)
    with load(model, use_store=False) as loaded:
        expected = [loaded.predict_proba([picture])[0] for picture in pictures]
        labels = list(loaded.labels)
    pause = max(1, requests // _SAMPLES)
    trash = garbage(next(one for one in pictures if one.startswith(b"\xff\xd8")))
    rng = np.random.default_rng(seed)
    wrong = rng.random(requests) < share_of_garbage
    numbers = rng.integers(0, 10**6, requests)
    turns, tally, lock = iter(range(requests)), _Tally(), threading.Lock()
    with _service(model) as (process, address):

        def client() -> None:
            connection = http.client.HTTPConnection(*address, timeout=120)
            while True:
                with lock:
                    if (turn := next(turns, None)) is None:
                        break
                    if turn % pause == 0:
                        tally.memory.append(_memory(process.pid))
                pile = trash if wrong[turn] else pictures
                number = int(numbers[turn]) % len(pile)
                answer = None if wrong[turn] else dict(zip(labels, expected[number], strict=True))
                try:
                    began = time.perf_counter()
                    status, told = _ask(connection, pile[number])
                    passed = time.perf_counter() - began
                    trouble = _trouble(status, told, answer)
                except Exception as error:  # of every kind: it is what is looked for
                    status, passed, trouble = 0, 0.0, f"{type(error).__name__}: {error}"
                    connection.close()
                with lock:
                    tally.seconds.append(passed)
                    tally.statuses[status] += 1
                    tally.troubles += [trouble] if trouble else []
            connection.close()

        began = time.perf_counter()
        threads = [threading.Thread(target=client) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        passed = time.perf_counter() - began
        tally.memory.append(_memory(process.pid))
    return _summary(tally, requests / passed, process.returncode)


def main(
    model: Annotated[
        Path | None, typer.Argument(help="A model file.  [default: one is fitted on drawn scenes]")
    ] = None,
    photos: Annotated[Path | None, typer.Option(help="A folder of JPEG photographs.")] = None,
    clients: Annotated[int, typer.Option(min=1)] = 4,
    requests: Annotated[int, typer.Option(min=1)] = 2000,
    garbage: Annotated[float, typer.Option(min=0, max=1, help="Share of requests.")] = 0.05,
) -> None:
    """Send many pictures to a service at once, check every answer, and tell how fast that went."""
    paths = [] if photos is None else sorted(photos.rglob("*.jpg"))[:_DIFFERENT]
    if model is None:
        model = _fitted()
    told = load_test(model, paths, clients=clients, requests=requests, share_of_garbage=garbage)
    typer.echo(json.dumps(told, indent=1))
    sys.exit(1 if told["troubles"] else 0)


@contextmanager
def _service(model: Path) -> Iterator[tuple["subprocess.Popen[str]", tuple[str, int]]]:
    command = [sys.executable, "-m", "catnocat", "serve", str(model), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if "http://" not in line:
                raise RuntimeError("the service did not start")
            host, _, port = line.partition("http://")[2].partition("/")[0].rpartition(":")
            yield process, (host, int(port))
        finally:
            process.send_signal(signal.SIGTERM)


def _ask(connection: http.client.HTTPConnection, content: bytes) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "application/octet-stream"}
    while True:
        connection.request("POST", "/api/predict", content, headers)
        response = connection.getresponse()
        told = json.loads(response.read())
        if response.status != 429:
            return response.status, told
        time.sleep(float(response.headers["Retry-After"]))


def _trouble(
    status: int, told: dict[str, Any], expected: dict[str, np.floating[Any]] | None
) -> str | None:
    """Say what is wrong with an answer; a picture has an expected one, and garbage has none."""
    if expected is None:
        refused = 400 <= status < 500 and told.get("error")
        return None if refused else f"garbage was answered with {status}: {told}"
    if status != 200:
        return f"a picture was answered with {status}: {told}"
    found = told["probabilities"]
    off = max(abs(found[label] - float(share)) for label, share in expected.items())
    return None if off <= _CLOSE else f"a probability is off by {off:.2g}"


def _memory(process: int) -> float:
    """Give the resident memory in MB; NaN where the system does not tell."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return float("nan")
    return float(status.partition("VmRSS:")[2].split()[0]) / 1024


def _summary(tally: _Tally, rate: float, exit_code: int) -> dict[str, Any]:
    troubles = [*tally.troubles, *_growth(tally.memory, len(tally.seconds))]
    if exit_code:
        troubles.append(f"the service ended with {exit_code}")
    p50, p99 = np.percentile(tally.seconds, [50, 99]) * 1000
    return {
        "requests": len(tally.seconds),
        "per_second": round(rate, 1),
        "p50_ms": round(float(p50), 1),
        "p99_ms": round(float(p99), 1),
        "statuses": dict(sorted(tally.statuses.items())),
        "memory_mb": None if np.isnan(tally.memory[-1]) else _curve(tally.memory),
        "exit_code": exit_code,
        "troubles": troubles,
    }


def _growth(memory: list[float], requests: int) -> Iterator[str]:
    """Say where memory did not stay; what is in use for a moment does not count."""
    _, second, _, last = (float(np.median(part)) for part in np.array_split(memory, 4))
    if last - memory[0] > _MAY_TAKE:
        yield f"memory went from {memory[0]:.0f} to {last:.0f} MB"
    if requests >= _ENOUGH and last - second > _MAY_GROW:
        yield f"memory still grew, from {second:.0f} to {last:.0f} MB"


def _curve(memory: list[float]) -> list[float]:
    """Give as many points as show whether a curve levels off."""
    places = np.linspace(0, len(memory) - 1, min(len(memory), _POINTS)).round().astype(int)
    return [round(memory[place], 1) for place in places]


def _fitted() -> Path:
    """Fit a model that is quick to fit: what it says need not be good, only always the same."""
    from ...features import cache_folder
    from ..data.scenes import MenagerieSettings, draw_scenes
    from ..inference import fit_model

    folder = cache_folder() / "load-test"
    scenes = draw_scenes(MenagerieSettings(number=100, canvas=224), folder / "scenes")
    fit_model(scenes, method="ridge", out=folder / "model.catnocat")
    return folder / "model.catnocat"


if __name__ == "__main__":
    typer.run(main)
