"""Invalid and malicious model files are rejected in one line, and no code in them runs."""

import hashlib
import io
import json
import os
import pickle
import struct
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from catnocat.benchmarks.inference import load
from catnocat.benchmarks.inference.model_file import ModelError
from catnocat.benchmarks.inference.model_file.archive import FORMAT_VERSION, MANIFEST, write_archive
from catnocat.benchmarks.inference.model_file.model_record import ARRAYS, MODEL

MARK = "CATNOCAT_WAS_HACKED"
MEMORY = 64 * 2**20


class Bomb:
    """Sets an environment variable when it is unpickled."""

    def __reduce__(self):
        return exec, (f"import os; os.environ[{MARK!r}] = 'yes'",)


def members_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path, members, about=None):
    """Write members with valid checksums, as an attacker would."""
    about = {"versions": {}} if about is None else about
    write_archive(path, about, {name: data for name, data in members.items() if name != MANIFEST})


def with_model(change):
    """Change model.json."""

    def make(path):
        members = members_of(path)
        content = json.loads(members[MODEL])
        content = change(content) or content
        members[MODEL] = content if isinstance(content, bytes) else json.dumps(content).encode()
        rewrite(path, members)

    return make


def with_arrays(change):
    """Change the arrays."""

    def make(path):
        members = members_of(path)
        arrays = load_arrays(members[ARRAYS])
        changed = change(arrays)
        data = changed if isinstance(changed, bytes) else save_arrays(arrays)
        rewrite(path, members | {ARRAYS: data})

    return make


def flipped(position):
    def make(path):
        data = bytearray(path.read_bytes())
        data[int(position * (len(data) - 1))] ^= 0x10
        path.write_bytes(data)

    return make


def cut(share):
    return lambda path: path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])


def bytes_of(data):
    return lambda path: path.write_bytes(data)


def zipped(*entries, method=zipfile.ZIP_STORED, sealed=True):
    """Write a zip with further entries and a valid seal."""
    import hashlib

    def make(path):
        members = members_of(path)
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as archive:
            for name, data in [*members.items(), *entries]:
                info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
                if not isinstance(name, zipfile.ZipInfo):
                    info.external_attr = 0o644 << 16
                info.compress_type = method
                archive.writestr(info, data)
            archive.comment = b" " * 80
        data = file.getvalue()[:-80]
        seal = b"catnocat sha256:" + hashlib.sha256(data).hexdigest().encode()
        path.write_bytes(data + (seal if sealed else b" " * 80))

    return make


def resealed(change):
    """Change the bytes of the zip as a whole, and seal it again."""
    import hashlib

    def make(path):
        data = bytearray(path.read_bytes()[:-80])
        changed = bytes(change(data) or data)
        path.write_bytes(
            changed + b"catnocat sha256:" + hashlib.sha256(changed).hexdigest().encode()
        )

    return make


def directory_with(offset, form, value):
    """Change a field of the second member's entry in the zip's directory."""

    def change(data):
        second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
        struct.pack_into(form, data, second + offset, value)

    return resealed(change)


def renamed(name):
    """Rename the second member in both headers, keeping the length."""

    def change(data):
        for sign, offset in ((b"PK\x03\x04", 30), (b"PK\x01\x02", 46)):
            start = data.index(sign, data.index(sign) + 1) + offset
            data[start : start + len(MODEL)] = name.ljust(len(MODEL), b"_")

    return resealed(change)


def symlink():
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    return info


def serialized(name, state=None):
    return {"part": name, "state": state or {}}


def pipeline_is(value):
    return with_model(lambda content: content.update(pipeline=value))


def in_classifier(**changes):
    """Change attributes of the classifier inside the pipeline."""

    def change(content):
        step = content["pipeline"]["state"]["steps"][1]["tuple"][1]
        for name, value in changes.items():
            step["state"].pop(name, None)
            if value is not None:
                step["state"][name] = value

    return with_model(change)


def manifest_with(**about):
    return lambda path: rewrite(path, members_of(path), {"versions": {}, **about})


def header(shape, kind="F32", end=4):
    content = json.dumps({"0": {"dtype": kind, "shape": shape, "data_offsets": [0, end]}}).encode()
    return lambda arrays: struct.pack("<Q", len(content)) + content + b"\0" * 4


def nan_in(arrays):
    name = next(name for name, array in arrays.items() if array.dtype.kind == "f")
    arrays[name] = np.full_like(arrays[name], np.nan)


def shuffled(arrays):
    for name, array in arrays.items():
        if array.ndim == 2 and array.dtype.kind == "f":
            arrays[name] = np.ascontiguousarray(array[::-1])


def widened(arrays):
    for name, array in arrays.items():
        if array.ndim == 2:
            arrays[name] = np.ascontiguousarray(array.T)


def two_in_one(arrays):
    """Let two arrays share the same bytes."""
    array = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    content = json.dumps({"0": array, "1": array}).encode()
    return struct.pack("<Q", len(content)) + content + b"\0" * 4


def infinite(arrays):
    for array in arrays.values():
        if array.dtype.kind == "f":
            array[...] = np.inf


def recipe_with(**changes):
    """Replace the recipe by an invalid one for images."""
    recipe = {
        "backbone": "efficientnet_lite0",
        "weights": "0" * 64,
        "channels": 6,
        "preprocessing": {
            "size": 224,
            "interpolation": "bicubic",
            "mean": [0.5] * 3,
            "std": [0.5] * 3,
            "crop_pct": 0.875,
        },
        "views": ["whole@224:avg"],
        "engine": "torch",
        "precision": "float32",
        "decoder": "pillow-13.0",
        "schema": 1,
    }
    return with_model(lambda content: content.update(recipe=recipe | changes))


def nested(depth):
    return b"[" * depth + b"]" * depth


HOSTILE = {
    "pickle": bytes_of(pickle.dumps(Bomb())),
    "old pickle": bytes_of(pickle.dumps(Bomb(), protocol=0)),
    "empty": bytes_of(b""),
    "text": bytes_of(b"no model\n" * 100),
    "noise": bytes_of(bytes(range(256)) * 40),
    "empty zip": bytes_of(b"PK\x05\x06" + b"\0" * 18),
    "end of a zip only": bytes_of(b"catnocat sha256:" + b"0" * 64),
    **{
        f"flipped at {position}": flipped(position)
        for position in np.linspace(0, 1, 12).round(3).tolist()
    },
    **{f"cut to {share}": cut(share) for share in (0.001, 0.3, 0.9, 0.999)},
    "more at the end": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "more at the beginning": lambda path: path.write_bytes(b"#!/bin/sh\n" + path.read_bytes()),
    "no seal": zipped(sealed=False),
    "compressed": zipped(method=zipfile.ZIP_DEFLATED),
    "zip bomb": zipped(("bomb", b"\0" * 10_000_000), method=zipfile.ZIP_DEFLATED),
    "member more": zipped(("more", b"x")),
    "slip": zipped(("../../../tmp/slip", b"x")),
    "absolute": zipped(("/etc/cron.d/x", b"x")),
    "symlink": zipped((symlink(), b"/etc/passwd")),
    "pickle inside": zipped(("model.pkl", pickle.dumps(Bomb()))),
    "zip inside": zipped(("inner.zip", b"PK\x05\x06" + b"\0" * 18)),
    "folder": zipped(("folder/", b"")),
    "many members": zipped(*((f"m{number}", b"") for number in range(1000))),
    "newer format version": manifest_with(protocol=FORMAT_VERSION + 1),
    "format version as text": manifest_with(protocol=str(FORMAT_VERSION)),
    "format version zero": manifest_with(protocol=0),
    "another format": manifest_with(format="other"),
    "large manifest": manifest_with(filler="x" * 100_000),
    "foreign type": pipeline_is(serialized("os.system")),
    "foreign class": pipeline_is(serialized("builtins.eval", {"source": "1"})),
    "foreign estimator": pipeline_is(serialized("sklearn.SVC")),
    "numpy object": pipeline_is({"array": "0", "dtype": "object"}),
    "no pipeline": pipeline_is(None),
    "number for a pipeline": pipeline_is(3),
    "classifier swapped": pipeline_is(serialized("sklearn.StandardScaler")),
    "build_pipeline": pipeline_is(serialized("sklearn.Pipeline", {"steps": []})),
    "method overwritten": in_classifier(predict_proba="nothing"),
    "class overwritten": in_classifier(__class__="nothing"),
    "attribute lost": in_classifier(coef_=None),
    "parameter lost": in_classifier(C=None),
    "array lost": in_classifier(coef_={"array": "nowhere"}),
    "weights are text": in_classifier(coef_="many"),
    "key unknown": with_model(lambda content: content.update(code="import os")),
    "labels twice": with_model(
        lambda content: content.update(labels=["a"] * len(content["labels"]))
    ),
    "label fewer": with_model(lambda content: content["labels"].pop()),
    "no JSON": with_model(lambda content: b"{"),
    "deep JSON": with_model(lambda content: nested(100_000)),
    "deep state": pipeline_is(json.loads(nested(90))),
    "NaN in JSON": with_model(lambda content: b'{"labels": NaN}'),
    "name twice": with_model(lambda content: b'{"labels": 1, "labels": 2}'),
    "long number": with_model(lambda content: b'{"labels": ' + b"9" * 10_000 + b"}"),
    "NaN weights": with_arrays(nan_in),
    "shuffled weights": with_arrays(shuffled),
    "other shapes": with_arrays(widened),
    "array more": with_arrays(lambda arrays: arrays.update(more=np.ones(3))),
    "no arrays": with_arrays(lambda arrays: b""),
    "huge shape": with_arrays(header([2**40, 2**20])),
    "overflowing shape": with_arrays(header([2**63, 2])),
    "negative shape": with_arrays(header([-1])),
    "strange kind": with_arrays(header([1], "F8_E4M3", 1)),
    "two members of one name": zipped((MODEL, b"{}")),
    "encrypted": directory_with(8, "<H", 1),
    "directory lies about the size": directory_with(24, "<I", 2**32 - 2),
    "directory lies about what is stored": directory_with(20, "<I", 2**32 - 2),
    "directory lies about the offset": directory_with(42, "<I", 5),
    "directory asks for 64 bits": directory_with(24, "<I", 2**32 - 1),
    "two names for one member": resealed(
        lambda data: data[:-1000] + data[-1000:].replace(MODEL.encode(), b"nodel.json")
    ),
    "name with NUL": renamed(b"m\0del"),
    "name with backslash": renamed(b"..\\..\\x"),
    "name on a drive": renamed(b"C:model"),
    "gap between members": resealed(lambda data: data.replace(b"PK\x01\x02", b"#PK\x01\x02", 1)),
    "two arrays in one": with_arrays(two_in_one),
    "header of two gigabytes": with_arrays(lambda arrays: struct.pack("<Q", 2**31) + b"{}"),
    "shape of nothing": with_arrays(header([0, 2**40], end=0)),
    "infinite weights": with_arrays(infinite),
    "label that clears the screen": with_model(
        lambda content: content.update(labels=["\x1b[2J", *content["labels"][1:]])
    ),
    "method of two lines": with_model(lambda content: content.update(method="a\nb")),
    "version that is a command": manifest_with(versions={"numpy": "\x1b]0;title\x07"}),
    "member of version 1": with_model(lambda content: content.update(decides="magic")),
    "set rule by magic": with_model(
        lambda content: content.update(set_rule={"source": "magic", "at_least_one": True})
    ),
    "set rule that is a number": with_model(
        lambda content: content.update(set_rule={"source": "sets", "at_least_one": 1})
    ),
    "set rule of more": with_model(
        lambda content: content.update(
            set_rule={"source": "sets", "at_least_one": True, "at_most_one": True}
        )
    ),
    "no set rule": with_model(lambda content: content.pop("set_rule")),
    "recipe of a thousand views": recipe_with(views=["whole"] * 1000),
    "recipe of a list": recipe_with(backbone=["efficientnet_lite0"]),
    "recipe of numbers": recipe_with(views=3, channels="six"),
    "recipe of many channels": recipe_with(channels=10**30),
    "recipe without preprocessing": recipe_with(preprocessing={}),
    "long header": with_arrays(lambda arrays: struct.pack("<Q", 2**62) + b"{}"),
}


def test_hostile_files_are_all_different(model_file):
    whole = model_file.read_bytes()
    digests = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # duplicate names in a zip
        for kind, attack in HOSTILE.items():
            model_file.write_bytes(whole)
            attack(model_file)
            digests[kind] = hashlib.sha256(model_file.read_bytes()).hexdigest()
    assert hashlib.sha256(whole).hexdigest() not in digests.values()
    kinds = {digest: kind for kind, digest in digests.items()}
    assert [kind for kind, digest in digests.items() if kinds[digest] != kind] == []


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_file_is_rejected_in_one_line(model_file, kind):
    load(model_file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # duplicate names in a zip
        HOSTILE[kind](model_file)
    tracemalloc.start()
    try:
        with pytest.raises(ModelError) as rejection:
            load(model_file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    message = str(rejection.value)
    assert message.startswith(str(model_file))
    assert "\n" not in message
    assert len(message) < 500
    assert peak < MEMORY
    assert os.getenv(MARK) is None
    assert sorted(path.name for path in model_file.parent.iterdir()) == [model_file.name]


def test_any_changed_byte_is_detected(model_file, rng):
    whole = model_file.read_bytes()
    for position in rng.integers(len(whole), size=150).tolist():
        data = bytearray(whole)
        data[position] ^= 1 << int(rng.integers(8))
        model_file.write_bytes(data)
        with pytest.raises(ModelError):
            load(model_file)


def test_pickle_bomb_works_when_unpickled():
    try:
        pickle.loads(pickle.dumps(Bomb()))
        assert os.environ.pop(MARK) == "yes"
    finally:
        os.environ.pop(MARK, None)
