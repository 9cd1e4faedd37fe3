"""What lies in a feature store: one folder per recipe."""

import hashlib
import json
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from ..preprocessing import PRELOGITS, View
from ..utils import FeatureError, told_in_one_line
from .feature_store import FeatureStore
from .recipe import SCHEMA, Recipe

DESCRIPTION = "recipe.json"


@dataclass(frozen=True)
class Stored:
    """A recipe's folder in a store.

    Attributes
    ----------
    folder : pathlib.Path
    backbone : str
    digest : str
        The beginning of the recipe's digest, by which it can be named.
    recipe : Recipe or None
        None when `trouble` says why.
    trouble : str
        Empty when all is well.
    """

    folder: Path
    backbone: str
    digest: str
    recipe: Recipe | None
    trouble: str = ""

    def open(self) -> FeatureStore:
        """Open the vectors."""
        if self.recipe is None:
            raise FeatureError(f"{self.folder / DESCRIPTION}: {self.trouble}")
        return FeatureStore(self.folder.parent, self.recipe)


def recipes_in(root: str | PathLike[str]) -> list[Stored]:
    """List the recipes of a store, sorted by name; nothing else that may lie there.

    Raises
    ------
    FeatureError
        When there is no such folder or it cannot be read.
    """
    with told_in_one_line(f"read the feature store {root}"):
        folders = sorted(path for path in Path(root).iterdir() if path.is_dir())
        return [
            _describe(folder)
            for folder in folders
            if (folder / DESCRIPTION).exists() or any(folder.glob("*.idx"))
        ]


def choose_recipe(root: str | PathLike[str], prefix: str = "", **wanted: Any) -> Stored:
    """Find the one recipe of a store that is meant.

    Parameters
    ----------
    root : path
    prefix : str
        The beginning of the recipe's digest.
    **wanted
        What its ``backbone``, ``views``, ``engine`` or ``precision`` must be; None: anything.

    Raises
    ------
    FeatureError
        When none or several fit; the message names what there is.
    """
    there = recipes_in(root)
    fitting = [
        stored
        for stored in there
        if stored.digest.startswith(prefix)
        and all(
            value is None or _fits(stored.recipe, name, value) for name, value in wanted.items()
        )
    ]
    if len(fitting) == 1:
        return fitting[0]
    if not there:
        raise FeatureError(f"{root} holds no features: fill it with 'catnocat extract'")
    names = ", ".join(_name(stored) for stored in fitting or there)
    if not fitting:
        raise FeatureError(f"{root} holds no such recipe; there is {names}")
    raise FeatureError(f"{root} holds several recipes, choose one with --recipe: {names}")


def check_description(folder: Path) -> str:
    """Say what is wrong with a folder's ``recipe.json``; empty when every byte is as written."""
    path = folder / DESCRIPTION
    try:
        text = path.read_bytes()
        values = json.loads(text)
        whole = (json.dumps(values, indent=2) + "\n").encode() == text
        canonical = json.dumps(values, sort_keys=True, separators=(",", ":"))
    except FileNotFoundError:
        return "is not there"
    except ValueError:
        return "is damaged"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return "" if whole and digest.startswith(_digest(folder)) else "is damaged"


def _fits(recipe: Recipe | None, name: str, value: Any) -> bool:
    if recipe is None:
        return False
    if name == "views":
        size = recipe.preprocessing.size
        return any(
            tuple(View.parse(text, size, pooling) for text in value) == recipe.views
            for pooling in ("avg", PRELOGITS)  # the default of one network or another
        )
    return bool(getattr(recipe, name) == value)


def _describe(folder: Path) -> Stored:
    backbone = folder.name.rpartition("-")[0]
    trouble = check_description(folder)
    if trouble:
        return Stored(folder, backbone, _digest(folder), None, trouble)
    values = json.loads((folder / DESCRIPTION).read_bytes())
    if values.get("schema", 0) > SCHEMA:
        trouble = f"written by a newer catnocat (schema {values['schema']}): update catnocat"
        return Stored(folder, backbone, _digest(folder), None, trouble)
    try:
        recipe = Recipe.from_dict(values)
    except FeatureError as error:
        return Stored(folder, backbone, _digest(folder), None, str(error))
    return Stored(folder, recipe.backbone, _digest(folder), recipe)


def _digest(folder: Path) -> str:
    return folder.name.rpartition("-")[2]


def _name(stored: Stored) -> str:
    if stored.recipe is None:
        return f"{stored.digest} ({stored.backbone}: {stored.trouble})"
    shown = ",".join(str(view) for view in stored.recipe.views)
    details = f"{stored.backbone} {shown} {stored.recipe.engine} {stored.recipe.precision}"
    return f"{stored.digest} ({details})"
