"""The environment: installed packages, hardware, the default engine, and writable folders."""

import importlib.util
import os
import platform
import shutil
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

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
