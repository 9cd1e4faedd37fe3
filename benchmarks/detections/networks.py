"""torchvision's detectors, by the names that `--detector` takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError


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
