"""Which packages are installed, against what catnocat says it needs."""

from importlib import metadata
from typing import Any

from packaging.requirements import Requirement

#: What each extra is for; others, such as those of developers, are not reported when missing.
EXTRAS = {
    "fast": "runs the network several times as fast on a processor, and decodes JPEG faster",
    "dask": "computes features on many machines",
}


def installed_packages(requirements: list[str] | None = None) -> dict[str, Any]:
    """Compare what is installed with what is required.

    Parameters
    ----------
    requirements : list of str, optional
        Those of the installed catnocat if not given.

    Returns
    -------
    dict
        ``packages``: name, version (None when missing), required and extra (None of what is always
        needed) of each; ``extras``: name, use, missing packages and the line that installs them.

    Examples
    --------
    >>> told = installed_packages(["numpy>=1", 'no-such-package>=2; extra == "fast"'])
    >>> [(one["name"], one["version"] is not None, one["fits"]) for one in told["packages"]]
    [('numpy', True, True), ('no-such-package', False, False)]
    >>> told["extras"][0]["missing"], told["extras"][0]["install"]
    (['no-such-package'], "pip install 'catnocat[fast]'")
    """
    if requirements is None:
        requirements = _own_requirements()
    packages = [
        _compare(requirement, extra)
        for requirement in map(Requirement, requirements)
        for extra in (None, *EXTRAS)
        if _is_for(requirement, extra)
    ]
    extras = []
    for name, use in EXTRAS.items():
        missing = [one["name"] for one in packages if one["extra"] == name and not one["fits"]]
        install = f"pip install 'catnocat[{name}]'" if missing else None
        extras.append({"name": name, "use": use, "missing": missing, "install": install})
    return {"packages": packages, "extras": extras}


def _own_requirements() -> list[str]:
    try:
        return metadata.requires("catnocat") or []
    except metadata.PackageNotFoundError:  # run from a folder that was never installed
        return []


def _is_for(requirement: Requirement, extra: str | None) -> bool:
    """Say whether something is required for an extra and not without it, or always."""
    always = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    if extra is None:
        return always
    return not always and bool(requirement.marker and requirement.marker.evaluate({"extra": extra}))


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
