"""A broken twin of every export is refused in one line that names the file and the fault."""

import re

import pytest

# (export, file, what is replaced, by what, the message)
TWINS = [
    (
        "label-studio, JSON",
        "*.json",
        '"choices": ["cat"]',
        '"choices": [7]',
        "task 1: choices holds 7, not a text",
    ),
    (
        "label-studio, JSON",
        "*.json",
        '{"image": "/data/upload/1/0a1b2c3d-im1.jpg"}',
        '{"text": "hello"}',
        "task 1: no image among 'text'",
    ),
    (
        "label-studio, JSON",
        "*.json",
        '"result": []',
        '"result": null',
        "'result' is None, not a list",
    ),
    ("label-studio, JSON-MIN", "result.json", '"annotator": 1,', '"annotator": 1', "not JSON"),
    (
        "label-studio, CSV",
        "result.csv",
        '"{""choices',
        '"{""choices""',
        "column 'choice' holds .* not JSON",
    ),
    ("cvat", "annotations.xml", 'name="im1.jpg"', 'id2="im1.jpg"', "image 1 has no name"),
    (
        "cvat",
        "annotations.xml",
        '<tag label="cat"',
        '<tag name="cat"',
        "image 1 has a <tag> without a label",
    ),
    ("cvat", "annotations.xml", "</annotations>", "", "row .*: not XML"),
    (
        "datumaro",
        "annotations/test.json",
        '"label_id":2',
        '"label_id":77',
        "label_id 77 is not among the 6",
    ),
    (
        "datumaro",
        "annotations/test.json",
        '"name":"cat"',
        '"name":"lynx"',
        "its labels are not those of",
    ),
    (
        "datumaro",
        "annotations/train.json",
        '"annotations":[]',
        '"annotations":{}',
        "'annotations' is {}, not a list",
    ),
    (
        "coco, Datumaro's labels",
        "annotations/labels_test.json",
        '"category_id": 3',
        '"category_id": 9',
        "category 9, not in it",
    ),
    (
        "voc, CVAT's default",
        "ImageSets/Main/cat_default.txt",
        "im1  1",
        "im1  2",
        "row 1: 'im1  2' is not an image and one of",
    ),
    (
        "voc, CVAT's default",
        "ImageSets/Main/cat_default.txt",
        "im1  1\n",
        "",
        "not the images of|see 'im1'",
    ),
    ("label-folders, CVAT's ImageNet", "no_label/*", None, "remove", "no_label: contains no image"),
    (
        "open-images, Datumaro",
        "annotations/train-*labels.csv",
        ",cat,1",
        ",cat,0.7",
        "confidence '0.7' is neither 0 nor 1",
    ),
    (
        "fiftyone, labels.json",
        "labels.json",
        '"im1": [0]',
        '"im1": [9]',
        "class 9 is not among the 6 classes",
    ),
    (
        "fiftyone, samples.json",
        "samples.json",
        '"label": "cat"',
        '"lable": "cat"',
        "label None is not a text",
    ),
    (
        "fiftyone, samples.json",
        "samples.json",
        '"ground_truth"',
        '"gold"',
        "which field holds the labels: 'gold', 'predictions'",
    ),
    (
        "fiftyone, CSV",
        "labels.csv",
        ".classifications.label",
        ".classifications.id",
        "which column holds the labels",
    ),
    (
        "label-folders, FiftyOne's tree",
        "_unlabeled/*",
        None,
        "remove",
        "_unlabeled: contains no image",
    ),
    (
        "imagefolder, metadata.jsonl",
        "train/metadata.jsonl",
        '["cat"]',
        "7",
        "'labels' holds 7, neither a text nor a list",
    ),
    (
        "imagefolder, metadata.jsonl",
        "train/metadata.jsonl",
        '["cat"]}',
        '["cat"]',
        "row 1: not JSON",
    ),
    (
        "imagefolder, metadata.csv",
        "train/metadata.csv",
        ",1,0,",
        ",5,0,",
        "which column holds the labels",
    ),
    (
        "imagefolder, metadata.parquet",
        "train/metadata.parquet",
        "PAR1",
        "PAR2",
        "not a readable Parquet",
    ),
    ("kaggle", "train_v2.csv", "im1,cat", "im1,night cat,x", "3 cells where the header names 2"),
    (
        "kaggle",
        "train_v2.csv",
        "im1,cat",
        "im1,hot plate",
        "may be one label or several .* add --separator",
    ),
    (
        "vgg-via, project",
        "pets.json",
        '"filename": "im1.jpg"',
        '"filename": 1',
        "no image; found 1 instead of its name",
    ),
    (
        "vgg-via, project",
        "pets.json",
        '"regions": []',
        '"regions": 4',
        "'regions' is 4, not a list",
    ),
    (
        "vgg-via, CSV",
        "via_export_csv.csv",
        '"{""labels',
        '"{""labels""',
        "'file_attributes' holds .* not JSON",
    ),
    ("labelme", "train/im1.json", '"cat": true', '"cat": 1', "a flag is 1, neither true nor false"),
    ("labelme", "train/im2.json", '"imagePath"', '"path"', "im2.json: no 'imagePath'"),
    ("createml", "annotations.json", '["cat"]', "[7]", "entry 1: annotation 7 has no label"),
    (
        "createml",
        "annotations.json",
        '"im2.jpg"',
        '"im1.jpg"',
        "image 'im1.jpg' is listed before, in .*entry 1",
    ),
    ("roboflow", "train/_classes.csv", ", 1, 0", ", 3, 0", "'cat' is '3', neither 0 nor 1"),
    (
        "roboflow",
        "valid/_classes.csv",
        "filename, cat",
        "filename, lynx",
        "its classes are not those of",
    ),
    (
        "vertex-ai, CSV",
        "import.csv",
        "training,gs://bucket/2024/im1.jpg",
        "rain,gs://bucket/2024/im1.jpg",
        "row 1: 'rain' is neither an address nor one of",
    ),
    (
        "vertex-ai, CSV",
        "import.csv",
        "gs://bucket/2024/im2.jpg",
        "gs://bucket/2024/im1.jpg",
        "row 2: image .* is listed before",
    ),
    (
        "vertex-ai, JSON Lines",
        "data-*.jsonl",
        '"displayName": "cat"',
        '"name": "cat"',
        "row 1: annotation .* has no displayName",
    ),
    (
        "azure, Custom Vision",
        "images.json",
        '"tagName": "cat"',
        '"tag": "cat"',
        "image 1: tag .* has no tagName",
    ),
    (
        "azure, Azure ML",
        "labeledDatapoints.jsonl",
        '["cat"]',
        "[null]",
        "row 1: label None is not a text",
    ),
    (
        "sagemaker",
        "output.manifest",
        '"pets": [0]',
        '"pets": [4]',
        "row 1: class 4 is not in the class-map",
    ),
    (
        "celeba",
        "list_attr_celeba.txt",
        "im1.jpg  1",
        "im1.jpg  3",
        "row 3: '3' is neither 1 nor -1",
    ),
    (
        "celeba",
        "list_eval_partition.txt",
        "im1.jpg 0",
        "im1.jpg 5",
        "partition '5' of im1.jpg is none of 0, 1, 2",
    ),
    ("mirflickr", "mirflickr25k_annotations_v080/cat.txt", "1\n", "999\n", "no image im999 in"),
    ("yolo, classes.txt", "labels/im1.txt", "0 0.5", "9 0.5", "class 9 is not among the 6 names"),
    (
        "yolo, obj.names",
        "obj_train_data/im1.txt",
        "0 0.5",
        "cat 0.5",
        "row 1: 'cat 0.5 .* is not a class number",
    ),
]


@pytest.mark.parametrize(
    ("name", "pattern", "old", "new", "message"), TWINS, ids=[f"{t[0]}: {t[4]}" for t in TWINS]
)
def test_a_broken_twin_is_refused_in_one_line(
    write_export, exports, refused, name, pattern, old, new, message
):
    place, _ = write_export(name)
    root = place if place.is_dir() else place.parent
    files = sorted(root.glob(pattern))
    assert files
    for file in files:
        if old is None:
            file.unlink()
            continue
        content = file.read_bytes()
        assert old.encode() in content
        count = -1 if file.name in ("metadata.parquet", "samples.json") else 1
        file.write_bytes(content.replace(old.encode(), new.encode(), count))
    line = refused(place, exports[name].format)
    assert re.search(message, line), line
    assert str(root) in line


def test_every_export_has_a_broken_twin(exports):
    assert {twin[0] for twin in TWINS} == set(exports)


def test_an_export_without_its_images_says_where_they_belong(
    write_export, export_name, exports, refused
):
    place, _ = write_export(export_name)
    root = place if place.is_dir() else place.parent
    for image in list(root.rglob("*.jpg")):
        image.unlink()
    line = refused(place, exports[export_name].format)
    assert str(root) in line
