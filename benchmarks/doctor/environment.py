"""The environment: installed packages, hardware, writable folders, and measured speed."""

import importlib.util
import io
import itertools
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from PIL import Image

#: What each optional extra provides; extras for developers are not reported.
EXTRAS = {
    "fast": "runs the network several times as fast on a CPU, and decodes JPEG faster",
    "dask": "computes features on several machines",
}
#: 1,280 float32 values per image (efficientnet_lite0), and its entry in the index.
BYTES_PER_IMAGE = 4 * 1280 + 40


def installed_packages(requirements: list[str] | None = None) -> dict[str, Any]:
    """Compare installed packages with the requirements.

    Parameters
    ----------
    requirements : list of str, optional
        Those of the installed catnocat by default.

    Returns
    -------
    dict
        ``packages``: name, version (None if missing), required, extra (None for core packages) and
        fits of each; ``extras``: name, use, missing packages and the command that installs them.

    Examples
    --------
    >>> installed = installed_packages(["numpy>=1", 'no-such-package>=2; extra == "fast"'])
    >>> [(p["name"], p["version"] is not None, p["fits"]) for p in installed["packages"]]
    [('numpy', True, True), ('no-such-package', False, False)]
    >>> installed["extras"][0]["missing"], installed["extras"][0]["install"]
    (['no-such-package'], "pip install 'catnocat[fast]'")
    """
    if requirements is None:
        requirements = _own_requirements()
    packages = [
        _compare(requirement, extra)
        for requirement in map(Requirement, requirements)
        for extra in (None, *EXTRAS)
        if _belongs_to(requirement, extra)
    ]
    extras = []
    for name, use in EXTRAS.items():
        missing = [
            package["name"]
            for package in packages
            if package["extra"] == name and not package["fits"]
        ]
        install = f"pip install 'catnocat[{name}]'" if missing else None
        extras.append({"name": name, "use": use, "missing": missing, "install": install})
    return {"packages": packages, "extras": extras}


def _own_requirements() -> list[str]:
    try:
        return metadata.requires("catnocat") or []
    except metadata.PackageNotFoundError:  # run from a checkout that is not installed
        return []


def _belongs_to(requirement: Requirement, extra: str | None) -> bool:
    """Return whether a requirement belongs to an extra, or for None to the core."""
    is_core = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    if extra is None:
        return is_core
    marker = requirement.marker
    return not is_core and bool(marker and marker.evaluate({"extra": extra}))


def _compare(requirement: Requirement, extra: str | None) -> dict[str, Any]:
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        version = None
    return {
        "name": requirement.name,
        "version": version,
        "required": str(requirement.specifier) or None,
        "extra": extra,
        "fits": version is not None and requirement.specifier.contains(version, prereleases=True),
    }


def describe_machine() -> dict[str, Any]:
    """Return the system, its processors and threads, and its GPU, if any."""
    import torch
    from joblib import cpu_count

    gpu = None
    if torch.cuda.is_available():
        gpu = torch.cuda.get_device_name(0)
    elif torch.backends.mps.is_available():
        gpu = "Apple (mps)"
    return {
        "system": platform.platform(aliased=True, terse=True),
        "architecture": platform.machine(),
        "processors": os.cpu_count(),
        "usable_processors": int(cpu_count()),  # limited by containers and CPU affinity
        "torch_threads": torch.get_num_threads(),
        "gpu": gpu,
    }


def default_engine(gpu: str | None) -> dict[str, str]:
    """Return the default engine, precision and decoder, and the reasons for them."""
    from ...features import has_bfloat16, plan_recipe

    recipe = plan_recipe()
    if recipe.engine == "openvino":
        reason = "it is installed and there is no GPU"
    elif gpu is not None:
        reason = f"there is a GPU: {gpu}"
    elif importlib.util.find_spec("openvino") is None:
        reason = "openvino, which is several times as fast on a CPU, is not installed"
    else:
        reason = "it fits this machine"
    return {
        "engine": recipe.engine,
        "engine_reason": reason,
        "precision": recipe.precision,
        "precision_reason": (
            "the default; --precision bfloat16 is faster"
            if has_bfloat16(recipe.engine)
            else "this processor has no bfloat16 instructions, so bfloat16 would not be faster"
        ),
        "decoder": recipe.decoder,
    }


def describe_folder(folder: Path) -> dict[str, Any]:
    """Return whether a folder can be written to, and the free space on its disk.

    Parameters
    ----------
    folder : Path
        Need not exist; it is not created.

    Returns
    -------
    dict
        ``folder``, ``exists``, ``writable``, ``error`` (None, or why it is not writable),
        ``free_bytes`` and ``capacity_images``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     description = describe_folder(Path(folder) / "store")
    >>> description["exists"], description["writable"], description["error"]
    (False, True, None)
    """
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    error = _write_error(existing)
    free = shutil.disk_usage(existing).free
    return {
        "folder": str(folder),
        "exists": folder.exists(),
        "writable": error is None,
        "error": error,
        "free_bytes": free,
        "capacity_images": free // BYTES_PER_IMAGE,
    }


def _write_error(folder: Path) -> str | None:
    """Return why a folder is not writable; tested by writing, as permissions are not enough."""
    if not folder.is_dir():
        return f"{folder} is not a folder"
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"catnocat")
    except OSError as error:
        return f"{folder} cannot be written to: {error.strerror or error}"
    return None


_SECONDS = 1.0
_N_IMAGES = 768
_PHOTO = "china.jpg"  # included in scikit-learn, 640 x 427


class _TimeIsUp(Exception):  # noqa: N818  not an error
    """The time of a measurement is over."""


def measure_speed(seconds: float = _SECONDS) -> dict[str, Any]:
    """Measure decoding, the network, and the whole way from an image to its stored vector.

    Parameters
    ----------
    seconds : float
        Duration of each measurement.

    Returns
    -------
    dict
        ``image``: the test image; ``decoded_per_second`` by one processor; ``network_per_second``:
        images through the network, by precision, on all processors; ``images_per_second`` for the
        whole way; ``start_seconds`` until the first vector is stored.
    """
    with tempfile.TemporaryDirectory(prefix="catnocat-doctor-") as folder:
        photos = _write_photos(Path(folder, "photos"))
        small = _write_small_images(Path(folder, "small"))
        stores = (Path(folder, f"store{number}") for number in itertools.count())
        # The first run may convert the network, so only its start time is used.
        start, _ = _measure_extraction(small[:8], next(stores), "float32", seconds)
        networks = {
            precision: _measure_extraction(small, next(stores), precision, seconds)[1]
            for precision in ("float32", "bfloat16")
        }
        return {
            "image": "640 x 427 pixels, JPEG",
            "decoded_per_second": _measure_decoding(photos, seconds / 2),
            "network_per_second": networks,
            "images_per_second": _measure_extraction(photos, next(stores), "float32", seconds)[1],
            "start_seconds": start,
        }


def _measure_extraction(
    paths: list[Path], store: Path, precision: str, seconds: float
) -> tuple[float, float]:
    """Return the seconds to the first vectors, and the images per second after them."""
    from ...features import extract_features

    start = time.perf_counter()
    points: list[tuple[float, int]] = []

    def progress(done: int, total: int) -> None:
        if done:
            points.append((time.perf_counter(), done))
            if points[-1][0] - points[0][0] > seconds:
                raise _TimeIsUp

    with suppress(_TimeIsUp):
        extract_features(paths, store=store, precision=precision, progress=progress)
    (first, done_first), (last, done) = points[0], points[-1]
    if done == done_first:  # all images in one batch
        return first - start, done / (first - start)
    return first - start, (done - done_first) / (last - first)


def _measure_decoding(paths: list[Path], seconds: float) -> float:
    from ...features import read_image

    start, count, elapsed = time.perf_counter(), 0, 0.0
    while elapsed < seconds:
        read_image(paths[count % len(paths)])
        count, elapsed = count + 1, time.perf_counter() - start
    return count / elapsed


def _write_photos(folder: Path) -> list[Path]:
    """Write one photograph many times; a JPEG comment makes each file different."""
    import sklearn.datasets

    content = io.BytesIO()
    with Image.open(Path(sklearn.datasets.__file__).parent / "images" / _PHOTO) as photo:
        photo.save(content, "JPEG", quality=85)
    start, rest = content.getvalue()[:2], content.getvalue()[2:]
    comments = (b"\xff\xfe\x00\x06" + number.to_bytes(4) for number in range(_N_IMAGES))
    return _write(folder, "jpg", (start + comment + rest for comment in comments))


def _write_small_images(folder: Path) -> list[Path]:
    """Write images of the network's input size that take almost no time to decode."""
    header, row = b"P4\n224 224\n", 224 // 8
    return _write(
        folder, "pbm", (header + number.to_bytes(4) * (56 * row) for number in range(_N_IMAGES))
    )


def _write(folder: Path, extension: str, contents: Iterator[bytes]) -> list[Path]:
    folder.mkdir()
    paths = []
    for number, content in enumerate(contents):
        paths.append(folder / f"{number}.{extension}")
        paths[-1].write_bytes(content)
    return paths
