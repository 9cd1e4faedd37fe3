"""What lies beside the scenes: how to make them again, and whose work is in them."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .animals import CREDIT
from .company import foes, friends
from .herds import number_probabilities
from .identity import digest_of
from .settings import MenagerieSettings

__all__ = ["credit", "digest_in", "write_papers"]

PHOTOGRAPHS = (
    "Backgrounds: scikit-learn's sample photographs china.jpg (danielbuechele) and flower.jpg "
    "(vultilion), both on flickr.com, licence CC BY 2.0."
)
SHARE_ALIKE = (
    "The animals were turned, scaled and tinted, the photographs cropped and tinted. Scenes that "
    "show OpenMoji drawings may be passed on under CC BY-SA 4.0 "
    "(https://creativecommons.org/licenses/by-sa/4.0/), naming the above."
)


def credit(settings: MenagerieSettings) -> list[str]:
    """Give the lines that say whose work is in the scenes.

    Examples
    --------
    >>> len(credit(MenagerieSettings()))
    3
    """
    return [CREDIT, PHOTOGRAPHS, SHARE_ALIKE] if settings.sprites is None else [PHOTOGRAPHS]


def digest_in(folder: Path) -> str | None:
    """Give the digest of the scenes in a folder; None if it does not hold any."""
    try:
        paper = json.loads((folder / "scenes.json").read_text(encoding="utf-8"))
        return str(paper["digest"]) if (folder / "labels.csv").is_file() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_papers(folder: Path, what: dict[str, Any], settings: MenagerieSettings) -> None:
    """Write ``scenes.json`` and ``CREDITS.txt``."""
    labels = list(what["drawings"])
    numbers = number_probabilities(
        settings.herds, settings.herd_sizes, settings.fewest, settings.most
    )
    paper = {
        "digest": digest_of(what),
        **what,
        "friends": friends(labels),
        "foes": foes(labels),
        "number_of_animals": {
            number: round(p, 4) for number, p in enumerate(numbers, start=settings.fewest)
        },
        "drawn_with": {name: version(name) for name in ("pillow", "numpy", "scikit-learn")},
        "credit": credit(settings),
    }
    text = json.dumps(paper, indent=1, ensure_ascii=False)
    (folder / "scenes.json").write_text(text + "\n", encoding="utf-8")
    (folder / "CREDITS.txt").write_text("\n".join(credit(settings)) + "\n", encoding="utf-8")
