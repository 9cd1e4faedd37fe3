"""Measure memory and time of feature extraction from hostile image files.

``python -m catnocat.benchmarks.experiments.hostile_images`` writes files that declare giant images,
that are sparse, truncated, mutated or not regular, extracts their features in one run, and prints
the peak memory of the run and the processor time of the slowest files.
"""

import argparse
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ...features import UnreadableImage, read_image
from .command import describe_machine, log, run_measurement

__all__ = ["HostileFile", "main", "measure_extraction", "time_files", "write_hostile_files"]

SIDE = 10_900  # pixels: just below the limit of 120 million pixels per image
SPARSE_BYTES = 900_000_000
_SLOWEST = 10

_RUN = """
import json, resource, sys
from pathlib import Path
import numpy as np
from catnocat.features import extract_features

def peak_memory():
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would include the peak of the parent process
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

extraction = extract_features(json.load(sys.stdin), store=sys.argv[1], n_jobs=int(sys.argv[2]))
print(json.dumps({
    "readable": extraction.readable.tolist(),
    "finite": bool(np.isfinite(extraction.X).all()),
    "skipped": extraction.skipped,
    "peak_mb": peak_memory(),
}))
"""


@dataclass(frozen=True)
class HostileFile:
    """File of the set.

    Attributes
    ----------
    path : str
    kind : str
        ``"declared"``, ``"giant"``, ``"sparse"``, ``"metadata"``, ``"special"``, ``"truncated"`` or
        ``"mutated"``.
    readable : bool or None
        Whether it must be used (True) or skipped (False); None if both are acceptable.
    """

    path: str
    kind: str
    readable: bool | None


def write_hostile_files(
    folder: Path, *, seed: int = 0, n_mutated: int = 200, side: int = SIDE
) -> list[HostileFile]:
    """Write the set of hostile files.

    Parameters
    ----------
    folder : Path
        Existing folder. Sparse files of 900 MB are written, which need little space.
    seed : int
        Seed of the truncated and mutated files.
    n_mutated : int
        Number of truncated and mutated files.
    side : int
        Side of the giant images, in pixels.

    Returns
    -------
    list of HostileFile
    """
    return [
        *_write_declared(folder),
        *_write_giants(folder, side),
        *_write_sparse(folder),
        *_write_metadata(folder),
        *_write_special(folder),
        *_write_mutated(folder, np.random.default_rng(seed), n_mutated),
    ]


def measure_extraction(
    paths: Sequence[str], store: Path, *, n_jobs: int = 2, timeout: float = 3600
) -> dict[str, Any]:
    """Extract the features of files in a process of its own.

    Returns
    -------
    dict
        ``readable``, ``finite``, ``skipped`` and ``peak_mb``: the peak of the resident memory.

    Raises
    ------
    RuntimeError
        If the process fails.
    """
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(store), str(n_jobs)],
        input=json.dumps(paths),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"extraction ended with {done.returncode}: {done.stderr[-500:]}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def time_files(files: Iterable[HostileFile]) -> list[tuple[float, HostileFile]]:
    """Decode each file alone; return the processor times in seconds, the slowest first."""
    times = []
    for file in files:
        started = time.process_time()
        with suppress(UnreadableImage):
            read_image(file.path)
        times.append((time.process_time() - started, file))
    return sorted(times, key=lambda entry: -entry[0])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurement and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutated", type=int, default=300, help="truncated and mutated files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="threads")
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    return run_measurement(parser, _measure, arguments)


def _measure(namespace: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log("writing files")
        (folder / "files").mkdir()
        files = write_hostile_files(
            folder / "files", seed=namespace.seed, n_mutated=namespace.mutated
        )
        good = folder / "good.jpg"
        good.write_bytes(_encode("JPEG", 640, 480))
        log("extracting a normal image")  # includes the conversion of the network
        measure_extraction([str(good)], folder / "first", n_jobs=namespace.jobs)
        normal = measure_extraction([str(good)], folder / "normal", n_jobs=namespace.jobs)
        log(f"extracting {len(files)} hostile files")
        started = time.perf_counter()
        hostile = measure_extraction(
            [file.path for file in files], folder / "hostile", n_jobs=namespace.jobs
        )
        seconds = time.perf_counter() - started
        log("decoding each file alone")
        slowest = time_files(files)[:_SLOWEST]
    wrong = [
        Path(file.path).name
        for file, readable in zip(files, hostile["readable"], strict=True)
        if file.readable is not None and file.readable != readable
    ]
    figures = {
        "files": len(files),
        "used": sum(hostile["readable"]),
        "wrong": wrong,
        "finite": hostile["finite"],
        "peak_mb": round(hostile["peak_mb"]),
        "peak_mb_normal": round(normal["peak_mb"]),
        "seconds": round(seconds, 1),
        "slowest": {Path(file.path).name: round(duration, 2) for duration, file in slowest},
        "machine": describe_machine(["pillow", "simplejpeg", "openvino", "torch"]),
    }
    print(
        f"{figures['files']} files, {figures['used']} used, {len(wrong)} treated wrongly\n"
        f"peak memory {figures['peak_mb']:,} MB, for one normal image"
        f" {figures['peak_mb_normal']:,} MB; {figures['seconds']} s for all"
    )
    for duration, file in slowest:
        print(f"{duration:8.2f} s of processor time  {Path(file.path).name}")
    if namespace.out is not None:
        namespace.out.write_text(json.dumps(figures, indent=1) + "\n")
    return 1 if wrong or not hostile["finite"] else 0


def _encode(kind: str, width: int, height: int, **options: Any) -> bytes:
    """Encode a smooth image with some noise."""
    pixels = np.random.default_rng(0).integers(0, 6, (height, width, 3), np.uint8)
    pixels += np.linspace(0, 200, height).astype(np.uint8)[:, None, None]
    pixels += np.linspace(0, 50, width).astype(np.uint8)[None, :, None]
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def _png_header(width: int, height: int, bits: int, colour: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header)


def _write_declared(folder: Path) -> Iterator[HostileFile]:
    """Write small files that declare more pixels than they have or than are allowed."""
    jpeg, gif, bmp = (_encode(kind, 160, 120) for kind in ("JPEG", "GIF", "BMP"))
    frame = jpeg.index(b"\xff\xc0")
    empty = _chunk(b"IDAT", zlib.compress(bytes(1000))) + _chunk(b"IEND", b"")
    contents: dict[str, tuple[bytes, bool | None]] = {
        "giant.png": (_png_header(2**31 - 1, 2**31 - 1, 8, 2) + empty, False),
        "large.png": (_png_header(60_000, 60_000, 8, 2) + empty, False),
        "nearly.png": (_png_header(SIDE, SIDE, 8, 6) + empty, False),
        "giant.jpg": (jpeg[: frame + 5] + b"\xff" * 4 + jpeg[frame + 9 :], False),
        "nearly.jpg": (
            jpeg[: frame + 5] + struct.pack(">HH", SIDE, SIDE) + jpeg[frame + 9 :],
            None,  # complete for Pillow: the missing part is grey
        ),
        "giant.bmp": (bmp[:18] + struct.pack("<ii", 2**30, 2**30), False),
        "giant.gif": (gif[:6] + b"\xff" * 4 + gif[10:], None),
        "giant.ppm": (b"P6 999999 999999 255\n" + bytes(1000), False),
        "nearly.ppm": (b"P6 %d %d 255\n" % (SIDE, SIDE) + bytes(1000), False),
    }
    for name, (content, readable) in contents.items():
        (folder / f"declared-{name}").write_bytes(content)
        yield HostileFile(str(folder / f"declared-{name}"), "declared", readable)


def _write_giants(folder: Path, side: int) -> Iterator[HostileFile]:
    """Write small files of valid images with as many pixels as are allowed."""
    colours = {"rgb": (8, 2, 3), "rgba": (8, 6, 4), "grey16": (16, 0, 2), "rgb16": (16, 2, 6)}
    colours |= {"rgba16": (16, 6, 8), "grey-alpha": (8, 4, 2), "bits": (1, 0, 0)}
    for name, (bits, colour, pixel_bytes) in colours.items():
        row = bytes(1 + (side * pixel_bytes or -(-side // 8)))
        compressor = zlib.compressobj(1)
        path = folder / f"giant-{name}.png"
        with path.open("wb") as file:
            file.write(_png_header(side, side, bits, colour))
            for _ in range(side):
                if data := compressor.compress(row):
                    file.write(_chunk(b"IDAT", data))
            file.write(_chunk(b"IDAT", compressor.flush()) + _chunk(b"IEND", b""))
        yield HostileFile(str(path), "giant", True)
    turned = Image.Exif()
    turned[0x0112] = 6
    # Height as a part of the side, below the limit of the format, and options.
    saves: dict[str, tuple[float, dict[str, Any]]] = {
        "baseline.jpg": (1, {"exif": turned}),
        "progressive.jpg": (1, {"progressive": True, "subsampling": 0}),
        "deflate.tif": (1, {"compression": "tiff_deflate"}),
        "plain.avif": (1, {"speed": 10}),
        "plain.webp": (0.62, {"method": 0}),
        "plain.jp2": (0.5, {}),
    }
    for name, (part, options) in saves.items():
        path = folder / f"giant-{name}"
        try:
            Image.new("RGB", (side, int(part * side)), "teal").save(path, **options)
        except (OSError, KeyError, ValueError):  # this format cannot be written here
            path.unlink(missing_ok=True)
            continue
        yield HostileFile(str(path), "giant", True)
    for name, mode in {"float.tif": "F", "grey.gif": "L", "cmyk.jpg": "CMYK"}.items():
        path = folder / f"giant-{name}"
        compression = {"compression": "tiff_deflate"} if name.endswith("tif") else {}
        Image.new(mode, (side, side)).save(path, **compression)
        yield HostileFile(str(path), "giant", True)


def _write_sparse(folder: Path) -> Iterator[HostileFile]:
    """Write files of 900 MB that consist of holes after their first bytes."""
    jpeg, png, gif = (_encode(kind, 160, 120) for kind in ("JPEG", "PNG", "GIF"))
    webp, tiff = (_encode(kind, 160, 120) for kind in ("WEBP", "TIFF"))
    avif = b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf"
    contents: dict[str, tuple[bytes, bool | None]] = {
        "zeros.jpg": (b"", False),
        "marker.jpg": (b"\xff\xd8\xff\xe0", False),
        "image.jpg": (jpeg, None),
        "image.png": (png, None),
        "image.tif": (tiff, None),
        "image.gif": (gif, False),
        "image.webp": (webp, False),
        "brand.avif": (avif, False),
        "text.png": (png[:33] + struct.pack(">I4s", SPARSE_BYTES - 100, b"tEXt") + b"k\0", False),
        "pixels.png": (png[:33] + struct.pack(">I4s", SPARSE_BYTES - 100, b"IDAT"), False),
        "header.ppm": (b"P6 17000 17000 255\n", False),
    }
    for name, (content, readable) in contents.items():
        path = folder / f"sparse-{name}"
        with path.open("wb") as file:
            file.write(content)
            file.truncate(SPARSE_BYTES)
        yield HostileFile(str(path), "sparse", readable)


def _write_metadata(folder: Path) -> Iterator[HostileFile]:
    """Write files whose metadata is large, or expands."""
    jpeg, png, gif = (_encode(kind, 160, 120) for kind in ("JPEG", "PNG", "GIF"))
    bomb = zlib.compress(bytes(300_000_000), 9)
    segments = (b"\xff\xe5\xff\xff" + bytes(65_533)) * 700
    comment = b"!\xfe" + (b"\xff" + b"c" * 255) * 60_000 + b"\0"
    table = _strip_table(3_000_000)
    contents: dict[str, tuple[bytes, bool | None]] = {
        "text-bomb.png": (png[:33] + _chunk(b"zTXt", b"k\0\0" + bomb) + png[33:], None),
        "profile-bomb.png": (png[:33] + _chunk(b"iCCP", b"k\0\0" + bomb) + png[33:], None),
        "long-text.png": (png[:33] + _chunk(b"tEXt", b"k\0" + bytes(40_000_000)) + png[33:], False),
        "segments.jpg": (jpeg[:2] + segments + jpeg[2:], False),
        "junk.jpg": (jpeg[:2] + bytes(15_900_000) + jpeg[2:], None),
        "comment.gif": (gif[:13] + comment + gif[13:], None),
        "strips.tif": (table, False),
        "scans.jpg": (_many_scans(), False),
    }
    for name, (content, readable) in contents.items():
        (folder / f"metadata-{name}").write_bytes(content)
        yield HostileFile(str(folder / f"metadata-{name}"), "metadata", readable)


def _strip_table(count: int) -> bytes:
    """Return a TIFF file whose strips have no rows, so that it can have any number of them."""
    start = 200
    entries = [(256, 3, 1, 100), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 1)]
    entries += [(262, 3, 1, 1), (273, 4, count, start), (277, 3, 1, 1), (278, 3, 1, 1)]
    entries += [(279, 4, count, start)]
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    head += b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    return head.ljust(start, b"\0") + bytes(4 * count)


def _many_scans() -> bytes:
    """Return a large progressive JPEG file that repeats its last scan."""
    whole = _encode("JPEG", 4000, 4000, progressive=True)
    last = whole.rindex(b"\xff\xda")
    scan = whole[last:-2]
    return whole[:last] + scan * min(300, 12_000_000 // len(scan)) + whole[-2:]


def _write_special(folder: Path) -> Iterator[HostileFile]:
    """Write links and names that are not regular files."""
    makers: dict[str, Callable[[Path], None]] = {
        "zero.jpg": lambda path: path.symlink_to("/dev/zero"),
        "kmsg.jpg": lambda path: path.symlink_to("/dev/kmsg"),
        "tty.jpg": lambda path: path.symlink_to("/dev/tty"),
        "loop.jpg": lambda path: path.symlink_to(path),
        "dangling.jpg": lambda path: path.symlink_to(path.with_name("nothing")),
        "folder.jpg": lambda path: path.mkdir(),
    }
    if hasattr(os, "mkfifo"):
        makers["pipe.jpg"] = os.mkfifo
    for name, make in makers.items():
        path = folder / f"special-{name}"
        make(path)
        yield HostileFile(str(path), "special", False)


def _write_mutated(folder: Path, rng: np.random.Generator, count: int) -> Iterator[HostileFile]:
    """Write truncated files, and files with random bytes in random places."""
    kinds = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp", "BMP": "bmp"}
    kinds |= {"TIFF": "tif", "AVIF": "avif", "JPEG2000": "jp2"}
    whole = {}
    for kind in kinds:
        try:
            whole[kind] = _encode(kind, 320, 240)
        except (OSError, KeyError):  # this format cannot be written here
            continue
    for number in range(count):
        kind = list(whole)[number % len(whole)]
        content = bytearray(whole[kind])
        name = "truncated" if number % 3 == 0 else "mutated"
        if name == "truncated":
            del content[int(rng.integers(1, len(content))) :]
        else:
            head = min(len(content), 200 if number % 3 == 1 else len(content))
            for place in rng.integers(0, head, rng.integers(1, 20)):
                content[place] = rng.integers(256)
        path = folder / f"{name}-{number}.{kinds[kind]}"
        path.write_bytes(content)
        yield HostileFile(str(path), name, None)


if __name__ == "__main__":
    raise SystemExit(main())
