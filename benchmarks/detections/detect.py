"""Running a detector over a data set's pictures."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from ...features import Progress, UnreadableImage, read_image
from ..errors import InputError
from ..tables import LabelTable
from .names import read_names
from .networks import load_detector
from .rival import ABOUT


def detect(
    table: LabelTable,
    detector: str,
    out: Path,
    *,
    weights: str | Path | None = None,
    names: str | Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write what a detector finds in a table's pictures.

    Parameters
    ----------
    table : LabelTable
    detector : str
        One of `DETECTORS`.
    out : Path
        The file, in COCO's form of results; beside it ``<out>.about.json`` tells the detector, its
        categories and its cost, which is what `catnocat bench --detections` reads.
    weights : path, str or None
        See `load_detector`.
    names : path or None
        What the categories are called, where the weights are not COCO's; see `read_names`.
    progress : callable, optional

    Returns
    -------
    dict
        What stands beside the file: "images", "detections", "ms_per_image", "skipped" and more.

    Raises
    ------
    InputError
        If the detector cannot be had, `out` cannot be written to or no picture can be read.
    """
    if table.X is not None:
        raise InputError(f"{table.source}: holds numbers, not pictures; nothing to look at")
    if out.suffix != ".json":
        raise InputError(f"--out {out}: must end in .json")
    called = {} if names is None else read_names(Path(names))
    model, coco, told_weights = load_detector(detector, weights)
    categories = {str(k): name for k, name in enumerate(coco or ()) if name != "N/A"}
    categories |= {str(key): name for key, name in called.items()}
    if not categories:
        raise InputError(
            f"--weights {told_weights}: its categories are not COCO's; name them with --names FILE"
        )
    found: list[dict[str, Any]] = []
    skipped: list[dict[str, str]] = []
    seconds = 0.0
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        partial = out.with_suffix(".partial")
        partial.touch()
        for row in range(table.n_images):
            if progress:
                progress(row, table.n_images)
            started = time.perf_counter()
            try:
                found += _look(model, table, row)
                seconds += time.perf_counter() - started
            except UnreadableImage as error:
                skipped.append(
                    {"image": table.images[row], "where": table.where(row), "reason": str(error)}
                )
        seen = table.n_images - len(skipped)
        if not seen:
            partial.unlink()
            raise InputError(f"{skipped[0]['where']}: {skipped[0]['reason']}; no picture is left")
        about = {
            "detector": detector,
            "weights": told_weights,
            "images": seen,
            "detections": len(found),
            "ms_per_image": round(1000 * seconds / seen, 2),
            "categories": categories,
            "skipped": skipped,
        }
        partial.write_text(json.dumps(found), encoding="utf-8")
        beside = json.dumps(about, indent=1, ensure_ascii=False)
        out.with_suffix(ABOUT).write_text(beside + "\n", encoding="utf-8")
        partial.replace(out)
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written ({error.strerror})") from None
    return about


def _look(model: Any, table: LabelTable, row: int) -> list[dict[str, Any]]:
    """Give the detections in one picture, from reading it to the last box."""
    import torch

    pixels = np.array(read_image(table.paths[row]))
    picture = torch.from_numpy(pixels).permute(2, 0, 1).float() / 255
    (found,) = model([picture])
    key: Any = table.images[row] if table.image_ids is None else int(table.image_ids[row])
    boxes = zip(*(found[part].tolist() for part in ("boxes", "labels", "scores")), strict=True)
    return [
        {
            "image_id": key,
            "category_id": label,
            "bbox": [round(x, 2) for x in (left, top, right - left, bottom - top)],
            "score": round(score, 5),
        }
        for (left, top, right, bottom), label, score in boxes
    ]
