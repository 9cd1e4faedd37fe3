"""Files that were cut off, overwritten or filled by somebody else's program."""

import json
import random

import numpy as np
import pytest

from catnocat.benchmarks.data.formats import read_dataset
from catnocat.benchmarks.utils.errors import InputError

MUTATIONS = 40
BYTES = (
    *(b"null", b"-1", b"1e999", b"NaN", b"[]", b'""', b"true", b"9" * 5000, b"[" * 3000),
    *(
        b"\x00",
        b"\xff\xfe",
        b",",
        b";",
        b"|",
        b"<",
        b"&",
        b"'",
        b'"',
        b"\n",
        b"..",
        b"/",
        b"{",
        b"?",
    ),
)
VALUES = (
    None,
    -1,
    1e400,
    [],
    {},
    "",
    "x",
    True,
    10**30,
    [[]],
    [None],
    {"a": 1},
    "\0",
    1.5,
    "../..",
)


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


def repeat(rng, content):
    at = rng.randrange(len(content))
    end = at + rng.randrange(1, 40)
    return content[:end] + content[at:]


def retype(rng, content):
    """Put another type in the place of one of a JSON document's values."""
    document = json.loads(content)
    places, todo = [], [document]
    while todo:
        inner = todo.pop()
        keys = list(inner) if isinstance(inner, dict) else range(len(inner))
        places += [(inner, key) for key in keys]
        todo += [inner[key] for key in keys if isinstance(inner[key], dict | list)]
    inner, key = rng.choice(places)
    inner[key] = rng.choice(VALUES)
    return json.dumps(document).encode()


WAYS = (cut, flip, insert, repeat)


@pytest.mark.parametrize(
    "name",
    [
        *("table", "voc", "coco", "yolo", "open-images", "nus-wide"),
        *("huggingface", "huggingface, parquet"),
        *("arrays", "arrays, safetensors", "arff", "arff, mulan"),
    ],
)
def test_whatever_a_file_holds_it_is_read_or_refused_in_one_line(
    writers, writers_of_features, tmp_path, name
):
    place = (writers | writers_of_features)[name](tmp_path / "set")
    assert read_dataset(place).n_images == 7
    root = place if place.is_dir() else place.parent
    files = [file for file in sorted(root.rglob("*")) if file.suffix != ".jpg" and file.is_file()]
    rng = random.Random(name)
    told = []
    for _ in range(MUTATIONS):
        file = rng.choice(files)
        content = file.read_bytes()
        way = rng.choice([*WAYS, *[retype] * 4 * (file.suffix == ".json")])
        file.write_bytes(way(rng, content))
        try:
            table = read_dataset(place, name.split(",")[0])
        except InputError as error:
            told.append(str(error))
        else:
            assert table.Y.shape == table.known.shape == (len(table.images), len(table.labels))
            assert np.isin(table.Y, (0, 1)).all()
        file.write_bytes(content)
    assert len(told) > MUTATIONS / 10
    for message in told:
        assert message.splitlines() == [message]
        assert str(tmp_path) in message
