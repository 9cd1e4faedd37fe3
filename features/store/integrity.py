"""Check all bytes of a store against their checksums."""

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from ..utils import file_digest, report_os_errors
from .shards import Shard, read_failures, read_shard
from .store_listing import DESCRIPTION, StoredRecipe, check_description, list_recipes


@dataclass(frozen=True)
class Damage:
    """Damaged file of a store.

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
class IntegrityReport:
    """Result of checking a store.

    Attributes
    ----------
    recipes, shards, rows : int
        Numbers of what was checked.
    damages : tuple of Damage
    """

    recipes: int
    shards: int
    rows: int
    damages: tuple[Damage, ...]


def verify_store(root: str | PathLike[str], prefix: str = "") -> IntegrityReport:
    """Read every byte of a store and compare it with the checksums.

    Parameters
    ----------
    root : path
    prefix : str
        Check only recipes whose digest starts with this.

    Returns
    -------
    IntegrityReport

    Raises
    ------
    FeatureError
        If the store cannot be read, or was written by a newer catnocat.
    """
    shards = rows = 0
    damages = []
    chosen = [stored for stored in list_recipes(root) if stored.digest.startswith(prefix)]
    with report_os_errors(f"read the feature store {root}"):
        for stored in chosen:
            for checked in _check_folder(stored):
                if isinstance(checked, Damage):
                    damages.append(checked)
                else:
                    shards += 1
                    rows += checked.rows
    return IntegrityReport(len(chosen), shards, rows, tuple(damages))


def find_damage(shard: Shard) -> Damage | None:
    """Compare the rows of a shard with their checksum."""
    if file_digest(shard.path) == shard.sha256:
        return None
    return Damage(shard.path, "its rows do not match their checksum")


def _check_folder(stored: StoredRecipe) -> Iterator[Shard | Damage]:
    if trouble := check_description(stored.folder):
        yield Damage(stored.folder / DESCRIPTION, trouble)
    for path in sorted(stored.folder.iterdir()):
        try:
            if path.suffix == ".bad" and read_failures(path) is None:
                yield Damage(path, "the list of failures does not match its checksum")
            elif path.suffix == ".idx":
                entry = read_shard(path)
                yield _index_damage(path) if entry is None else find_damage(entry[0]) or entry[0]
        except FileNotFoundError:
            if path.exists():
                raise  # otherwise garbage collection removed it meanwhile


def _index_damage(index: Path) -> Damage:
    rows = index.with_suffix(".npy")
    if index.stat() and not rows.exists():
        return Damage(index, f"its rows, {rows.name}, are missing")
    return Damage(index, f"does not match its checksum, or {rows.name} has another size")
