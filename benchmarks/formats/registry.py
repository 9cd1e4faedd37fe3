"""The table of formats."""

from pathlib import Path

from ..tables import is_table_name
from .arrays import is_arrays, read_arrays
from .coco import is_coco, read_coco
from .format import Format
from .huggingface import is_huggingface, read_huggingface
from .label_folders import (
    is_image_folder,
    is_label_folders,
    read_image_folder,
    read_label_folders,
)
from .mulan import is_arff, read_multilabel_arff
from .nus_wide import is_nus_wide, read_nus_wide
from .open_images import is_open_images, read_open_images
from .table_folder import is_table_folder, read_table_at
from .voc import is_voc, read_voc
from .yolo import is_yolo, read_yolo


def _is_table(path: Path) -> bool:
    if not path.is_file():
        return is_table_folder(path)
    # Two other formats share a suffix with label tables, and say in the file that they are others.
    return is_table_name(path) and not (is_open_images(path) or is_huggingface(path))


FORMATS = (
    Format("table", "a label table, or a folder with labels.csv", _is_table, read_table_at),
    Format("voc", "PASCAL VOC: JPEGImages, Annotations, ImageSets/Main", is_voc, read_voc),
    Format("coco", "COCO: annotations/instances_*.json", is_coco, read_coco),
    Format("yolo", "YOLO: data.yaml, images/, labels/", is_yolo, read_yolo),
    Format(
        "image-folder",
        "a folder of pictures per label, one label per picture",
        is_image_folder,
        read_image_folder,
    ),
    Format(
        "label-folders",
        "a folder of pictures per label, the same picture in several",
        is_label_folders,
        read_label_folders,
    ),
    Format("open-images", "Open Images: *imagelabels*.csv", is_open_images, read_open_images),
    Format("nus-wide", "NUS-WIDE: ImageList/, Groundtruth/", is_nus_wide, read_nus_wide),
    Format(
        "huggingface",
        "Hugging Face datasets: save_to_disk, or Parquet",
        is_huggingface,
        read_huggingface,
    ),
    Format("arff", "ready features: ARFF of Mulan or MEKA", is_arff, read_multilabel_arff),
    Format("arrays", "ready features: .npz or .safetensors", is_arrays, read_arrays),
)
"""The formats that are recognised by themselves in a path."""
