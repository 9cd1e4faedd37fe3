"""Hostile files are refused in one line, within 1 GB of memory and 10 s of processor time.

Run as a script, ``python test_hostile.py FOLDER`` reads each file in a limited process, and prints
one line of JSON for each: its name, exit code, peak memory in MB, processor seconds and message.
"""

import gzip
import json
import logging
import os
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catnocat.benchmarks import load_dataset
from catnocat.benchmarks.cli import main
from catnocat.benchmarks.data.formats import read_dataset
from catnocat.benchmarks.utils import InputError, escape_controls
from catnocat.features import FeatureError

MEMORY_MB = 1000
SECONDS = 10
LONG = "x" * 100_000
RTL, ESCAPE = "\u202e", "\x1b[31m"

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def text(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def csv(folder, *rows, name="table.csv"):
    (folder / "a.jpg").touch()
    (folder / "b.jpg").touch()
    return text(folder / name, "".join(f"{row}\n" for row in rows))


@case
def yaml_alias_bomb(folder):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 12):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]")
    return text(folder / "data.yaml", "\n".join([*lines, "names: *a11"]))


@case
def yaml_merge_bomb(folder):
    lines = ["a0: &a0 {k: v}"]
    for level in range(1, 60):
        lines.append(f"a{level}: &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 9)}]}}")
    return text(folder / "data.yaml", "\n".join([*lines, "names: [cat]"]))


@case
def yaml_deep(folder):
    return text(folder / "data.yaml", "names: " + "[" * 200_000)


@case
def yaml_large(folder):
    return text(folder / "data.yaml", "names: [" + "cat, " * 2_000_000 + "dog]")


@case
def json_deep_lists(folder):
    return text(folder / "a.json", "[" * 2_000_000 + "]" * 2_000_000)


@case
def json_deep_objects(folder):
    return text(folder / "a.json", '{"a":' * 1_000_000 + "1" + "}" * 1_000_000)


@case
def json_deep_spaced(folder):
    return text(folder / "a.json", "[ " * 500_000 + "]" * 500_000)


@case
def json_many_objects(folder):
    return text(folder / "a.json", "[" + "{}," * 4_000_000 + "{}]")


@case
def json_broken_at_the_end(folder):
    return text(folder / "a.json", '{"images": [' + '{"a": 1},' * 1_000_000)


@case
def json_lines_deep(folder):
    return text(folder / "a.jsonl", '{"image": ' + "[" * 500_000 + "\n")


@case
def json_long_number(folder):
    return text(folder / "a.json", "[" + "9" * 5_000_000 + "]")


@case
def json_repeated_keys(folder):
    pairs = ",".join(f'"k{i % 7}": {i}' for i in range(1_000_000))
    return text(folder / "a.jsonl", f"{{{pairs}}}\n")


@case
def xml_quadratic_entity(folder):
    entity = f'<!DOCTYPE a [<!ENTITY e "{LONG}">]>'
    return text(folder / "annotations.xml", f"{entity}<annotations>{'&e;' * 100_000}</annotations>")


@case
def xml_billion_laughs(folder):
    entities = ['<!ENTITY e0 "ha">']
    entities += [f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12)]
    return text(
        folder / "annotations.xml",
        f"<!DOCTYPE a [{''.join(entities)}]><annotations>&e11;</annotations>",
    )


@case
def xml_external_entity(folder):
    return text(
        folder / "annotations.xml",
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><annotations>&e;</annotations>',
    )


@case
def xml_deep(folder):
    return text(folder / "annotations.xml", "<annotations><image>" + "<a>" * 1_000_000)


@case
def xml_many_elements(folder):
    return text(folder / "annotations.xml", f"<annotations>{'<image/>' * 1_000_000}</annotations>")


@case
def xml_many_attributes(folder):
    attributes = " ".join(f'a{i}="1"' for i in range(200_000))
    return text(folder / "annotations.xml", f"<annotations><image {attributes}/></annotations>")


@case
def parquet_of_equal_rows(folder):
    n = 30_000_000
    index = pa.array(np.zeros(n, np.int32))
    column = pa.DictionaryArray.from_arrays(index, pa.array(["a.jpg"]))
    pq.write_table(pa.table({"image": column, "labels": column}), folder / "a.parquet")
    return folder / "a.parquet"


@case
def parquet_of_one_long_text(folder):
    column = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(100_000, np.int32)), pa.array(["x" * 1_000_000])
    )
    pq.write_table(pa.table({"image": column, "labels": column}), folder / "a.parquet")
    return folder / "a.parquet"


@case
def parquet_that_compresses(folder):
    table = pa.table({"image": ["x" * 400_000_000], "labels": ["cat"]})
    pq.write_table(table, folder / "a.parquet", compression="zstd", use_dictionary=False)
    return folder / "a.parquet"


@case
def parquet_of_a_long_list(folder):
    values = pa.array(np.zeros(100_000_000, np.int8))
    lists = pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values)
    pq.write_table(pa.table({"image": ["a.jpg"], "labels": lists}), folder / "a.parquet")
    return folder / "a.parquet"


@case
def gzip_bomb(folder):
    with gzip.open(folder / "labels.csv.gz", "wb", compresslevel=9) as opened:
        opened.write(b"image,labels\n")
        for _ in range(1000):
            opened.write(b"a" * 1_000_000)
    return folder / "labels.csv.gz"


@case
def npz_bomb(folder):
    with zipfile.ZipFile(folder / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("X", "Y"):
            with archive.open(f"{name}.npy", "w", force_zip64=True) as opened:
                shape = (20_000, 20_000)
                about = {"descr": "<f4", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(opened, about)
                for _ in range(1600):
                    opened.write(bytes(1_000_000))
    return folder / "a.npz"


@case
def npz_that_lies_about_its_shape(folder):
    with zipfile.ZipFile(folder / "a.npz", "w") as archive:
        for name in ("X", "Y"):
            with archive.open(f"{name}.npy", "w") as opened:
                about = {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)}
                np.lib.format.write_array_header_1_0(opened, about)
    return folder / "a.npz"


@case
def csv_of_a_million_labels(folder):
    rows = ("|".join(f"l{i}_{j}" for j in range(1000)) for i in range(1000))
    return csv(folder, "image,labels", *(f"{i}.jpg,{row}" for i, row in enumerate(rows)))


@case
def csv_of_a_million_columns(folder):
    names = ",".join(f"l{i}" for i in range(1_000_000))
    return csv(folder, f"image,{names}", "a.jpg" + ",1" * 1_000_000)


@case
def csv_of_a_label_per_row(folder):
    return csv(folder, "image,labels", *(f"{i}.jpg,label {i}" for i in range(100_000)))


@case
def csv_of_labels_that_look_joined(folder):
    rows = (f"{i}.jpg,a{i % 9000}/b{i}" for i in range(25_000))
    return csv(folder, "image,labels", *rows)


@case
def long_form_of_a_million_labels(folder):
    rows = (f"{i % 100}.jpg,l{i}" for i in range(1_000_000))
    return csv(folder, "image,label", *rows)


@case
def csv_of_a_long_label(folder):
    return csv(folder, "image,labels", f"a.jpg,{LONG}", "b.jpg,cat")


@case
def csv_of_a_longer_cell(folder):
    return csv(folder, "image,labels", f"a.jpg,{LONG * 100}", "b.jpg,cat")


@case
def csv_of_a_long_column_name(folder):
    return csv(folder, f"image,{LONG}", "a.jpg,x", "b.jpg,1")


@case
def csv_of_a_long_image_name(folder):
    return csv(folder, "image,labels", f"{LONG}.jpg,cat", "b.jpg,cat")


@case
def csv_of_combining_characters(folder):
    marks = "\u0301\u0316" * 50_000
    return csv(folder, "image,labels", f"a.jpg,x{marks}", "b.jpg,cat")


@case
def csv_of_an_unclosed_quote(folder):
    return csv(folder, "image,labels", *(['a.jpg,"cat'] + ["b.jpg,dog"] * 500_000))


@case
def csv_of_controls_in_names(folder):
    return csv(folder, "image,labels", f"a.jpg,{RTL}cat{ESCAPE}", f"b.jpg,{RTL}cat {ESCAPE}")


@case
def csv_of_a_list_that_does_not_end(folder):
    return csv(folder, "image,labels", 'a.jpg,"[' + "'a'," * 25_000 + '"', 'b.jpg,"[]"')


@case
def csv_of_a_file_address(folder):
    return csv(folder, "image,labels", "file:///etc/passwd,cat", "b.jpg,dog")


@case
def csv_of_a_web_address(folder):
    return csv(folder, "image,labels", "http://127.0.0.1:9/a.jpg,cat", "b.jpg,dog")


@case
def coco_of_many_categories(folder):
    content = {
        "images": [{"id": i, "file_name": f"{i}.jpg"} for i in range(25_000)],
        "categories": [{"id": i, "name": f"l{i}"} for i in range(25_000)],
        "annotations": [{"image_id": 0, "category_id": 0}],
    }
    return text(folder / "a.json", json.dumps(content))


@case
def label_studio_of_long_choices(folder):
    value = {"choices": [LONG]}
    result = {"from_name": "c", "type": "choices", "value": value}
    (folder / "a.jpg").touch()
    task = {"id": 1, "data": {"image": "a.jpg"}, "annotations": [{"result": [result]}]}
    return text(folder / "a.json", json.dumps([task]))


@case
def yolo_of_many_classes(folder):
    for place in ("images", "labels"):
        (folder / place).mkdir()
    for number in range(3000):
        (folder / f"images/{number}.jpg").touch()
    text(folder / "labels/0.txt", "0 .5 .5 .1 .1\n")
    names = ", ".join(f"l{i}" for i in range(25_000))
    return text(folder / "data.yaml", f"train: images\nnames: [{names}]\n")


@case
def arff_of_sparse_rows(folder):
    attributes = "".join(f"@attribute a{i} numeric\n" for i in range(50_000))
    rows = "{0 1}\n" * 20_000
    return text(folder / "a.arff", f"@relation 'r: -C 2'\n{attributes}@data\n{rows}")


@case
def arff_of_quotes(folder):
    return text(folder / "a.arff", "@relation r\n@attribute " + "'\\" * 200_000 + "\n@data\n")


@case
def celeba_of_many_attributes(folder):
    names = " ".join(f"l{i}" for i in range(1_000_000))
    return text(folder / "list_attr_celeba.txt", f"1\n{names}\na.jpg 1\n")


def read(path):
    """Read a file as every command does; return the exit code and the message."""
    try:
        table = load_dataset(path)
    except (InputError, FeatureError) as error:
        return 2, str(error)
    return 0, repr(table)


def run_limited(path):
    """Read a file in a child process with limits; return what it cost and said."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
        limit = 4 * MEMORY_MB * 2**20  # addresses are more than memory
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        try:
            code, message = read(path)
        except BaseException as error:
            code, message = 1, f"{type(error).__name__}: {error}"[:500]
        with os.fdopen(writer, "w") as opened:
            json.dump({"code": code, "message": message}, opened)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as opened:
        answer = opened.read()
    _, status, usage = os.wait4(child, 0)
    found = json.loads(answer) if answer else {"code": -1, "message": f"status {status}"}
    return found | {
        "memory_mb": usage.ru_maxrss / 1024,
        "seconds": usage.ru_utime + usage.ru_stime,
    }


def read_all(folder):
    """Write and read each file; print what that cost."""
    logging.getLogger("catnocat").addHandler(logging.NullHandler())
    for name, write in CASES.items():
        place = Path(folder) / name
        place.mkdir()
        # Written by another process, whose peak memory the reader would otherwise inherit.
        child = os.fork()
        if child == 0:
            (place / "path.name").write_text(str(write(place)))
            os._exit(0)
        os.waitpid(child, 0)
        path = Path((place / "path.name").read_text())
        (place / "path.name").unlink()
        print(json.dumps({"case": name} | run_limited(path)), flush=True)
        for file in sorted(place.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()


MESSAGES = {
    "yaml_alias_bomb": "data.yaml row 2: an alias",
    "yaml_deep": "nested more than 100 levels",
    "json_deep_spaced": "nested too deeply",
    "xml_quadratic_entity": "has a document type",
    "xml_billion_laughs": "has a document type",
    "xml_external_entity": "has a document type",
    "parquet_of_equal_rows": "which cannot name different images",
    "gzip_bomb": "more than 100 times as large as the file",
    "npz_bomb": "more than 100 times as large as the file",
    "csv_of_a_million_labels": "1,000,000 different labels are too many for 1,000 images",
    "csv_of_a_million_columns": "row 1: 1,000,001 columns; at most 60,000 are read",
    "csv_of_a_long_label": "row 2: a label of 100,000 characters",
    "csv_of_a_long_image_name": "is too long for a path",
    "csv_of_a_file_address": "row 2: image 'file:///etc/passwd' is an address",
    "csv_of_a_web_address": "row 2: image 'http://127.0.0.1:9/a.jpg' is an address",
    "coco_of_many_categories": "25,000 different labels are too many for 25,000 images",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Return what reading each file in a limited process cost and said."""
    folder = tmp_path_factory.mktemp("hostile")
    ran = subprocess.run(
        [sys.executable, __file__, str(folder)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    entries = [json.loads(line) for line in ran.stdout.splitlines()]
    return {entry["case"]: entry for entry in entries}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_is_refused_within_the_limits(found, name):
    entry = found[name]
    assert entry["memory_mb"] < MEMORY_MB, entry
    assert entry["seconds"] < SECONDS, entry
    assert entry["code"] == 2, entry
    assert len(entry["message"].splitlines()) == 1
    assert len(entry["message"]) < 1000
    assert entry["message"].isprintable()
    assert MESSAGES.get(name, "") in entry["message"]


def test_controls_in_names_are_escaped_on_the_screen(tmp_path, capsys):
    (tmp_path / "a.jpg").touch()
    table = tmp_path / f"{ESCAPE}t.csv"
    table.write_text(f"image,labels\na.jpg,{RTL}cat\nb.jpg,{ESCAPE}dog\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["data", str(table), "--quick", "--out", str(tmp_path / "out")])
    written = "".join(capsys.readouterr())
    assert ESCAPE not in written
    assert RTL not in written
    assert "\\u202ecat" in written
    assert "\\x1b[31mdog" in written
    with pytest.raises(SystemExit):
        main(["data", str(tmp_path / f"{ESCAPE}{RTL}none.csv")])
    written = "".join(capsys.readouterr())
    assert "\\x1b[31m\\u202enone.csv" in written


def test_letters_of_every_script_and_emoji_are_not_escaped():
    names = ["Hund & Katze", "\u82b1", "\u0645\u0631\u062d\u0628\u0627", "\u0915\u094d\u200d\u0937"]
    emoji = "\U0001f469\u200d\U0001f33e"
    assert [escape_controls(name) for name in [*names, emoji]] == [*names, emoji]
    assert escape_controls("a\u2066b\u061cc\x07\x85") == "a\\u2066b\\u061cc\\x07\\x85"


def test_a_local_table_may_name_images_outside_of_its_folder(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    (tmp_path / "tables").mkdir()
    path = tmp_path / "tables" / "labels.csv"
    path.write_text("image,labels\n../photos/a.jpg,cat\n")
    assert load_dataset(path).images == ("../photos/a.jpg",)


@pytest.mark.parametrize("address", ["file:///tmp/a.jpg", "http://host/a.jpg", "s3://b/a.jpg"])
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_an_address_in_an_image_cell_is_refused_in_one_line(tmp_path, address, suffix):
    path = tmp_path / f"t.{suffix}"
    if suffix == "csv":
        path.write_text(f"image,labels\n{address},cat\n")
    else:
        path.write_text(json.dumps({"image": address, "labels": ["cat"]}) + "\n")
    with pytest.raises(InputError, match="is an address; download the image") as caught:
        read_dataset(path)
    assert len(str(caught.value).splitlines()) == 1


if __name__ == "__main__":
    read_all(sys.argv[1])
