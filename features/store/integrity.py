"""Whether every byte of a store is still what was written."""

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from ..utils import file_digest, told_in_one_line
from .shards import Shard, read_shard
from .store_listing import DESCRIPTION, Stored, check_description, recipes_in
from .unreadable_images import read_failures


@dataclass(frozen=True)
class Damage:
    """A file of a store that is not what was written.

    Attributes
    ----------
    path : pathlib.Path
    reason : str
    """

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True)
class Verification:
    """What looking at every byte of a store has shown.

    Attributes
    ----------
    recipes, shards, rows : int
        How much was looked at.
    damages : tuple of Damage
    """

    recipes: int
    shards: int
    rows: int
    damages: tuple[Damage, ...]


def verify_store(root: str | PathLike[str], prefix: str = "") -> Verification:
    """Read every byte of a store and compare it with the checksums.

    Parameters
    ----------
    root : path
    prefix : str
        Look only at recipes whose digest begins so.

    Returns
    -------
    Verification

    Raises
    ------
    FeatureError
        When the store cannot be read, or was written by a newer catnocat.
    """
    shards = rows = 0
    damages = []
    chosen = [stored for stored in recipes_in(root) if stored.digest.startswith(prefix)]
    with told_in_one_line(f"read the feature store {root}"):
        for stored in chosen:
            for found in _look_through(stored):
                if isinstance(found, Damage):
                    damages.append(found)
                else:
                    shards += 1
                    rows += found.rows
    return Verification(len(chosen), shards, rows, tuple(damages))


def find_damage(shard: Shard) -> Damage | None:
    """Compare the rows of a shard with their checksum."""
    if file_digest(shard.path) == shard.sha256:
        return None
    return Damage(shard.path, "its rows are not what was written")


def _look_through(stored: Stored) -> Iterator[Shard | Damage]:
    if trouble := check_description(stored.folder):
        yield Damage(stored.folder / DESCRIPTION, trouble)
    for path in sorted(stored.folder.iterdir()):
        try:
            if path.suffix == ".bad" and read_failures(path) is None:
                yield Damage(path, "a list of failures that is not what was written")
            elif path.suffix == ".idx":
                found = read_shard(path)
                yield _index_damage(path) if found is None else find_damage(found[0]) or found[0]
        except FileNotFoundError:
            if path.exists():
                raise  # else it was tidied up while we looked


def _index_damage(index: Path) -> Damage:
    rows = index.with_suffix(".npy")
    if index.stat() and not rows.exists():
        return Damage(index, f"its rows, {rows.name}, are gone")
    return Damage(index, f"not what was written, or {rows.name} has another size")
