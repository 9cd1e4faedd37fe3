"""The Arrow and Parquet files that make up a Hugging Face data set, and their rows."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...utils import InputError

_METADATA = b"huggingface"


@dataclass(frozen=True)
class Part:
    """A part of a data set.

    Attributes
    ----------
    name : str
        As in "train"; empty where there is one part only.
    files : list of Path
    features : dict
        What each column means, as the `datasets` library writes it.
    """

    name: str
    files: list[Path]
    features: dict[str, Any]


def find_parts(path: Path) -> list[Part]:
    """Give the parts of the data set at a path; none where there is no data set."""
    try:
        return _find_parts(path)
    except (
        *(OSError, ValueError, KeyError, TypeError, AttributeError),
        *(NotImplementedError, MemoryError, RecursionError),  # so do Arrow and json
    ):  # whatever is not as written
        return []


def _find_parts(path: Path) -> list[Part]:
    if path.is_file():
        features = _parquet_features(path) if path.suffix.lower() == ".parquet" else None
        return [Part("", [path], features)] if features else []
    if (path / "dataset_dict.json").is_file():
        return [_saved(path / name, name) for name in _json(path / "dataset_dict.json")["splits"]]
    if (path / "state.json").is_file():
        return [_saved(path, "")]
    grouped: dict[str, list[Path]] = {}
    for file in sorted([*path.glob("*.parquet"), *path.glob("data/*.parquet")]):
        grouped.setdefault(file.stem.split("-")[0], []).append(file)
    found = [(name, files, _parquet_features(files[0])) for name, files in grouped.items()]
    return [Part(name, files, features) for name, files, features in found if features]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _saved(folder: Path, name: str) -> Part:
    files = [folder / entry["filename"] for entry in _json(folder / "state.json")["_data_files"]]
    return Part(name, files, dict(_json(folder / "dataset_info.json")["features"]))


def _parquet_features(file: Path) -> dict[str, Any] | None:
    import pyarrow.parquet as pq  # slow to import, and of use for this format only

    metadata = pq.read_schema(file).metadata or {}
    if _METADATA not in metadata:
        return None
    return dict(json.loads(metadata[_METADATA])["info"]["features"])


def read_rows(part: Part, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Give the rows of a part one by one, so that its pictures are never all in memory.

    Raises
    ------
    InputError
        If a file is missing or broken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    for file in part.files:
        try:
            if file.suffix == ".parquet":
                for batch in pq.ParquetFile(file).iter_batches(256, columns=list(columns)):
                    yield from batch.to_pylist()
            else:
                # Not a memory map: a file that shrinks under one ends the process.
                with pa.OSFile(str(file)) as source, pa.ipc.open_stream(source) as batches:
                    for batch in batches:
                        batch.validate(full=True)  # Arrow follows a wrong offset anywhere
                        yield from batch.select(list(columns)).to_pylist()
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            reason = " ".join(str(error).split())
            raise InputError(f"{file}: cannot be read ({reason})") from None
