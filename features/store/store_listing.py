"""List the recipes of a feature store; each has one folder."""

import hashlib
import json
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from ..preprocessing import PRELOGITS, View
from ..utils import FeatureError, report_os_errors
from .feature_store import FeatureStore
from .recipe import SCHEMA, Recipe

DESCRIPTION = "recipe.json"


@dataclass(frozen=True)
class StoredRecipe:
    """Folder of a recipe in a store.

    Attributes
    ----------
    folder : pathlib.Path
    backbone : str
    digest : str
        The first characters of the recipe's digest, as used in the folder name.
    recipe : Recipe or None
        None if it cannot be read; `trouble` has the reason.
    trouble : str
        Empty if the recipe can be read.
    """

    folder: Path
    backbone: str
    digest: str
    recipe: Recipe | None
    trouble: str = ""

    def open(self) -> FeatureStore:
        """Open the feature store of this recipe."""
        if self.recipe is None:
            raise FeatureError(f"{self.folder / DESCRIPTION}: {self.trouble}")
        return FeatureStore(self.folder.parent, self.recipe)


def list_recipes(root: str | PathLike[str]) -> list[StoredRecipe]:
    """Return the recipes of a store, sorted by folder name; ignore other files.

    Raises
    ------
    FeatureError
        If the folder does not exist or cannot be read.
    """
    with report_os_errors(f"read the feature store {root}"):
        folders = sorted(path for path in Path(root).iterdir() if path.is_dir())
        return [
            _describe(folder)
            for folder in folders
            if (folder / DESCRIPTION).exists() or any(folder.glob("*.idx"))
        ]


def choose_recipe(root: str | PathLike[str], prefix: str = "", **wanted: Any) -> StoredRecipe:
    """Return the recipe of a store that matches all criteria.

    Parameters
    ----------
    root : path
    prefix : str
        First characters of the recipe's digest.
    **wanted
        Required values of ``backbone``, ``views``, ``engine`` or ``precision``; None for any.

    Raises
    ------
    FeatureError
        If no recipe or more than one matches; the message lists the candidates.
    """
    available = list_recipes(root)
    matching = [
        stored
        for stored in available
        if stored.digest.startswith(prefix)
        and all(
            value is None or _matches(stored.recipe, name, value) for name, value in wanted.items()
        )
    ]
    if len(matching) == 1:
        return matching[0]
    if not available:
        raise FeatureError(f"{root} holds no features: fill it with 'catnocat extract'")
    names = ", ".join(_name(stored) for stored in matching or available)
    if not matching:
        raise FeatureError(f"{root} holds no such recipe; available: {names}")
    raise FeatureError(f"{root} holds several recipes, choose one with --recipe: {names}")


def check_description(folder: Path) -> str:
    """Return what is wrong with a folder's ``recipe.json``; empty if its bytes are unchanged."""
    path = folder / DESCRIPTION
    try:
        text = path.read_bytes()
        values = json.loads(text)
        unchanged = (json.dumps(values, indent=2) + "\n").encode() == text
        canonical = json.dumps(values, sort_keys=True, separators=(",", ":"))
    except FileNotFoundError:
        return "is missing"
    except ValueError:
        return "is damaged"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return "" if unchanged and digest.startswith(_digest(folder)) else "is damaged"


def _matches(recipe: Recipe | None, name: str, value: Any) -> bool:
    if recipe is None:
        return False
    if name == "views":
        size = recipe.preprocessing.size
        return any(
            tuple(View.parse(text, size, pooling) for text in value) == recipe.views
            for pooling in ("avg", PRELOGITS)  # the default depends on the network
        )
    return bool(getattr(recipe, name) == value)


def _describe(folder: Path) -> StoredRecipe:
    backbone = folder.name.rpartition("-")[0]
    trouble = check_description(folder)
    if trouble:
        return StoredRecipe(folder, backbone, _digest(folder), None, trouble)
    values = json.loads((folder / DESCRIPTION).read_bytes())
    if values.get("schema", 0) > SCHEMA:
        trouble = f"written by a newer catnocat (schema {values['schema']}): update catnocat"
        return StoredRecipe(folder, backbone, _digest(folder), None, trouble)
    try:
        recipe = Recipe.from_dict(values)
    except FeatureError as error:
        return StoredRecipe(folder, backbone, _digest(folder), None, str(error))
    return StoredRecipe(folder, recipe.backbone, _digest(folder), recipe)


def _digest(folder: Path) -> str:
    return folder.name.rpartition("-")[2]


def _name(stored: StoredRecipe) -> str:
    if stored.recipe is None:
        return f"{stored.digest} ({stored.backbone}: {stored.trouble})"
    views = ",".join(str(view) for view in stored.recipe.views)
    details = f"{stored.backbone} {views} {stored.recipe.engine} {stored.recipe.precision}"
    return f"{stored.digest} ({details})"
