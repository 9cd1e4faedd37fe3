"""The table of formats."""

from pathlib import Path

from ..errors import InputError
from ..tables import READERS, LabelTable, is_table_name, read_label_table
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
from .voc import is_voc, read_voc
from .yolo import is_yolo, read_yolo


def _is_table(path: Path) -> bool:
    if not path.is_file():
        return bool(_tables_in(path))
    # Two other formats share a suffix with label tables, and say in the file that they are others.
    return is_table_name(path) and not (is_open_images(path) or is_huggingface(path))


def _tables_in(folder: Path) -> list[Path]:
    return [file for suffix in READERS if (file := folder / f"labels{suffix}").is_file()]


def _read_table(path: Path) -> LabelTable:
    if path.is_file():
        return read_label_table(path)
    tables = _tables_in(path)
    if len(tables) != 1:
        names = " and ".join(table.name for table in tables) or "no labels.csv"
        raise InputError(f"{path}: holds {names}; name the one to read")
    return read_label_table(tables[0])


FORMATS = (
    Format("table", "a label table, or a folder with labels.csv", _is_table, _read_table),
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
