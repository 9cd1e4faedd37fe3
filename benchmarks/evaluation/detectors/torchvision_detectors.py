"""Run one of torchvision's detectors on the images of a data set."""

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
from .coco_results import read_category_names
from .external_predictions import METADATA_SUFFIX


@dataclass(frozen=True)
class Detector:
    """Detector of torchvision.

    Attributes
    ----------
    builder : str
        Name of the builder function.
    threshold : str
        Name of the parameter for the minimum score.
    count_classes : callable
        Returns the number of classes, including the background, from the shapes of the weights.
    """

    builder: str
    threshold: str
    count_classes: Callable[[Mapping[str, tuple[int, ...]]], int]


def _count_from_box_predictor(shapes: Mapping[str, tuple[int, ...]]) -> int:
    return shapes["roi_heads.box_predictor.cls_score.bias"][0]


def _count_from_anchors(classes: str, boxes: str) -> Callable[[Mapping[str, tuple[int, ...]]], int]:
    return lambda shapes: 4 * shapes[classes][0] // shapes[boxes][0]


_SSD = "head.{}_head.module_list.0.bias"
_SSDLITE = "head.{}_head.module_list.0.1.bias"

DETECTORS = {
    "fasterrcnn": Detector(
        "fasterrcnn_resnet50_fpn", "box_score_thresh", _count_from_box_predictor
    ),
    "ssd": Detector(
        "ssd300_vgg16",
        "score_thresh",
        _count_from_anchors(_SSD.format("classification"), _SSD.format("regression")),
    ),
    "ssdlite": Detector(
        "ssdlite320_mobilenet_v3_large",
        "score_thresh",
        _count_from_anchors(_SSDLITE.format("classification"), _SSDLITE.format("regression")),
    ),
    "retinanet": Detector(
        "retinanet_resnet50_fpn",
        "score_thresh",
        _count_from_anchors(
            "head.classification_head.cls_logits.bias", "head.regression_head.bbox_reg.bias"
        ),
    ),
}
"""Available detectors by name."""

MIN_SCORE = 0.01
"""Lower scores are discarded. A higher limit would harm the ranking metrics."""


def load_detector(name: str, weights: str | Path | None) -> tuple[Any, list[str] | None, str]:
    """Build a detector and load its weights.

    Parameters
    ----------
    name : str
        One of `DETECTORS`.
    weights : path, str or None
        A file, or the name of torchvision weights (``COCO_V1``), which torchvision downloads if
        they are not in its cache; None: the default ones.

    Returns
    -------
    torch.nn.Module
        In evaluation mode.
    list of str or None
        Names of the categories by id; None if they are not those of COCO.
    str
        Name or path of the weights, for the metadata.

    Raises
    ------
    InputError
        If the detector is unknown, or the weights cannot be loaded.
    """
    if name not in DETECTORS:
        raise InputError(f"--detector {name}: unknown; choose from {', '.join(DETECTORS)}")
    from torchvision.models import get_model, get_model_weights

    detector = DETECTORS[name]
    known = get_model_weights(detector.builder)
    coco = list(known["COCO_V1"].meta["categories"])
    if weights is None or (not Path(weights).exists() and str(weights) in known.__members__):
        chosen = known[str(weights)] if weights is not None else known["DEFAULT"]
        state, weights_name = _download(chosen), chosen.name
    else:
        state = _read_weights(Path(weights), list(known.__members__))
        weights_name = str(weights)
    try:
        classes = detector.count_classes({key: tuple(value.shape) for key, value in state.items()})
        model = get_model(
            detector.builder,
            weights=None,
            weights_backbone=None,
            num_classes=classes,
            **{detector.threshold: MIN_SCORE},
        )
        model.load_state_dict(state)
    except (KeyError, IndexError, RuntimeError, AttributeError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[-1].strip()
        raise InputError(
            f"--weights {weights_name}: not the weights of {detector.builder} ({reason})"
        ) from None
    model.eval().requires_grad_(False)
    return model, coco if classes == len(coco) else None, weights_name


def _download(weights: Any) -> Mapping[str, Any]:
    try:
        state: Mapping[str, Any] = weights.get_state_dict(progress=True, check_hash=True)
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"--weights {weights.name}: cannot be downloaded ({' '.join(str(error).split())});"
            f" download {weights.url} manually and pass it as --weights FILE"
        ) from None
    return state


def _read_weights(file: Path, known: list[str]) -> Mapping[str, Any]:
    if not file.is_file():
        raise InputError(f"--weights {file}: no such file and not one of {', '.join(known)}")
    import torch

    try:
        if file.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(file))
        # weights_only: a pickle must not execute code.
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # a corrupt file can raise any exception
        reason = (str(error).strip() or "truncated").splitlines()[0]
        raise InputError(f"--weights {file}: cannot be read as weights ({reason})") from None
    if isinstance(state, dict) and isinstance(state.get("model"), dict):
        state = state["model"]  # the format of torchvision's training script
    if not isinstance(state, dict) or not all(hasattr(v, "shape") for v in state.values()):
        raise InputError(f"--weights {file}: does not contain a state dict")
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
    """Run a detector on the images of a table and write its detections.

    Parameters
    ----------
    table : LabelTable
    detector : str
        One of `DETECTORS`.
    out : Path
        Output file in the COCO results format. ``<out>.about.json`` contains the metadata:
        detector, categories and time. `catnocat bench --detections` reads both.
    weights : path, str or None
        See `load_detector`.
    names : path or None
        Names of the categories, if the weights are not those of COCO; see `read_category_names`.
    progress : callable, optional

    Returns
    -------
    dict
        The metadata: "images", "detections", "ms_per_image", "skipped" and more.

    Raises
    ------
    InputError
        If the detector cannot be loaded, `out` cannot be written or no image can be read.
    """
    if table.X is not None:
        raise InputError(
            f"{table.source}: contains feature vectors, not images; a detector needs images"
        )
    if out.suffix != ".json":
        raise InputError(f"--out {out}: must end in .json")
    given_names = {} if names is None else read_category_names(Path(names))
    model, coco, weights_name = load_detector(detector, weights)
    categories = {str(k): name for k, name in enumerate(coco or ()) if name != "N/A"}
    categories |= {str(key): name for key, name in given_names.items()}
    if not categories:
        raise InputError(
            f"--weights {weights_name}: the categories are not those of COCO; name them with"
            " --names FILE"
        )
    detections: list[dict[str, Any]] = []
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
                detections += _detect_in_image(model, table, row)
                seconds += time.perf_counter() - started
            except UnreadableImage as error:
                skipped.append(
                    {"image": table.images[row], "where": table.where(row), "reason": str(error)}
                )
        n_read = table.n_images - len(skipped)
        if not n_read:
            partial.unlink()
            raise InputError(f"{skipped[0]['where']}: {skipped[0]['reason']}; no image can be read")
        metadata = {
            "detector": detector,
            "weights": weights_name,
            "images": n_read,
            "detections": len(detections),
            "ms_per_image": round(1000 * seconds / n_read, 2),
            "categories": categories,
            "skipped": skipped,
        }
        partial.write_text(json.dumps(detections), encoding="utf-8")
        text = json.dumps(metadata, indent=1, ensure_ascii=False)
        out.with_suffix(METADATA_SUFFIX).write_text(text + "\n", encoding="utf-8")
        partial.replace(out)
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written ({error.strerror})") from None
    return metadata


def _detect_in_image(model: Any, table: LabelTable, row: int) -> list[dict[str, Any]]:
    """Read one image and return its detections."""
    import torch

    pixels = np.array(read_image(table.paths[row]))
    image = torch.from_numpy(pixels).permute(2, 0, 1).float() / 255
    (output,) = model([image])
    key: Any = table.images[row] if table.image_ids is None else int(table.image_ids[row])
    boxes = zip(*(output[part].tolist() for part in ("boxes", "labels", "scores")), strict=True)
    return [
        {
            "image_id": key,
            "category_id": label,
            "bbox": [round(x, 2) for x in (left, top, right - left, bottom - top)],
            "score": round(score, 5),
        }
        for (left, top, right, bottom), label, score in boxes
    ]
