"""One small set of images, and what writes it in every format."""

import csv
import hashlib
import json
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from safetensors.numpy import save_file

from catnocat.benchmarks.data.formats import read_dataset
from catnocat.benchmarks.utils.errors import InputError

LABELS = ("cat", "dog", "fox")
# (name, part, objects): two dogs, a mixture, nothing at all
SCENES = (
    ("001", "train", {"cat": 1}),
    ("002", "train", {"cat": 1, "dog": 2}),
    ("003", "train", {}),
    ("004", "train", {"fox": 1}),
    ("005", "test", {"dog": 1}),
    ("006", "test", {"cat": 3, "fox": 1}),
    ("007", "test", {"dog": 1, "fox": 1}),
)


@pytest.fixture
def scenes():
    return SCENES


@pytest.fixture
def picture():
    """Return a function that writes the image of a name: small, and different for each name."""

    def write(name, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 6), tuple(hashlib.sha256(name.encode()).digest()[:3])).save(path)
        return path

    return write


@pytest.fixture
def text():
    """Return a function that writes lines into a file."""

    def write(path, *lines):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def refused():
    """Return a function that reads a path, and gives the one line that refuses it."""

    def read(path, format=None):
        with pytest.raises(InputError) as caught:
            read_dataset(path, format)
        message = str(caught.value)
        assert "\n" not in message
        return message

    return read


@pytest.fixture
def said():
    """Return a function that tells what a table says of each image, by its bytes."""

    def tell(table):
        split = [None] * table.n_images if table.split is None else table.split.tolist()
        return {
            hashlib.sha256(Path(path).read_bytes()).hexdigest(): (
                {table.labels[j] for j in np.flatnonzero(row)},
                {table.labels[j] for j in np.flatnonzero(~known)},
                part,
            )
            for path, row, known, part in zip(table.paths, table.Y, table.known, split, strict=True)
        }

    return tell


@pytest.fixture
def annotation():
    def write(objects, difficult=()):
        things = "".join(
            f"<object><name>{escape(label)}</name>"
            f"<difficult>{int(label in difficult)}</difficult></object>"
            for label, count in objects.items()
            for _ in range(count)
        )
        return f"<annotation>{things}</annotation>"

    return write


@pytest.fixture
def write_voc(picture, text, annotation):
    def write(root, scenes=SCENES, difficult=(), lists=True):
        for name, _, objects in scenes:
            picture(name, root / "JPEGImages" / f"{name}.jpg")
            text(root / "Annotations" / f"{name}.xml", annotation(objects, difficult))
        for part, side in (("trainval", "train"), ("test", "test")):
            names = [name for name, of, _ in scenes if of == side]
            main = root / "ImageSets" / "Main"
            text(main / f"{part}.txt", *names)
            for label in LABELS if lists else ():
                held = {name: objects.get(label, 0) for name, _, objects in scenes}
                flag = {
                    name: (0 if label in difficult else 1) if held[name] else -1 for name in held
                }
                text(main / f"{label}_{part}.txt", *(f"{name} {flag[name]:2}" for name in names))
        return root

    return write


@pytest.fixture
def write_coco(picture):
    def write(root, scenes=SCENES, year="2017"):
        for part, side in (("train", "train"), ("val", "test")):
            of_part = [scene for scene in scenes if scene[1] == side]
            images = [{"id": int(name), "file_name": f"{name}.jpg"} for name, _, _ in of_part]
            annotations = [
                {
                    "image_id": int(name),
                    "category_id": LABELS.index(label) * 5 + 1,
                    "iscrowd": k % 2,
                }
                for name, _, objects in of_part
                for label, count in objects.items()
                for k in range(count)
            ]
            categories = [{"id": j * 5 + 1, "name": label} for j, label in enumerate(LABELS)]
            for name, _, _ in of_part:
                picture(name, root / f"{part}{year}" / f"{name}.jpg")
            file = root / "annotations" / f"instances_{part}{year}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            content = {"images": images, "annotations": annotations, "categories": categories}
            file.write_text(json.dumps(content), encoding="utf-8")
        return root

    return write


@pytest.fixture
def write_yolo(picture, text):
    def write(root, scenes=SCENES):
        for name, side, objects in scenes:
            part = {"train": "train", "test": "val"}[side]
            picture(name, root / "images" / part / f"{name}.jpg")
            boxes = [
                f"{LABELS.index(label)} .5 .5 .2 .2"
                for label, count in objects.items()
                for _ in range(count)
            ]
            if boxes:
                text(root / "labels" / part / f"{name}.txt", *boxes)
        text(
            root / "data.yaml",
            "path: .",
            "train: images/train",
            "val: images/val",
            f"names: [{', '.join(LABELS)}]",
        )
        return root

    return write


@pytest.fixture
def write_folders(picture):
    def write(root, scenes=SCENES):
        for name, part, objects in scenes:
            for label in objects:
                picture(name, root / part / label / f"{name}.jpg")
        return root

    return write


@pytest.fixture
def write_open_images(picture, text):
    def write(root, scenes=SCENES):
        codes = {label: f"/m/0{j}" for j, label in enumerate(LABELS)}
        text(root / "class-descriptions.csv", *(f"{code},{label}" for label, code in codes.items()))
        for word, side in (("train", "train"), ("test", "test")):
            rows = ["ImageID,Source,LabelName,Confidence"]
            for name, part, objects in scenes:
                if part == side:
                    picture(name, root / side / f"{name}.jpg")
                    rows += [
                        f"{name},verification,{codes[label]},{int(label in objects)}"
                        for label in LABELS
                    ]
            text(root / f"{word}-annotations-human-imagelabels.csv", *rows)
        return root

    return write


@pytest.fixture
def write_nus_wide(picture, text):
    def write(root, scenes=SCENES):
        for part, word in (("train", "Train"), ("test", "Test")):
            of_part = [(name, objects) for name, side, objects in scenes if side == part]
            lines = [f"animals\\{name}.jpg" for name, _ in of_part]
            text(root / "ImageList" / f"{word}Imagelist.txt", *lines)
            for name, _ in of_part:
                picture(name, root / "Flickr" / "animals" / f"{name}.jpg")
            for label in LABELS:
                text(
                    root / "Groundtruth" / "TrainTestLabels" / f"Labels_{label}_{word}.txt",
                    *(int(label in objects) for _, objects in of_part),
                )
        return root

    return write


FEATURES = {
    "image": {"_type": "Image"},
    "labels": {"feature": {"names": list(LABELS), "_type": "ClassLabel"}, "_type": "List"},
}
ARROW = pa.schema(
    [
        ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        ("labels", pa.list_(pa.int64())),
    ],
    metadata={"huggingface": json.dumps({"info": {"features": FEATURES}})},
)


@pytest.fixture
def arrow_table(picture, tmp_path):
    def make(scenes):
        rows = []
        for name, _, objects in scenes:
            content = picture(name, tmp_path / "loose" / f"{name}.jpg").read_bytes()
            labels = [LABELS.index(label) for label in objects]
            rows.append({"image": {"bytes": content, "path": None}, "labels": labels})
        return pa.Table.from_pylist(rows, schema=ARROW)

    return make


@pytest.fixture
def write_saved(arrow_table, text):
    """Return a function that writes what DatasetDict.save_to_disk of datasets 5.2 writes."""

    def write(root, scenes=SCENES):
        text(root / "dataset_dict.json", json.dumps({"splits": ["train", "test"]}))
        for part in ("train", "test"):
            folder = root / part
            files = {"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}
            text(folder / "state.json", json.dumps(files))
            text(folder / "dataset_info.json", json.dumps({"features": FEATURES}))
            table = arrow_table([scene for scene in scenes if scene[1] == part])
            with pa.ipc.new_stream(folder / "data-00000-of-00001.arrow", ARROW) as stream:
                stream.write_table(table)
        return root

    return write


@pytest.fixture
def write_parquet(arrow_table):
    def write(root, scenes=SCENES):
        (root / "data").mkdir(parents=True)
        for part in ("train", "test"):
            table = arrow_table([scene for scene in scenes if scene[1] == part])
            pq.write_table(table, root / "data" / f"{part}-00000-of-00001.parquet")
        return root

    return write


@pytest.fixture
def write_table(picture):
    def write(root, scenes=SCENES):
        root.mkdir(parents=True)
        with (
            (root / "labels.csv").open("w", newline="") as labels,
            (root / "objects.csv").open("w", newline="") as objects_file,
        ):
            table, things = csv.writer(labels), csv.writer(objects_file)
            table.writerow(["image", "labels", "split"])
            things.writerow(["image", "label", "x0"])
            for name, part, objects in scenes:
                picture(name, root / f"{name}.jpg")
                table.writerow([f"{name}.jpg", "|".join(objects), part])
                things.writerows([f"{name}.jpg", label, 0] for label in Counter(objects).elements())
        return root

    return write


def _answers(scenes):
    return [[int(label in objects) for label in LABELS] for _, _, objects in scenes]


@pytest.fixture
def write_npz():
    """Return a function that writes numbers, the name of the image, instead of images."""

    def write(root, scenes=SCENES):
        root.mkdir(parents=True)
        X = np.array([[float(name)] for name, _, _ in scenes])
        split = [part for _, part, _ in scenes]
        np.savez(root / "a.npz", X=X, Y=_answers(scenes), labels=LABELS, split=split)
        return root / "a.npz"

    return write


@pytest.fixture
def write_safetensors():
    def write(root, scenes=SCENES):
        root.mkdir(parents=True)
        arrays = {
            "X": np.array([[float(name)] for name, _, _ in scenes]),
            "Y": np.array(_answers(scenes)),
        }
        texts = {"labels": list(LABELS), "split": [part for _, part, _ in scenes]}
        metadata = {key: json.dumps(value) for key, value in texts.items()}
        save_file(arrays, root / "a.safetensors", metadata=metadata)
        return root / "a.safetensors"

    return write


def _arff(relation, scenes):
    yield f"@relation '{relation}'"
    yield from (f"@attribute {label} {{0,1}}" for label in LABELS)
    yield from ("@attribute x numeric", "@data")
    for (name, _, _), answers in zip(scenes, _answers(scenes), strict=True):
        yield ",".join(map(str, [*answers, int(name)]))


@pytest.fixture
def write_meka(text):
    def write(root, scenes=SCENES):
        train = sum(part == "train" for _, part, _ in scenes)
        relation = f"pets: -C {len(LABELS)} -split-number {train}"
        return text(root / "pets.arff", *_arff(relation, scenes))

    return write


@pytest.fixture
def write_mulan(text):
    def write(root, scenes=SCENES):
        for side in ("train", "test"):
            of_part = [scene for scene in scenes if scene[1] == side]
            text(root / f"pets-{side}.arff", *_arff("pets", of_part))
        names = "".join(f'<label name="{label}"/>' for label in LABELS)
        space = "http://mulan.sourceforge.net/labels"
        text(root / "pets.xml", f'<labels xmlns="{space}">{names}</labels>')
        return root

    return write


@pytest.fixture
def writers_of_features(write_npz, write_safetensors, write_meka, write_mulan):
    """Return what writes ready features with labels, by the name of the format."""
    return {
        "arrays": write_npz,
        "arrays, safetensors": write_safetensors,
        "arff": write_meka,
        "arff, mulan": write_mulan,
    }


@pytest.fixture
def writers(
    write_table,
    write_voc,
    write_coco,
    write_yolo,
    write_folders,
    write_open_images,
    write_nus_wide,
    write_saved,
    write_parquet,
):
    """Return what writes images with labels, by the name of the format it is recognised as."""
    return {
        "table": write_table,
        "voc": write_voc,
        "coco": write_coco,
        "yolo": write_yolo,
        "label-folders": write_folders,
        "open-images": write_open_images,
        "nus-wide": write_nus_wide,
        "huggingface": write_saved,
        "huggingface, parquet": write_parquet,
    }
