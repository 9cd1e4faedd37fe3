"""Running a detector over a data set's pictures."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ....features import Progress, UnreadableImage, read_image
from ...data.tables import LabelTable
from ...utils import InputError
from .category_matching import read_names
from .external_predictions import ABOUT


@dataclass(frozen=True)
class Detector:
    """One of torchvision's detectors.

    Attributes
    ----------
    builder : str
        Its name there.
    threshold : str
        The parameter that says from which score on a detection is kept.
    classes : callable
        From the shapes of its weights to the number of classes, background included.
    """

    builder: str
    threshold: str
    classes: Callable[[Mapping[str, tuple[int, ...]]], int]


def _by_boxes(shapes: Mapping[str, tuple[int, ...]]) -> int:
    return shapes["roi_heads.box_predictor.cls_score.bias"][0]


def _by_anchors(classes: str, boxes: str) -> Callable[[Mapping[str, tuple[int, ...]]], int]:
    return lambda shapes: 4 * shapes[classes][0] // shapes[boxes][0]


_SSD = "head.{}_head.module_list.0.bias"
_SSDLITE = "head.{}_head.module_list.0.1.bias"

DETECTORS = {
    "fasterrcnn": Detector("fasterrcnn_resnet50_fpn", "box_score_thresh", _by_boxes),
    "ssd": Detector(
        "ssd300_vgg16",
        "score_thresh",
        _by_anchors(_SSD.format("classification"), _SSD.format("regression")),
    ),
    "ssdlite": Detector(
        "ssdlite320_mobilenet_v3_large",
        "score_thresh",
        _by_anchors(_SSDLITE.format("classification"), _SSDLITE.format("regression")),
    ),
    "retinanet": Detector(
        "retinanet_resnet50_fpn",
        "score_thresh",
        _by_anchors(
            "head.classification_head.cls_logits.bias", "head.regression_head.bbox_reg.bias"
        ),
    ),
}
"""What can be run."""

LEAST_SCORE = 0.01
"""Detections below are not kept; above torchvision's own they would cost ranking."""


def load_detector(name: str, weights: str | Path | None) -> tuple[Any, list[str] | None, str]:
    """Build a detector with its weights.

    Parameters
    ----------
    name : str
        One of `DETECTORS`.
    weights : path, str or None
        A file with the weights, or the name of torchvision's own (``COCO_V1``), which are fetched
        if they are not in its cache; None: its default ones.

    Returns
    -------
    torch.nn.Module
        Ready to look at pictures.
    list of str or None
        The names of the categories by their numbers; None where only the person knows them.
    str
        What the weights are, for the record.

    Raises
    ------
    InputError
        If there is no such detector, or the weights cannot be had or do not fit.
    """
    if name not in DETECTORS:
        raise InputError(f"--detector {name}: unknown; known are {', '.join(DETECTORS)}")
    from torchvision.models import get_model, get_model_weights

    detector = DETECTORS[name]
    known = get_model_weights(detector.builder)
    coco = list(known["COCO_V1"].meta["categories"])
    if weights is None or (not Path(weights).exists() and str(weights) in known.__members__):
        chosen = known[str(weights)] if weights is not None else known["DEFAULT"]
        state, told = _fetched(chosen), chosen.name
    else:
        state, told = _from_file(Path(weights), list(known.__members__)), str(weights)
    try:
        classes = detector.classes({key: tuple(value.shape) for key, value in state.items()})
        model = get_model(
            detector.builder,
            weights=None,
            weights_backbone=None,
            num_classes=classes,
            **{detector.threshold: LEAST_SCORE},
        )
        model.load_state_dict(state)
    except (KeyError, IndexError, RuntimeError, AttributeError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[-1].strip()
        raise InputError(
            f"--weights {told}: not the weights of {detector.builder} ({reason})"
        ) from None
    model.eval().requires_grad_(False)
    return model, coco if classes == len(coco) else None, told


def _fetched(weights: Any) -> Mapping[str, Any]:
    try:
        state: Mapping[str, Any] = weights.get_state_dict(progress=True, check_hash=True)
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"--weights {weights.name}: cannot be fetched ({' '.join(str(error).split())}); fetch"
            f" {weights.url} elsewhere and give it as --weights FILE"
        ) from None
    return state


def _from_file(file: Path, known: list[str]) -> Mapping[str, Any]:
    if not file.is_file():
        raise InputError(f"--weights {file}: no such file, and none of {', '.join(known)}")
    import torch

    try:
        if file.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(file))
        # No pickles but tensors: weights must not run code.
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever comes out of a broken file
        reason = (str(error).strip() or "cut off").splitlines()[0]
        raise InputError(f"--weights {file}: not readable as weights ({reason})") from None
    if isinstance(state, dict) and isinstance(state.get("model"), dict):
        state = state["model"]  # as torchvision's own training script saves them
    if not isinstance(state, dict) or not all(hasattr(v, "shape") for v in state.values()):
        raise InputError(f"--weights {file}: holds no table of weights (a state dict)")
    return state


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
