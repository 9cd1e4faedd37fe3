"""Actions on predicted images: sort them into folders, write keywords, make a contact sheet."""

import html
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol
from xml.sax.saxutils import escape

import numpy as np

from ...utils import InputError, atomic_write, create_folder, thumbnail_data_uri, write_text
from .stream import PredictionBatch

_NO_LABEL, _UNLIKE = "no label", "unlike the training images"
_SIDECAR_MARK = 'x:xmptk="catnocat"'
_MAX_THUMBNAILS = 2000
_THUMBNAIL_SIDE = 200


class Action(Protocol):
    """An action on predicted images, batch by batch."""

    def apply(self, batch: PredictionBatch) -> None:
        """Apply the action to the readable images of a batch."""

    def summary(self) -> str:
        """Return what was done, in a few words."""


def _predicted(batch: PredictionBatch, labels: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the row and the labels of each readable image; no labels if it is flagged."""
    for row, error in enumerate(batch.errors):
        if error is None and _is_unlike(batch, row):
            yield row, []
        elif error is None:
            yield row, [labels[column] for column in np.flatnonzero(batch.Y[row]).tolist()]


def _is_unlike(batch: PredictionBatch, row: int) -> bool:
    return batch.unlike is not None and bool(batch.unlike[row])


class SortIntoFolders:
    """Hard links, or else copies, of images in one folder per predicted label.

    An image with several labels is in several folders, one without in ``no label``, and one that is
    unlike the training images only in a folder of that name. A second run adds nothing twice.

    Parameters
    ----------
    folder : Path
        Created if needed, but not its parents.
    labels : sequence of str
    """

    def __init__(self, folder: Path, labels: Sequence[str]) -> None:
        create_folder(folder, "--sort-into")
        self.labels = labels
        names = _folder_names([*labels, _NO_LABEL, _UNLIKE])
        self._folders = {label: folder / name for label, name in names.items()}
        self._count = 0

    def apply(self, batch: PredictionBatch) -> None:
        """Link or copy each image into the folders of its labels."""
        for row, labels in _predicted(batch, self.labels):
            name = _file_name(Path(batch.images[row]).name)
            without = _UNLIKE if _is_unlike(batch, row) else _NO_LABEL
            for label in labels or [without]:
                self._add(Path(batch.paths[row]), self._folders[label], name)

    def summary(self) -> str:
        """Return how many files were added."""
        return f"{self._count:,} added to folders"

    def _add(self, source: Path, folder: Path, name: str) -> None:
        try:
            folder.mkdir(exist_ok=True)
            stem, suffix = os.path.splitext(name)  # noqa: PTH122
            number, target = 1, folder / name
            while os.path.lexists(target):
                if _is_same(source, target):
                    return
                number += 1
                target = folder / f"{stem}-{number}{suffix}"
            try:
                os.link(source.resolve(), target)
            except OSError:  # another disk, or a file system without hard links
                shutil.copy2(source, target)
        except OSError as error:
            raise InputError(f"--sort-into {folder}: cannot write ({error.strerror}).") from None
        self._count += 1


def _is_same(source: Path, target: Path) -> bool:
    if not target.is_file():
        return False
    if source.samefile(target):
        return True
    if source.stat().st_size != target.stat().st_size:
        return False
    return source.read_bytes() == target.read_bytes()


def _folder_names(labels: Sequence[str]) -> dict[str, str]:
    """Return a folder name for each label that is valid and unique on all systems.

    Examples
    --------
    >>> _folder_names(["cat", "Cat", "a/b", ".."])
    {'cat': 'cat', 'Cat': 'Cat-2', 'a/b': 'a-b', '..': 'label'}
    """
    names: dict[str, str] = {}
    used: set[str] = set()
    for label in labels:
        stem = re.sub(r'[\x00-\x1f<>:"/\\|?*]+', "-", label).strip(" .-")[:100] or "label"
        name, number = stem, 1
        while name.lower() in used:
            number += 1
            name = f"{stem}-{number}"
        used.add(name.lower())
        names[label] = name
    return names


def _file_name(name: str) -> str:
    return re.sub(r"[\x00/\\]", "-", name)


class WriteKeywords:
    """XMP sidecar files with the predicted labels as keywords; the images are not changed.

    ``a.jpg.xmp`` is read by digiKam and darktable, ``a.xmp`` by Lightroom and Bridge. Sidecars of
    other programs are never overwritten. Images unlike the training images get no keywords.

    Parameters
    ----------
    labels : sequence of str
    """

    def __init__(self, labels: Sequence[str]) -> None:
        self.labels = labels
        self._written = self._kept = 0
        self._stems: dict[Path, str] = {}

    def apply(self, batch: PredictionBatch) -> None:
        """Write the sidecars of images with labels, and update those of images without."""
        for row, labels in _predicted(batch, self.labels):
            image = Path(batch.paths[row])
            for sidecar in (Path(f"{image}.xmp"), image.with_suffix(".xmp")):
                # Images that differ in their suffix only would share the second name.
                if self._stems.setdefault(sidecar, str(image)) == str(image):
                    self._write(sidecar, labels)

    def summary(self) -> str:
        """Return how many sidecars were written and how many were kept."""
        kept = f", {self._kept:,} of other programs kept" if self._kept else ""
        return f"{self._written:,} sidecars written{kept}"

    def _write(self, sidecar: Path, labels: list[str]) -> None:
        try:
            exists = sidecar.exists()
            if exists and _SIDECAR_MARK.encode() not in sidecar.read_bytes()[:200]:
                self._kept += 1
            elif labels or exists:
                write_text(sidecar, xmp_packet(labels))
                self._written += 1
        except OSError as error:
            raise InputError(
                f"--write-keywords: {sidecar} cannot be written ({error.strerror})."
            ) from None


def xmp_packet(keywords: Sequence[str]) -> str:
    """Return an XMP document with keywords.

    Examples
    --------
    >>> "<rdf:li>black &amp; white</rdf:li>" in xmp_packet(["black & white"])
    True
    """
    items = "\n".join(f"     <rdf:li>{escape(keyword)}</rdf:li>" for keyword in keywords)
    bags = "\n".join(
        f"   <{name}>\n    <rdf:{kind}>\n{items}\n    </rdf:{kind}>\n   </{name}>"
        for name, kind in (
            ("dc:subject", "Bag"),
            ("lr:hierarchicalSubject", "Bag"),
            ("digiKam:TagsList", "Seq"),
        )
    )
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" {_SIDECAR_MARK}>
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
   xmlns:dc="http://purl.org/dc/elements/1.1/"
   xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
   xmlns:digiKam="http://www.digikam.org/ns/1.0/">
{bags}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""


_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Predictions</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<style>
:root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif; }
body { margin: 1rem; }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(180px, 1fr)); gap: 12px;
 list-style: none; padding: 0; }
li { border: 1px solid #8886; border-radius: 6px; padding: 8px; overflow-wrap: anywhere; }
img { width: 100%; height: 140px; object-fit: contain; }
b { display: block; font-weight: 600; }
.warn { border-color: #c80; } .warn em { color: #c80; } .error { border-color: #c33; }
small { opacity: .75; }
</style></head><body><h1>Predictions</h1><ul>
"""


class ContactSheet:
    """A self-contained HTML page with a thumbnail and the predicted labels of each image.

    Parameters
    ----------
    file : binary file
    labels : sequence of str
    """

    def __init__(self, file: IO[bytes], labels: Sequence[str]) -> None:
        self.file, self.labels = file, labels
        self._shown = self._total = 0
        self.file.write(_HEAD.encode())

    def apply(self, batch: PredictionBatch) -> None:
        """Write a cell for each image of a batch, unreadable ones included."""
        for row, error in enumerate(batch.errors):
            self._total += 1
            if self._shown < _MAX_THUMBNAILS:
                self._shown += 1
                self.file.write(self._cell(batch, row, error).encode("utf-8", "backslashreplace"))

    def close(self) -> None:
        """Write the end of the page."""
        rest = self._total - self._shown
        note = f"<p>{rest:,} more images are not shown.</p>" if rest else ""
        self.file.write(f"</ul>{note}</body></html>\n".encode())

    def summary(self) -> str:
        """Return how many images are on the page."""
        return f"{self._shown:,} on the contact sheet"

    def _cell(self, batch: PredictionBatch, row: int, error: str | None) -> str:
        name = html.escape(batch.images[row])
        if error is not None:
            reason = html.escape(error)
            return f'<li class="error"><b>not read</b>{reason}<br><small>{name}</small>\n'
        P = batch.P[row]
        columns = sorted(np.flatnonzero(batch.Y[row]).tolist(), key=lambda column: -P[column])
        listed = [f"{html.escape(self.labels[c])} {100 * P[c]:.0f} %" for c in columns]
        is_unlike = _is_unlike(batch, row)
        warning = "<em>unlike the training images</em><br>" if is_unlike else ""
        uri = thumbnail_data_uri(batch.paths[row], _THUMBNAIL_SIDE)
        return (
            f'<li{" class=warn" if is_unlike else ""}><img loading="lazy" alt="" src="{uri}">'
            f"<b>{', '.join(listed) or 'no label'}</b>{warning}<small>{name}</small>\n"
        )


@contextmanager
def open_contact_sheet(path: Path | None, labels: Sequence[str]) -> Iterator[list[Any]]:
    """Open a contact sheet that appears under its name only when it is complete.

    Yields
    ------
    list of ContactSheet
        Empty if `path` is None.
    """
    if path is None:
        yield []
        return
    create_folder(path.parent, "--html")
    try:
        with atomic_write(path) as file:
            sheet = ContactSheet(file, labels)
            yield [sheet]
            sheet.close()
    except OSError as error:
        raise InputError(f"--html {path}: cannot be written ({error.strerror}).") from None
