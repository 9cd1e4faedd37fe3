"""Catalogue of named data sets: addresses, checksums, layout and licence."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..formats import read_coco, read_voc
from ..tables import LabelTable


@dataclass(frozen=True)
class Archive:
    """Archive to download and unpack.

    Parameters
    ----------
    url : str
    md5 : str
        Hexadecimal checksum. It detects damage; authenticity rests on the https address.
    size : int
        In bytes.
    """

    url: str
    md5: str
    size: int

    @property
    def name(self) -> str:
        """The file's name."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True)
class NamedDataset:
    """Data set that can be loaded by name.

    Parameters
    ----------
    name : str
    archives : tuple of Archive
    root : str
        Folder of the data set within the unpacked archives.
    required_files : tuple of str
        Glob patterns relative to the root. A complete data set has a file for each of them.
    search_folders : tuple of str
        Further folders below the data folder in which to look for it.
    licence : str
        One line with the authors and the terms of use.
    read : callable
        Function that reads the root folder.
    """

    name: str
    archives: tuple[Archive, ...]
    root: str
    required_files: tuple[str, ...]
    search_folders: tuple[str, ...]
    licence: str
    read: Callable[[Path], LabelTable]


_VOC = "https://thor.robots.ox.ac.uk/pascal/VOC"
# The checksums of the VOC archives are those in torchvision's catalogue.
_VOC_ARCHIVES = {
    "2007": (
        Archive(
            f"{_VOC}/voc2007/VOCtrainval_06-Nov-2007.tar",
            "c52e279531787c972589f7e41ab4ae64",
            460_032_000,
        ),
        Archive(
            f"{_VOC}/voc2007/VOCtest_06-Nov-2007.tar",
            "b6e924de25625d8de591ea690078ad9f",
            451_020_800,
        ),
    ),
    "2012": (
        Archive(
            f"{_VOC}/voc2012/VOCtrainval_11-May-2012.tar",
            "6cd6e144f989b92b3379bac3b3de84fd",
            1_999_639_040,
        ),
    ),
}
# images.cocodataset.org is a storage bucket without a certificate for that name.
_COCO = "https://s3.amazonaws.com/images.cocodataset.org"
# COCO publishes no checksums; several projects agree on these.
_COCO_ARCHIVES = {
    "2014": (
        Archive(
            f"{_COCO}/annotations/annotations_trainval2014.zip",
            "0a379cfc70b0e71301e0f377548639bd",
            252_872_794,
        ),
        Archive(f"{_COCO}/zips/val2014.zip", "a3d79f5ed8d289b7a7554ce06a5782b3", 6_645_013_297),
        Archive(f"{_COCO}/zips/train2014.zip", "0da8c0bd3d6becc4dcb32757491aca88", 13_510_573_713),
    ),
    "2017": (
        Archive(
            f"{_COCO}/annotations/annotations_trainval2017.zip",
            "f4bbac642086de4f52a3fdda2de5fa2c",
            252_907_541,
        ),
        Archive(f"{_COCO}/zips/val2017.zip", "442b8da7639aecaf257c1dceb8ba8c80", 815_585_330),
        Archive(f"{_COCO}/zips/train2017.zip", "cced6f7f71b7629ddf16f17bbcfab6b2", 19_336_861_798),
    ),
}


def _voc(year: str, last_part: str) -> NamedDataset:
    root = f"VOCdevkit/VOC{year}"
    return NamedDataset(
        name=f"voc{year}",
        archives=_VOC_ARCHIVES[year],
        root=root,
        required_files=("JPEGImages/*", f"ImageSets/Main/*_{last_part}.txt"),
        search_folders=(root, f"VOC{year}", "."),
        licence=f"PASCAL VOC {year}: photographs from flickr under flickr's terms of use, for "
        "research; cite Everingham et al., The PASCAL Visual Object Classes Challenge.",
        read=read_voc,
    )


def _coco(year: str) -> NamedDataset:
    return NamedDataset(
        name=f"coco{year}",
        archives=_COCO_ARCHIVES[year],
        root=".",
        required_files=tuple(
            f"annotations/instances_{part}{year}.json" for part in ("train", "val")
        ),
        search_folders=("coco", "COCO", "."),
        licence=f"COCO {year}: annotations CC BY 4.0, COCO Consortium; photographs from Flickr "
        "under differing Creative Commons terms.",
        read=partial(read_coco, year=year),
    )


NAMED_DATASETS = {
    dataset.name: dataset
    for dataset in (_voc("2007", "test"), _voc("2012", "val"), _coco("2014"), _coco("2017"))
}
"""Data sets by name."""
