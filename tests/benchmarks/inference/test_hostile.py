"""Files that are no models, or no longer: refused in one line, and nothing in them runs."""

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
from catnocat.benchmarks.inference.model_file.archive import MANIFEST, PROTOCOL, write_archive
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


def written_anew(path, members, about=None):
    """Write members with checksums that fit: by somebody who knows how."""
    about = {"versions": {}} if about is None else about
    write_archive(path, about, {name: data for name, data in members.items() if name != MANIFEST})


def with_model(change):
    """Change what model.json says."""

    def make(path):
        members = members_of(path)
        told = json.loads(members[MODEL])
        told = change(told) or told
        members[MODEL] = told if isinstance(told, bytes) else json.dumps(told).encode()
        written_anew(path, members)

    return make


def with_arrays(change):
    """Change the arrays."""

    def make(path):
        members = members_of(path)
        arrays = load_arrays(members[ARRAYS])
        changed = change(arrays)
        data = changed if isinstance(changed, bytes) else save_arrays(arrays)
        written_anew(path, members | {ARRAYS: data})

    return make


def flipped(place):
    def make(path):
        data = bytearray(path.read_bytes())
        data[int(place * (len(data) - 1))] ^= 0x10
        path.write_bytes(data)

    return make


def cut(share):
    return lambda path: path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])


def bytes_of(data):
    return lambda path: path.write_bytes(data)


def zipped(*entries, method=zipfile.ZIP_STORED, sealed=True):
    """Write a zip of other entries, with a seal that fits."""
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


def directory_says(offset, form, value):
    """Change a field of the second member's entry in the zip's directory."""

    def change(data):
        second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
        struct.pack_into(form, data, second + offset, value)

    return resealed(change)


def renamed(name):
    """Give the second member another name of the same length, in both places."""

    def change(data):
        for sign, place in ((b"PK\x03\x04", 30), (b"PK\x01\x02", 46)):
            start = data.index(sign, data.index(sign) + 1) + place
            data[start : start + len(MODEL)] = name.ljust(len(MODEL), b"_")

    return resealed(change)


def symlink():
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    return info


def a_part(name, state=None):
    return {"part": name, "state": state or {}}


def pipeline_is(value):
    return with_model(lambda told: told.update(pipeline=value))


def in_classifier(**changes):
    """Change attributes of the classifier inside the pipeline."""

    def change(told):
        step = told["pipeline"]["state"]["steps"][1]["tuple"][1]
        for name, value in changes.items():
            step["state"].pop(name, None)
            if value is not None:
                step["state"][name] = value

    return with_model(change)


def manifest_says(**about):
    return lambda path: written_anew(path, members_of(path), {"versions": {}, **about})


def header(shape, kind="F32", end=4):
    told = json.dumps({"0": {"dtype": kind, "shape": shape, "data_offsets": [0, end]}}).encode()
    return lambda arrays: struct.pack("<Q", len(told)) + told + b"\0" * 4


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
    """Let two arrays lie on the same bytes."""
    one = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    told = json.dumps({"0": one, "1": one}).encode()
    return struct.pack("<Q", len(told)) + told + b"\0" * 4


def infinite(arrays):
    for array in arrays.values():
        if array.dtype.kind == "f":
            array[...] = np.inf


def a_recipe(**changes):
    """Say that it was fitted on pictures, in a way that is none."""
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
    return with_model(lambda told: told.update(recipe=recipe | changes))


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
    **{f"flipped at {place}": flipped(place) for place in np.linspace(0, 1, 12).round(3).tolist()},
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
    "newer protocol": manifest_says(protocol=PROTOCOL + 1),
    "protocol as text": manifest_says(protocol=str(PROTOCOL)),
    "protocol zero": manifest_says(protocol=0),
    "another format": manifest_says(format="other"),
    "large manifest": manifest_says(filler="x" * 100_000),
    "foreign type": pipeline_is(a_part("os.system")),
    "foreign class": pipeline_is(a_part("builtins.eval", {"source": "1"})),
    "foreign estimator": pipeline_is(a_part("sklearn.SVC")),
    "numpy object": pipeline_is({"array": "0", "dtype": "object"}),
    "no pipeline": pipeline_is(None),
    "number for a pipeline": pipeline_is(3),
    "classifier swapped": pipeline_is(a_part("sklearn.StandardScaler")),
    "unfitted": pipeline_is(a_part("sklearn.Pipeline", {"steps": []})),
    "method overwritten": in_classifier(predict_proba="nothing"),
    "class overwritten": in_classifier(__class__="nothing"),
    "attribute lost": in_classifier(coef_=None),
    "parameter lost": in_classifier(C=None),
    "array lost": in_classifier(coef_={"array": "nowhere"}),
    "weights are text": in_classifier(coef_="many"),
    "key unknown": with_model(lambda told: told.update(code="import os")),
    "labels twice": with_model(lambda told: told.update(labels=["a"] * len(told["labels"]))),
    "label fewer": with_model(lambda told: told["labels"].pop()),
    "no JSON": with_model(lambda told: b"{"),
    "deep JSON": with_model(lambda told: nested(100_000)),
    "deep state": pipeline_is(json.loads(nested(90))),
    "NaN in JSON": with_model(lambda told: b'{"labels": NaN}'),
    "name twice": with_model(lambda told: b'{"labels": 1, "labels": 2}'),
    "long number": with_model(lambda told: b'{"labels": ' + b"9" * 10_000 + b"}"),
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
    "encrypted": directory_says(8, "<H", 1),
    "directory lies about the size": directory_says(24, "<I", 2**32 - 2),
    "directory lies about what is stored": directory_says(20, "<I", 2**32 - 2),
    "directory lies about the place": directory_says(42, "<I", 5),
    "directory asks for 64 bits": directory_says(24, "<I", 2**32 - 1),
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
        lambda told: told.update(labels=["\x1b[2J", *told["labels"][1:]])
    ),
    "method of two lines": with_model(lambda told: told.update(method="a\nb")),
    "version that is a command": manifest_says(versions={"numpy": "\x1b]0;title\x07"}),
    "decides by magic": with_model(lambda told: told.update(decides="magic")),
    "set rule by magic": with_model(
        lambda told: told.update(set_rule={"source": "magic", "at_least_one": True})
    ),
    "set rule that is a number": with_model(
        lambda told: told.update(set_rule={"source": "sets", "at_least_one": 1})
    ),
    "set rule of more": with_model(
        lambda told: told.update(
            set_rule={"source": "sets", "at_least_one": True, "at_most_one": True}
        )
    ),
    "no set rule": with_model(lambda told: told.pop("set_rule")),
    "recipe of a thousand views": a_recipe(views=["whole"] * 1000),
    "recipe of a list": a_recipe(backbone=["efficientnet_lite0"]),
    "recipe of numbers": a_recipe(views=3, channels="six"),
    "recipe of many channels": a_recipe(channels=10**30),
    "recipe without preprocessing": a_recipe(preprocessing={}),
    "long header": with_arrays(lambda arrays: struct.pack("<Q", 2**62) + b"{}"),
}


def test_every_attack_changes_the_file_in_its_own_way(model_file):
    whole = model_file.read_bytes()
    digests = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name stands in a zip twice
        for kind, attack in HOSTILE.items():
            model_file.write_bytes(whole)
            attack(model_file)
            digests[kind] = hashlib.sha256(model_file.read_bytes()).hexdigest()
    assert hashlib.sha256(whole).hexdigest() not in digests.values()
    kinds = {digest: kind for kind, digest in digests.items()}
    assert [kind for kind, digest in digests.items() if kinds[digest] != kind] == []


@pytest.mark.parametrize("kind", HOSTILE)
def test_it_is_refused_in_one_line_and_nothing_runs(model_file, kind):
    load(model_file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name stands in a zip twice
        HOSTILE[kind](model_file)
    tracemalloc.start()
    try:
        with pytest.raises(ModelError) as refusal:
            load(model_file)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    message = str(refusal.value)
    assert message.startswith(str(model_file))
    assert "\n" not in message
    assert len(message) < 500
    assert most < MEMORY
    assert os.getenv(MARK) is None
    assert sorted(path.name for path in model_file.parent.iterdir()) == [model_file.name]


def test_a_changed_byte_is_found_wherever_it_is(model_file, rng):
    whole = model_file.read_bytes()
    for place in rng.integers(len(whole), size=150).tolist():
        data = bytearray(whole)
        data[place] ^= 1 << int(rng.integers(8))
        model_file.write_bytes(data)
        with pytest.raises(ModelError):
            load(model_file)


def test_the_bomb_would_go_off():
    try:
        pickle.loads(pickle.dumps(Bomb()))
        assert os.environ.pop(MARK) == "yes"
    finally:
        os.environ.pop(MARK, None)
