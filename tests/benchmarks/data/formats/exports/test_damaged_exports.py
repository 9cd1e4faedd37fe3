"""Exports that were cut off, overwritten or edited are read, or refused in one line."""

import json
import random

import numpy as np
import pytest

from catnocat.benchmarks.data.formats import Source, detect_formats, read_dataset
from catnocat.benchmarks.utils.errors import InputError

MUTATIONS = 40
BYTES = (
    *(b"null", b"-1", b"1e999", b"NaN", b"[]", b'""', b"true", b"9" * 5000, b"[" * 3000, b"{}"),
    *(b"\x00", b"\xff\xfe", b",", b"|", b"<", b"&", b"'", b'"', b"\n", b"..", b"/", b"{", b"?"),
)
VALUES = (None, -1, 1e400, [], {}, "", "x", True, 10**30, [[]], [None], {"a": 1}, "\0", 1.5)


def cut(rng, content):
    return content[: rng.randrange(len(content))]


def flip(rng, content):
    changed = bytearray(content)
    for _ in range(rng.choice([1, 1, 3, 20])):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def insert(rng, content):
    at = rng.randrange(len(content))
    return content[:at] + rng.choice(BYTES) + content[at + rng.choice([0, 0, 1, 5]) :]


def retype(rng, content):
    """Return a JSON document, or a line of it, with another type in the place of one value."""
    lines = content.decode().splitlines(keepends=True)
    whole = content[:1] == b"[" or len(lines) == 1 or lines[0].strip() == "{"
    at = rng.randrange(len(lines))
    document = json.loads(content if whole else lines[at])
    places, todo = [], [document]
    while todo:
        inner = todo.pop()
        keys = list(inner) if isinstance(inner, dict) else range(len(inner))
        places += [(inner, key) for key in keys]
        todo += [inner[key] for key in keys if isinstance(inner[key], dict | list)]
    inner, key = rng.choice(places)
    inner[key] = rng.choice(VALUES)
    if whole:
        return json.dumps(document).encode()
    lines[at] = json.dumps(document) + "\n"
    return "".join(lines).encode()


def test_a_damaged_export_is_read_or_refused_in_one_line(
    export_name, exports, write_export, tmp_path
):
    place, _ = write_export(export_name)
    root = place if place.is_dir() else place.parent
    files = [
        file
        for file in sorted(root.rglob("*"))
        if file.is_file() and file.suffix != ".jpg" and file.stat().st_size
    ]
    if not files:
        pytest.skip("a format of folders only")
    rng = random.Random(export_name)
    messages = []
    for _ in range(MUTATIONS):
        file = rng.choice(files)
        content = file.read_bytes()
        is_json = file.suffix in (".json", ".jsonl", ".manifest")
        way = rng.choice([cut, flip, insert, *[retype] * 5 * is_json])
        file.write_bytes(way(rng, content))
        detect_formats(Source(place))  # never raises
        try:
            table = read_dataset(place, exports[export_name].format)
        except InputError as error:
            messages.append(str(error))
        else:
            assert table.Y.shape == table.known.shape == (len(table.images), len(table.labels))
            assert np.isin(table.Y, (0, 1)).all()
            assert len(set(table.images)) == table.n_images
        file.write_bytes(content)
    assert messages
    for message in messages:
        assert message.splitlines() == [message]
        assert str(tmp_path) in message
