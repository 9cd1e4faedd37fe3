"""Where each label's drawings come from: the font's characters or a folder of PNGs."""

from pathlib import Path

from ..errors import InputError
from .animals import ANIMALS
from .settings import MenagerieSettings

__all__ = ["Catalogue", "catalogue"]

# label -> name of the drawing -> a character of the font, or the path of a PNG
Catalogue = dict[str, dict[str, str | Path]]


def catalogue(settings: MenagerieSettings) -> Catalogue:
    """List the drawings of every label that takes part, in the labels' order.

    Raises
    ------
    InputError
        If a label is not to be had, or the folder of sprites is not one.

    Examples
    --------
    >>> list(catalogue(MenagerieSettings(labels=("dog", "squirrel")))["squirrel"])
    ['chipmunk']
    """
    if settings.sprites is None:
        whole: Catalogue = {label: dict(drawings) for label, drawings in ANIMALS.items()}
        where = "the OpenMoji font's animals"
    else:
        whole = _folder(settings.sprites)
        where = str(settings.sprites)
    labels = settings.labels if settings.labels is not None else tuple(whole)
    for label in labels:
        if label not in whole:
            raise InputError(f"label {label!r} is not among {where}; there are: {', '.join(whole)}")
    return {label: whole[label] for label in labels}


def _folder(sprites: Path) -> Catalogue:
    if not sprites.is_dir():
        raise InputError(
            f"{sprites}: no such folder of sprites; name one with a sub-folder of PNGs per label"
        )
    found: Catalogue = {}
    for folder in sorted(sprites.iterdir()):
        if not folder.is_dir() or folder.name.startswith("."):
            continue
        if "|" in folder.name or folder.name != " ".join(folder.name.split()):
            raise InputError(
                f"{folder}: a label holds neither '|', which joins labels, nor stray spaces; "
                "rename the folder"
            )
        drawings = sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() == ".png" and not path.name.startswith(".")
        )
        if not drawings:
            raise InputError(f"{folder}: holds no PNG; add one or remove the folder")
        found[folder.name] = {path.name: path for path in drawings}
    if not found:
        raise InputError(f"{sprites}: holds no folder; add one with PNGs for each label")
    return found
