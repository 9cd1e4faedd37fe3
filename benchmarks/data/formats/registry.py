"""The table of formats."""

from ..tables import LabelTable, is_table_name
from .annotation_tools import CREATEML, LABELME, VGG_VIA
from .arrays import is_arrays, read_arrays
from .cloud_services import AZURE, SAGEMAKER, VERTEX_AI
from .coco import detect as detect_coco
from .coco import read_coco_source
from .csv_exports import KAGGLE, ROBOFLOW
from .cvat_datumaro import CVAT, DATUMARO
from .fiftyone import FIFTYONE
from .folders import (
    is_image_folder,
    is_label_folders,
    read_image_folder,
    read_label_folders,
    read_table_at,
    tables_in,
)
from .format import CERTAIN, LIKELY, POSSIBLE, Detection, Format, detect_by, read_by
from .huggingface import is_huggingface, read_huggingface
from .imagefolder import IMAGEFOLDER
from .label_studio import LABEL_STUDIO
from .mulan import is_arff, read_multilabel_arff
from .open_images import is_open_images, read_open_images
from .published_sets import CELEBA, MIRFLICKR, is_nus_wide, read_nus_wide
from .source import Source
from .voc import is_voc, read_voc
from .yolo import is_yolo, read_yolo


def _detect_table(source: Source) -> Detection | None:
    if source.path.is_file():
        # A table by its suffix only: formats that check the content are more certain.
        return Detection(POSSIBLE, "a table by its suffix") if is_table_name(source.path) else None
    tables = tables_in(source.path)
    if not tables:
        return None
    level = LIKELY if tables[0].stem.partition(".")[0] == "labels" else POSSIBLE
    return Detection(level, f"{tables[0].name} in the folder")


def _read_table(source: Source) -> LabelTable:
    return read_table_at(source.path)


FORMATS = (
    Format(
        "table",
        "a label table, or a folder with labels.csv",
        _detect_table,
        _read_table,
        ("image", "labels", "split", "group", "labels.csv", "labels.jsonl"),
    ),
    Format(
        "voc",
        "PASCAL VOC: JPEGImages, Annotations, ImageSets/Main",
        detect_by(is_voc),
        read_by(read_voc),
        ("JPEGImages", "Annotations", "ImageSets", "annotation", "object", "filename"),
    ),
    Format(
        "coco",
        "COCO: annotations/instances_*.json",
        detect_coco,
        read_coco_source,
        ("images", "annotations", "categories", "licenses", "info"),
    ),
    Format(
        "yolo",
        "YOLO: data.yaml or classes.txt, images/, labels/",
        detect_by(is_yolo),
        read_by(read_yolo),
        ("data.yaml", "classes.txt", "obj.names", "images", "labels"),
    ),
    Format(
        "image-folder",
        "a folder of images per label, one label per image",
        detect_by(is_image_folder, POSSIBLE),
        read_by(read_image_folder),
    ),
    Format(
        "label-folders",
        "a folder of images per label, the same image in several",
        detect_by(is_label_folders, POSSIBLE),
        read_by(read_label_folders),
    ),
    Format(
        "open-images",
        "Open Images: *imagelabels*.csv",
        detect_by(is_open_images, CERTAIN),
        read_by(read_open_images),
        ("ImageID", "LabelName", "Confidence", "annotations", "images"),
    ),
    Format(
        "nus-wide",
        "NUS-WIDE: ImageList/, Groundtruth/",
        detect_by(is_nus_wide),
        read_by(read_nus_wide),
        ("ImageList", "Groundtruth", "Flickr"),
    ),
    Format(
        "huggingface",
        "Hugging Face datasets: save_to_disk, or Parquet",
        detect_by(is_huggingface, CERTAIN),
        read_by(read_huggingface),
        ("dataset_dict.json", "state.json", "data"),
    ),
    Format(
        "arff",
        "ready features: ARFF of Mulan or MEKA",
        detect_by(is_arff),
        read_by(read_multilabel_arff),
    ),
    Format(
        "arrays",
        "ready features: .npz or .safetensors",
        detect_by(is_arrays),
        read_by(read_arrays),
    ),
    LABEL_STUDIO,
    CVAT,
    DATUMARO,
    FIFTYONE,
    ROBOFLOW,
    IMAGEFOLDER,
    KAGGLE,
    VGG_VIA,
    LABELME,
    CREATEML,
    VERTEX_AI,
    AZURE,
    SAGEMAKER,
    CELEBA,
    MIRFLICKR,
)
"""The formats that are detected in a path."""


def detect_formats(source: Source) -> list[tuple[Format, Detection]]:
    """Return the formats that a path is in: those of the highest confidence."""
    found = [(form, detection) for form in FORMATS if (detection := form.detect(source))]
    best = max((detection.confidence for _, detection in found), default=0)
    return [(form, detection) for form, detection in found if detection.confidence == best]
