"""One set of 60 images, and what writes it as each tool exports it.

Each writer writes what the tool documents: those of Label Studio, CVAT, Datumaro and FiftyOne were
compared with files from label-studio-sdk 2.1.2, datumaro 1.13.12 and fiftyone 1.22.1.
"""

import csv
import json
import random
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

LABELS = ("cat", "dog", "night-time", "traffic light", "Hund & Katze", "花")
NUMBER = 60


@dataclass(frozen=True)
class Scene:
    """One image of the set: its name without suffix, its part, its labels."""

    name: str
    part: str
    labels: tuple[str, ...]

    @property
    def file(self):
        return f"{self.name}.jpg"


def draw_scenes(number=NUMBER, labels=LABELS, seed=3):
    """Return scenes; the first ones carry one label each, and one of them none."""
    rng = random.Random(seed)
    sets = [(label,) for label in labels] + [()]
    sets += [
        tuple(label for label in labels if rng.random() < 0.4) for _ in range(number - len(sets))
    ]
    return [
        Scene(f"im{i}", "train" if i % 3 else "test", found)
        for i, found in enumerate(sets, start=1)
    ]


@dataclass
class Export:
    """A writer of one format.

    Attributes
    ----------
    write : callable
        Writes scenes below a folder; returns the path to be read.
    format : str
        The name of the format.
    split : bool
        Whether the format says which part an image is in.
    spaces : bool
        Whether labels may hold spaces.
    """

    write: object
    format: str
    split: bool = False
    spaces: bool = True


EXPORTS = {}


def export(name, **options):
    def keep(function):
        EXPORTS[name] = Export(function, name.split(",")[0], **options)
        return function

    return keep


def dump(path, content, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, **options), encoding="utf-8")
    return path


def dump_lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def dump_csv(path, rows, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, lineterminator="\n", **options).writerows(rows)
    return path


def dump_text(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


# Label Studio


@export("label-studio, JSON")
def write_label_studio(root, scenes, draw):
    tasks = []
    for number, scene in enumerate(scenes, start=1):
        draw(scene, root / "images" / scene.file)
        value = {"choices": list(scene.labels)}
        result = {
            "id": "x", "from_name": "choice", "to_name": "image", "type": "choices",
            "origin": "manual", "value": value,
        }  # fmt: skip
        annotation = {
            "id": number, "completed_by": 1, "result": [result] if scene.labels else [],
            "was_cancelled": False, "ground_truth": False, "lead_time": 3.2,
            "created_at": "2024-01-01T00:00:00.0Z", "updated_at": "2024-01-01T00:00:00.0Z",
        }  # fmt: skip
        image = f"/data/upload/1/0a1b2c3d-{scene.file}"
        tasks.append(
            {"id": number, "annotations": [annotation], "predictions": [], "data": {"image": image}}
        )
    dump(root / "project-1-at-2024-01-01-00-00-0a1b2c3d.json", tasks)
    return root


def flat(number, scene):
    choice = {"choices": list(scene.labels)} if len(scene.labels) > 1 else "".join(scene.labels)
    return {
        "annotation_id": number, "annotator": 1, "choice": choice,
        "created_at": "2024-01-01T00:00:00.0Z", "id": number,
        "image": f"/data/local-files/?d=pets/{scene.file}", "lead_time": 3.2,
        "updated_at": "2024-01-01T00:00:00.0Z",
    }  # fmt: skip


@export("label-studio, JSON-MIN")
def write_label_studio_min(root, scenes, draw):
    rows = []
    for number, scene in enumerate(scenes, start=1):
        draw(scene, root / "images" / "pets" / scene.file)
        row = flat(number, scene)
        rows.append({key: value for key, value in row.items() if value != ""})
    # pandas, with which Label Studio writes, escapes slashes.
    path = dump(root / "result.json", rows, indent=2)
    path.write_text(path.read_text("utf-8").replace("/", "\\/"), "utf-8")
    return root / "result.json"


@export("label-studio, CSV")
def write_label_studio_csv(root, scenes, draw):
    rows = []
    for number, scene in enumerate(scenes, start=1):
        draw(scene, root / "images" / scene.file)
        row = flat(number, scene)
        if isinstance(row["choice"], dict):
            row["choice"] = json.dumps(row["choice"], ensure_ascii=False, separators=(",", ":"))
        rows.append(row)
    cells = [list(rows[0]), *(row.values() for row in rows)]
    return dump_csv(root / "result.csv", cells, quoting=csv.QUOTE_NONNUMERIC)


# CVAT and Datumaro


@export("cvat", split=True)
def write_cvat(root, scenes, draw):
    labels = "".join(
        f"<label><name>{escape(label)}</name><attributes></attributes></label>" for label in LABELS
    )
    images = ""
    for number, scene in enumerate(scenes):
        draw(scene, root / "images" / scene.part / scene.file)
        tags = "".join(
            f'\n    <tag label={quoteattr(label)} source="manual">\n    </tag>'
            for label in scene.labels
        )
        images += (
            f'\n  <image id="{number}" name="{scene.file}" subset="{scene.part}" '
            f'width="8" height="6">{tags}\n  </image>'
        )
    dump_text(
        root / "annotations.xml",
        '<?xml version="1.0" encoding="utf-8"?>',
        "<annotations>",
        "  <version>1.1</version>",
        f"  <meta><project><labels>{labels}</labels></project></meta>{images}",
        "</annotations>",
    )
    return root


@export("datumaro", split=True)
def write_datumaro(root, scenes, draw):
    names = [{"name": label, "parent": "", "attributes": []} for label in LABELS]
    for part in ("train", "test"):
        items = []
        for scene in scenes:
            if scene.part != part:
                continue
            draw(scene, root / "images" / part / scene.file)
            annotations = [
                {
                    "id": 0, "type": "label", "attributes": {}, "group": 0,
                    "label_id": LABELS.index(label),
                }
                for label in scene.labels
            ]  # fmt: skip
            image = {"path": scene.file, "size": [6, 8]}
            items.append({"id": scene.name, "annotations": annotations, "image": image})
        content = {
            "dm_format_version": "1.0", "media_type": 2, "infos": {},
            "categories": {"label": {"labels": names, "label_groups": [], "attributes": []}},
            "items": items,
        }  # fmt: skip
        dump(root / "annotations" / f"{part}.json", content, separators=(",", ":"))
    return root


@export("coco, Datumaro's labels", split=True)
def write_coco_labels(root, scenes, draw):
    for part in ("train", "test"):
        of_part = [scene for scene in scenes if scene.part == part]
        images, annotations = [], []
        for number, scene in enumerate(of_part, start=1):
            draw(scene, root / "images" / part / scene.file)
            images.append({"id": number, "width": 8, "height": 6, "file_name": scene.file})
            for label in scene.labels:
                annotations.append(
                    {
                        "id": len(annotations) + 1, "image_id": number,
                        "category_id": LABELS.index(label) + 1,
                    }
                )  # fmt: skip
        categories = [
            {"id": number, "name": label, "supercategory": ""}
            for number, label in enumerate(LABELS, start=1)
        ]
        content = {
            "licenses": [{"name": "", "id": 0, "url": ""}], "info": {}, "categories": categories,
            "images": images, "annotations": annotations,
        }  # fmt: skip
        dump(root / "annotations" / f"labels_{part}.json", content)
    return root


@export("voc, CVAT's default")
def write_voc_default(root, scenes, draw):
    main = root / "ImageSets" / "Main"
    for scene in scenes:
        draw(scene, root / "JPEGImages" / scene.file)
    dump_text(main / "default.txt", *(scene.name for scene in scenes))
    labelled = [scene for scene in scenes if scene.labels]
    for label in ("background", *LABELS):
        lines = (f"{scene.name} {1 if label in scene.labels else -1:2}" for scene in labelled)
        dump_text(main / f"{label}_default.txt", *lines)
    names = (f"{label}:::" for label in ("background", *LABELS))
    dump_text(root / "labelmap.txt", "# label:color_rgb:parts:actions", *names)
    return root


@export("label-folders, CVAT's ImageNet")
def write_imagenet(root, scenes, draw):
    for scene in scenes:
        for label in scene.labels or ("no_label",):
            draw(scene, root / label / scene.file)
    return root


@export("open-images, Datumaro", split=True)
def write_open_images_positive(root, scenes, draw):
    folder = root / "annotations"
    dump_csv(folder / "class-descriptions.csv", [(label, label) for label in LABELS])
    for part in ("train", "test"):
        of_part = [scene for scene in scenes if scene.part == part]
        rows = [("ImageID", "Source", "LabelName", "Confidence")]
        for scene in of_part:
            draw(scene, root / "images" / part / scene.file)
            rows += [(scene.name, "", label, "1") for label in scene.labels]
        dump_csv(folder / f"{part}-annotations-human-imagelabels.csv", rows)
        images = [("ImageID", "Subset", "Rotation"), *((s.name, part, "") for s in of_part)]
        dump_csv(folder / f"{part}-images-with-rotation.csv", images)
    return root


# FiftyOne


@export("fiftyone, labels.json")
def write_fiftyone_labels(root, scenes, draw):
    for scene in scenes:
        draw(scene, root / "data" / scene.file)
    labels = {
        scene.name: [LABELS.index(label) for label in scene.labels] or None for scene in scenes
    }
    dump(root / "labels.json", {"classes": list(LABELS), "labels": labels})
    return root


@export("fiftyone, samples.json", split=True)
def write_fiftyone_samples(root, scenes, draw):
    samples = []
    for scene in scenes:
        draw(scene, root / "data" / scene.file)
        found = [
            {"_id": {"$oid": "6b0a150365d78464317e3d19"}, "_cls": "Classification", "tags": [],
             "label": label} for label in scene.labels
        ]  # fmt: skip
        samples.append(
            {
                "_id": {"$oid": "6b0a150365d78464317e3d20"}, "filepath": f"data/{scene.file}",
                "tags": [scene.part], "metadata": None, "_media_type": "image",
                "ground_truth": {"_cls": "Classifications", "classifications": found},
                "predictions": {"_cls": "Classifications", "classifications": []},
            }
        )  # fmt: skip
    dump(root / "samples.json", {"samples": samples})
    dump(root / "metadata.json", {"name": "pets", "version": "1.22.1", "sample_fields": []})
    return root


@export("fiftyone, CSV", split=True)
def write_fiftyone_csv(root, scenes, draw):
    rows = [("filepath", "tags", "ground_truth.classifications.label")]
    for scene in scenes:
        draw(scene, root / "data" / scene.file)
        rows.append((scene.file, scene.part, ",".join(scene.labels)))
    dump_csv(root / "labels.csv", rows)
    return root


@export("label-folders, FiftyOne's tree")
def write_fiftyone_tree(root, scenes, draw):
    for scene in scenes:
        for label in scene.labels or ("_unlabeled",):
            draw(scene, root / label / scene.file)
    return root


# Hugging Face and Kaggle


def metadata_rows(root, scenes, draw, part):
    for scene in scenes:
        if scene.part == part:
            draw(scene, root / part / scene.file)
            yield {"file_name": scene.file, "labels": list(scene.labels)}


@export("imagefolder, metadata.jsonl", split=True)
def write_imagefolder(root, scenes, draw):
    for part in ("train", "test"):
        rows = metadata_rows(root, scenes, draw, part)
        dump_lines(root / part / "metadata.jsonl", rows)
    return root


@export("imagefolder, metadata.csv", split=True)
def write_imagefolder_csv(root, scenes, draw):
    for part in ("train", "test"):
        rows = [
            (row["file_name"], *(int(label in row["labels"]) for label in LABELS))
            for row in metadata_rows(root, scenes, draw, part)
        ]
        dump_csv(root / part / "metadata.csv", [("file_name", *LABELS), *rows])
    return root


@export("imagefolder, metadata.parquet", split=True)
def write_imagefolder_parquet(root, scenes, draw):
    for part in ("train", "test"):
        rows = list(metadata_rows(root, scenes, draw, part))
        pq.write_table(pa.Table.from_pylist(rows), root / part / "metadata.parquet")
    return root


@export("kaggle", spaces=False)
def write_kaggle(root, scenes, draw):
    rows = [("image_name", "tags")]
    for scene in scenes:
        draw(scene, root / "train-jpg" / scene.file)
        rows.append((scene.name, " ".join(scene.labels)))
    draw(Scene("test_0", "test", ()), root / "test-jpg" / "test_0.jpg")
    dump_csv(root / "train_v2.csv", rows)
    dump_csv(root / "sample_submission_v2.csv", [("image_name", "tags"), ("test_0", "cat dog")])
    return root


# Annotation tools without a server


def via_entry(scene):
    return {
        "filename": scene.file, "size": 640, "regions": [],
        "file_attributes": {
            "caption": f"about {scene.name}",
            "labels": dict.fromkeys(scene.labels, True),
        },
    }  # fmt: skip


@export("vgg-via, project")
def write_via(root, scenes, draw):
    for scene in scenes:
        draw(scene, root / scene.file)
    options = {
        "type": "checkbox", "description": "", "options": dict.fromkeys(LABELS, ""),
        "default_options": {},
    }  # fmt: skip
    caption = {"type": "text", "description": "", "default_value": ""}
    project = {
        "_via_settings": {"project": {"name": "pets"}},
        "_via_img_metadata": {f"{scene.file}640": via_entry(scene) for scene in scenes},
        "_via_attributes": {"region": {}, "file": {"caption": caption, "labels": options}},
        "_via_data_format_version": "2.0.10",
        "_via_image_id_list": [f"{scene.file}640" for scene in scenes],
    }
    return dump(root / "pets.json", project)


@export("vgg-via, CSV")
def write_via_csv(root, scenes, draw):
    rows = [
        (
            *("filename", "file_size", "file_attributes", "region_count", "region_id"),
            *("region_shape_attributes", "region_attributes"),
        )
    ]
    for scene in scenes:
        draw(scene, root / scene.file)
        attributes = {"labels": dict.fromkeys(scene.labels, True)}
        text = json.dumps(attributes, ensure_ascii=False, separators=(",", ":"))
        rows.append((scene.file, 640, text, 0, 0, "{}", "{}"))
    dump_csv(root / "via_export_csv.csv", rows)
    return root


@export("labelme", split=True)
def write_labelme(root, scenes, draw):
    for scene in scenes:
        draw(scene, root / scene.part / scene.file)
        content = {
            "version": "5.4.1", "flags": {label: label in scene.labels for label in LABELS},
            "shapes": [], "imagePath": scene.file, "imageData": None, "imageHeight": 6,
            "imageWidth": 8,
        }  # fmt: skip
        dump(root / scene.part / f"{scene.name}.json", content, indent=2)
    return root


@export("createml")
def write_createml(root, scenes, draw):
    for scene in scenes:
        draw(scene, root / scene.file)
    rows = [{"filename": scene.file, "annotations": list(scene.labels)} for scene in scenes]
    dump(root / "annotations.json", rows)
    return root


@export("roboflow", split=True)
def write_roboflow(root, scenes, draw):
    for part, folder in (("train", "train"), ("test", "valid")):
        rows = [("filename", *LABELS)]
        for scene in scenes:
            if scene.part == part:
                name = f"{scene.name}_jpg.rf.0a1b2c3d4e5f60718293a4b5c6d7e8f9.jpg"
                draw(scene, root / folder / name)
                rows.append((name, *(int(label in scene.labels) for label in LABELS)))
        text = "".join(", ".join(map(str, row)) + "\n" for row in rows)
        (root / folder / "_classes.csv").write_text(text, "utf-8")
    dump_text(root / "README.roboflow.txt", "pets - v1")
    return root


# Services


@export("vertex-ai, CSV", split=True)
def write_vertex_csv(root, scenes, draw):
    rows = []
    for scene in scenes:
        draw(scene, root / "images" / scene.file)
        use = {"train": "training", "test": "test"}[scene.part]
        rows.append((use, f"gs://bucket/2024/{scene.file}", *scene.labels))
    return dump_csv(root / "import.csv", rows)


@export("vertex-ai, JSON Lines", split=True)
def write_vertex_jsonl(root, scenes, draw):
    rows = []
    for scene in scenes:
        draw(scene, root / "images" / scene.file)
        use = {"train": "training", "test": "test"}[scene.part]
        rows.append(
            {
                "imageGcsUri": f"gs://bucket/2024/{scene.file}",
                "classificationAnnotations": [
                    {"displayName": label, "annotationResourceLabels": {}} for label in scene.labels
                ],
                "dataItemResourceLabels": {"aiplatform.googleapis.com/ml_use": use},
            }
        )
    return dump_lines(root / "data-00001-of-00001.jsonl", rows)


@export("azure, Custom Vision")
def write_custom_vision(root, scenes, draw):
    rows = []
    for number, scene in enumerate(scenes):
        key = f"{number:08x}-0000-0000-0000-000000000000"
        draw(scene, root / "images" / f"{key}.jpg")
        rows.append(
            {
                "id": key, "created": "2024-01-01T00:00:00.000Z", "width": 8, "height": 6,
                "resizedImageUri": f"https://example.blob.core.windows.net/i-1/{key}?sv=2020",
                "originalImageUri": f"https://example.blob.core.windows.net/o-1/{key}?sv=2020",
                "tags": [
                    {"tagId": "t", "tagName": label, "created": "2024-01-01T00:00:00.000Z"}
                    for label in scene.labels
                ],
            }
        )  # fmt: skip
    dump(root / "images.json", rows)
    return root


@export("azure, Azure ML")
def write_azure_ml(root, scenes, draw):
    rows = []
    for scene in scenes:
        draw(scene, root / "images" / scene.file)
        url = f"azureml://subscriptions/s/datastores/d/paths/pets/{scene.file}"
        rows.append({"image_url": url, "label": list(scene.labels), "label_confidence": [1.0]})
    dump_lines(root / "labeledDatapoints.jsonl", rows)
    return root


@export("sagemaker")
def write_sagemaker(root, scenes, draw):
    rows = []
    for scene in scenes:
        draw(scene, root / "images" / scene.file)
        numbers = [LABELS.index(label) for label in scene.labels]
        metadata = {
            "class-map": {str(number): LABELS[number] for number in numbers},
            "confidence-map": {str(number): 0.95 for number in numbers},
            "type": "groundtruth/image-classification-multilabel", "human-annotated": "yes",
            "creation-date": "2024-01-01T00:00:00.000000", "job-name": "labeling-job/pets",
        }  # fmt: skip
        source = f"s3://bucket/pets/{scene.file}"
        rows.append({"source-ref": source, "pets": numbers, "pets-metadata": metadata})
    return dump_lines(root / "output.manifest", rows)


# Published data sets


@export("celeba", split=True, spaces=False)
def write_celeba(root, scenes, draw):
    names = [label.replace(" ", "_") for label in LABELS]
    lines = [str(len(scenes)), " ".join(names)]
    for scene in scenes:
        draw(scene, root / "img_align_celeba" / scene.file)
        flags = " ".join(f"{1 if label in scene.labels else -1:2}" for label in names)
        lines.append(f"{scene.file} {flags}")
    dump_text(root / "list_attr_celeba.txt", *lines)
    parts = (f"{scene.file} {0 if scene.part == 'train' else 2}" for scene in scenes)
    dump_text(root / "list_eval_partition.txt", *parts)
    return root


@export("mirflickr")
def write_mirflickr(root, scenes, draw):
    for scene in scenes:
        draw(scene, root / "mirflickr" / scene.file)
    for label in LABELS:
        numbers = [scene.name[2:] for scene in scenes if label in scene.labels]
        for name in (label, f"{label}_r1"):
            kept = numbers if name == label else numbers[:1]
            dump_text(root / "mirflickr25k_annotations_v080" / f"{name}.txt", *kept)
    return root


@export("yolo, classes.txt")
def write_yolo_classes(root, scenes, draw):
    dump_text(root / "classes.txt", *LABELS)
    for scene in scenes:
        draw(scene, root / "images" / scene.file)
        boxes = (f"{LABELS.index(label)} 0.5 0.5 0.2 0.2" for label in scene.labels)
        dump_text(root / "labels" / f"{scene.name}.txt", *boxes)
    dump(root / "notes.json", {"categories": [], "info": {"contributor": "Label Studio"}})
    return root


@export("yolo, obj.names")
def write_yolo_darknet(root, scenes, draw):
    dump_text(root / "obj.names", *LABELS)
    dump_text(root / "obj.data", "classes = 6", "train = data/train.txt", "names = data/obj.names")
    dump_text(root / "train.txt", *(f"data/obj_train_data/{scene.file}" for scene in scenes))
    for scene in scenes:
        draw(scene, root / "obj_train_data" / scene.file)
        boxes = (f"{LABELS.index(label)} 0.5 0.5 0.2 0.2" for label in scene.labels)
        dump_text(root / "obj_train_data" / f"{scene.name}.txt", *boxes)
    return root


def pytest_generate_tests(metafunc):
    if "export_name" in metafunc.fixturenames:
        metafunc.parametrize("export_name", list(EXPORTS))


@pytest.fixture
def draw(picture):
    return lambda scene, path: picture(scene.name, path)


@pytest.fixture
def sixty():
    return draw_scenes()


@pytest.fixture
def write_export(tmp_path, draw, sixty, monkeypatch):
    """Return a function that writes the set in one format, and returns the path and the scenes."""

    def write(name, scenes=None, folder="set", labels=LABELS, spaces=False):
        one = EXPORTS[name]
        monkeypatch.setitem(one.write.__globals__, "LABELS", labels)
        scenes = list(sixty if scenes is None else scenes)
        if not one.spaces and not spaces:
            scenes = [
                Scene(s.name, s.part, tuple(label.replace(" ", "_") for label in s.labels))
                for s in scenes
            ]
        return one.write(tmp_path / folder, scenes, draw), scenes

    return write


@pytest.fixture
def relabel():
    """Return a function that draws scenes with other labels."""
    return lambda labels, seed: draw_scenes(24, labels, seed)


@pytest.fixture
def exports():
    return EXPORTS
