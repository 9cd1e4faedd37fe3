"""Data sets through `load_dataset`, as every command reads them."""

import json
import shutil
import subprocess
from importlib.resources import files

import numpy as np
import pytest
from PIL import Image

from catnocat.benchmarks import load_dataset
from catnocat.benchmarks.cli import main
from catnocat.benchmarks.data.formats.parsing import MAX_BYTES, MAX_DEPTH, read_json, read_xml
from catnocat.benchmarks.utils import InputError


@pytest.fixture
def images(tmp_path):
    """Write twelve different images; return their names."""
    names = [f"{number}.jpg" for number in range(12)]
    for number, name in enumerate(names):
        pixels = np.random.default_rng(number).integers(0, 255, (24, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((96, 72)).save(tmp_path / name)
    return names


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path


def refused(path, **options):
    """Return the one line with which a data set is refused."""
    with pytest.raises(InputError) as caught:
        load_dataset(path, **options)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


def test_one_coco_image_under_two_ids_is_one_row(images, tmp_path):
    content = {
        "images": [
            {"id": 1, "file_name": "0.jpg"},
            {"id": 2, "file_name": "./0.jpg"},
            {"id": 3, "file_name": "1.jpg"},
        ],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
        "annotations": [
            {"image_id": 1, "category_id": 1},
            {"image_id": 2, "category_id": 1},
            {"image_id": 2, "category_id": 2},
            {"image_id": 3, "category_id": 2},
        ],
    }
    table = load_dataset(write(tmp_path / "coco.json", content))
    assert table.images == ("0.jpg", "1.jpg")
    assert table.Y.tolist() == [[1, 1], [0, 1]]
    assert table.counts.tolist() == [[1, 1], [0, 1]]


def test_one_image_twice_in_a_label_studio_export_is_one_row(images, tmp_path):
    def task(number, choices):
        result = {"from_name": "c", "type": "choices", "value": {"choices": choices}}
        annotation = {"result": [result] if choices else [], "was_cancelled": False}
        return {"id": number, "data": {"image": "0.jpg"}, "annotations": [annotation]}

    # Two tasks of one image are two annotations: labels on which they disagree are unknown.
    table = load_dataset(
        write(tmp_path / "export.json", [task(1, ["cat", "dog"]), task(2, ["dog", "fox"])])
    )
    assert table.n_images == 1
    assert table.labels == ("cat", "dog", "fox")
    assert table.Y.tolist() == [[0, 1, 0]]
    assert table.known.tolist() == [[False, True, False]]


def test_annotators_who_disagree_make_a_label_unknown(images, tmp_path):
    def annotation(choices, cancelled=False):
        result = {"from_name": "c", "type": "choices", "value": {"choices": choices}}
        return {"result": [result] if choices else [], "was_cancelled": cancelled}

    tasks = [
        {"data": {"image": "0.jpg"}, "annotations": [annotation(["cat"]), annotation([])]},
        {"data": {"image": "1.jpg"}, "annotations": [annotation(["cat"]), annotation(["cat"])]},
        {"data": {"image": "2.jpg"}, "annotations": [annotation(["cat"]), annotation([], True)]},
        {"data": {"image": "3.jpg"}, "annotations": [annotation([])]},
        {"data": {"image": "4.jpg"}, "annotations": []},
    ]
    table = load_dataset(write(tmp_path / "export.json", tasks))
    assert table.images == ("0.jpg", "1.jpg", "2.jpg", "3.jpg")
    assert table.Y.ravel().tolist() == [0, 1, 1, 0]
    assert table.known.ravel().tolist() == [False, True, True, True]


@pytest.mark.parametrize("values", [(-1, 1), (0, 1)])
def test_arrays_of_minus_one_and_one(tmp_path, values):
    low, high = values
    Y = np.array([[low, high], [high, low], [high, high]])
    np.savez(tmp_path / "a.npz", X=np.eye(3), Y=Y)
    table = load_dataset(tmp_path / "a.npz")
    assert table.Y.tolist() == [[0, 1], [1, 0], [1, 1]]
    assert table.known.all()
    assert any("-1 in Y is read as absent" in note for note in table.notes) == (low == -1)


def test_arrays_of_minus_one_zero_and_one_keep_unknown_labels(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.eye(3), Y=np.array([[-1, 1], [0, 0], [1, -1]]))
    table = load_dataset(tmp_path / "a.npz")
    assert table.known.tolist() == [[False, True], [True, True], [True, False]]
    assert table.Y.tolist() == [[0, 1], [0, 0], [1, 0]]


@pytest.mark.parametrize(
    "label_sets",
    [
        [["cat", "dog"], ["dog"], []],
        [["hot dog"], ["dog"], ["sea, sunset"]],
        [["None"], ["none of these"], ["(1)"]],
        [["caf\u00e9 & bar"], ["\u82b1"], ["a|b".replace("|", "/")]],
    ],
)
@pytest.mark.skipif(shutil.which("node") is None, reason="runs the page's JavaScript in node")
def test_corrections_downloaded_from_the_page_are_read_back(tmp_path, images, label_sets):
    script = files("catnocat.benchmarks.inference.serving") / "page" / "label_table.js"
    (tmp_path / "label_table.mjs").write_text(script.read_text(encoding="utf-8"), "utf-8")
    rows = [{"name": f"{i}.jpg", "labels": labels} for i, labels in enumerate(label_sets)]
    program = (
        "import { labelTable } from './label_table.mjs';"
        f"process.stdout.write(labelTable({json.dumps(rows)}))"
    )
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", program],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    (tmp_path / "labels.csv").write_bytes(ran.stdout)
    table = load_dataset(tmp_path / "labels.csv")
    found = [{table.labels[j] for j in np.flatnonzero(row)} for row in table.Y]
    assert found == [set(labels) for labels in label_sets]
    assert table.images == tuple(row["name"] for row in rows)


def test_deep_and_large_files_are_refused(tmp_path):
    deep = tmp_path / "deep.json"
    for text in ("[" * (MAX_DEPTH + 1), '{"a": [' * 200_000):
        deep.write_text(text)
        with pytest.raises(InputError, match="nested"):
            read_json(deep)
    large = tmp_path / "large.json"
    with large.open("wb") as opened:
        opened.truncate(MAX_BYTES + 1)  # sparse: takes no space on the disk
    with pytest.raises(InputError, match="at most 1024 MB are read"):
        read_json(large)
    with pytest.raises(InputError, match="at most 1024 MB are read"):
        read_xml(large)


@pytest.mark.parametrize(
    ("content", "seen", "advice"),
    [
        ({"a": 1, "b": 2}, "an object with the keys 'a', 'b'", "no known export looks like this"),
        ([], "an empty list", "write a label table (image,labels)"),
        ([1, 2, 3], "a list of 3", "no known export looks like this"),
        ({"images": [], "categories": []}, "the keys 'images', 'categories'", "nearest to coco"),
        ({"items": [], "infos": {}}, "the keys 'items', 'infos'", "nearest to datumaro"),
        ({"source-ref": "s3://a", "x": 1}, "the keys 'source-ref', 'x'", "nearest to sagemaker"),
        ([{"imagePath": "a.jpg"}], "a list of 1 objects", "nearest to labelme"),
    ],
)
def test_an_unknown_json_is_answered_with_its_content(tmp_path, content, seen, advice):
    message = refused(write(tmp_path / "a.json", content))
    assert seen in message
    assert advice in message


def test_an_unknown_xml_is_answered_with_its_elements(tmp_path):
    message = refused(write(tmp_path / "a.xml", "<root><picture/><caption/></root>"))
    assert "a <root> with <picture>, <caption>" in message
    message = refused(write(tmp_path / "b.xml", "<annotation><filename>a</filename></annotation>"))
    assert "the annotation of one image" in message


def test_an_unknown_folder_is_answered_with_what_is_in_it(tmp_path, images):
    message = refused(tmp_path)
    assert "12 images" in message
    assert "put a labels.csv (image,labels) into it" in message
    write(tmp_path / "annotations" / "notes.json", {"a": 1})
    message = refused(tmp_path)
    assert "1 folder (annotations)" in message
    assert "1 label file (annotations/notes.json)" in message
    (tmp_path / "empty").mkdir()
    assert "it is empty" in refused(tmp_path / "empty")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["0,cat dog", "0,dog", "1,cat"], "row 3: image '0' is listed before"),
        (["0,hot dog", "1,dog"], "'hot dog' may be one label or several"),
        (["0,cat", "1,"], None),
        (["nine,cat", "ten,dog"], "none of its 2 images is below"),
        (["0,cat,dog"], "row 2: 3 cells where the header names 2 columns"),
        ([",cat"], "row 2: no image"),
    ],
)
def test_errors_of_kaggle_tables(tmp_path, images, rows, message):
    path = write(tmp_path / "train.csv", "\n".join(["image_name,tags", *rows]) + "\n")
    if message is None:
        assert load_dataset(path).labels == ("cat",)
    else:
        line = refused(path)
        assert message in line
        assert str(path) in line


@pytest.fixture
def odd_table(images, tmp_path):
    """Write a table that can only be read with options; return it and these options."""
    lines = ["picture;file;tags;part;verified"]
    for number, name in enumerate(images):
        tags = ("cat,dog", "cat", "dog", "")[number % 4]
        lines.append(f"{number};{name};{tags};{number % 3 == 0:d};1")
    path = write(tmp_path / "odd.csv", "\n".join(lines) + "\n")
    options = ["--image-column", "file", "--label-column", "tags", "--separator", ","]
    return path, [*options, "--split-column", "part", "--split-values", "1=test"]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["data", "extract", "bench", "fit", "detect", "export"])
def test_every_command_takes_the_options_of_reading(odd_table, tmp_path, capsys, command):
    path, options = odd_table
    store = ["--store", str(tmp_path / "store")]
    words = {
        "data": ["data", str(path), "--quick", "--json"],
        "extract": ["extract", str(path), "--json", *store],
        "bench": ["bench", str(path), "--out", str(tmp_path / "out"), "--methods", "ridge", *store],
        "fit": ["fit", str(path), "--out", str(tmp_path / "m.catnocat"), "--json", *store],
        "detect": ["detect", str(path), "--weights", str(tmp_path / "none.pth")],
        "export": ["store", "export", str(path), "--out", str(tmp_path / "v.npy"), *store],
    }[command]
    if command == "export":
        with pytest.raises(SystemExit):
            main(["extract", str(path), *store, *options])
        capsys.readouterr()
    with pytest.raises(SystemExit) as stopped:
        main([*words, *options])
    err = capsys.readouterr().err
    if command == "detect":  # the table is read, and then the weights are missing
        assert stopped.value.code == 2
        assert "none.pth" in err
    else:
        assert stopped.value.code == 0, err
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert "odd.csv" in capsys.readouterr().err


@pytest.mark.slow
def test_the_next_command_repeats_the_options_of_reading(odd_table, tmp_path, capsys):
    path, options = odd_table
    with pytest.raises(SystemExit):
        main(
            [
                *("bench", str(path), "--out", str(tmp_path / "out"), "--methods", "ridge"),
                *("--store", str(tmp_path / "store"), *options),
            ]
        )
    capsys.readouterr()
    results = json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))
    for command in (results["command"], results["next_command"]):
        for word in ("--image-column file", "--label-column tags", "--separator ,"):
            assert word in command
