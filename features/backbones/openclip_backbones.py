"""Backbones from OpenCLIP: the image towers of CLIP and SigLIP, and the embeddings of texts."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike, fspath
from typing import Any

import numpy as np
import torch

from ..preprocessing import Preprocessing
from ..utils import FeatureError, one_line
from .feature_network import FeatureNetwork
from .weights import digest_of

PREFIX = "openclip:"
_SCHEMAS = ("hf-hub:", "local-dir:")
_TEXTS_PER_BATCH = 64


class OpenClipFeatures(FeatureNetwork):
    """Image tower of an OpenCLIP model; its only output is the embedding of the image.

    Parameters
    ----------
    tower : torch.nn.Module
        The ``visual`` part of the model.
    """

    def __init__(self, tower: Any) -> None:
        super().__init__()
        self.tower = tower

    def trunk(self, images: torch.Tensor) -> Any:
        """Map images to their embeddings, which are not normalised."""
        return self.tower(images)

    def feature_map(self, raw: Any) -> torch.Tensor | None:
        """Return None: the embedding has no positions."""
        return None

    def prelogits(self, raw: Any) -> torch.Tensor:
        """Return the embedding."""
        vector: torch.Tensor = raw[0] if isinstance(raw, tuple) else raw
        return vector


def split_name(name: str) -> tuple[str, str | None]:
    """Split the name of a model into its architecture and its weights.

    Examples
    --------
    >>> split_name("ViT-B-32:laion2b_s34b_b79k"), split_name("hf-hub:timm/ViT-B-16-SigLIP")
    (('ViT-B-32', 'laion2b_s34b_b79k'), ('hf-hub:timm/ViT-B-16-SigLIP', None))
    """
    if name.startswith(_SCHEMAS):
        return name, None
    architecture, _, weights = name.partition(":")
    return architecture, weights or None


def load(name: str, weights: str | PathLike[str] | None = None) -> Any:
    """Return an OpenCLIP model with its weights, in evaluation mode.

    Parameters
    ----------
    name : str
        ``ARCHITECTURE:WEIGHTS``, where the weights are a tag of OpenCLIP, which downloads them, or
        a file; ``hf-hub:ORGANISATION/MODEL`` or ``local-dir:FOLDER``.
    weights : path, optional
        A file of weights.

    Raises
    ------
    FeatureError
        If OpenCLIP is not installed, the model is unknown or its weights are not available.
    """
    try:
        import open_clip
    except ImportError:
        raise FeatureError(
            f"{PREFIX}{name}: OpenCLIP is not installed: pip install 'catnocat[clip]'"
        ) from None
    architecture, tag = split_name(name)
    source = tag if weights is None else fspath(weights)
    if not architecture.startswith(_SCHEMAS):
        if architecture.replace("/", "-") not in open_clip.list_models():
            raise FeatureError(
                f"OpenCLIP has no model {architecture!r}; its models are listed by"
                " python -c 'import open_clip; print(open_clip.list_models())'"
            )
        if source is None:
            tags = open_clip.list_pretrained_tags_by_model(architecture)
            listed = f"one of {', '.join(tags)}, or a file" if tags else "a file"
            raise FeatureError(
                f"{PREFIX}{architecture}: name its weights as {architecture}:WEIGHTS, {listed}"
            )
    try:
        with _quiet():
            model = open_clip.create_model(architecture, source, require_pretrained=True)
    except Exception as error:  # of any kind, from the network and several libraries
        raise FeatureError(
            f"{PREFIX}{name} cannot be loaded ({one_line(error, 120)}); fetch its weights on a"
            f" machine with internet access and pass the file as {architecture}:FILE"
        ) from None
    return model.eval().requires_grad_(False)


def build(
    name: str, weights: str | PathLike[str] | None
) -> tuple[FeatureNetwork, Preprocessing, str]:
    """Return the image tower, its preprocessing and the digest of its weights."""
    model = load(name, weights)
    config = _preprocess_config(model)
    size = config["size"]
    preprocessing = Preprocessing(
        size=int(size if isinstance(size, int) else size[0]),
        interpolation=config["interpolation"],
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
        crop_pct=1.0,  # the shorter side is resized to the input size, then the centre is cut out
    )
    return OpenClipFeatures(model.visual), preprocessing, digest_of(model.visual)


def native_view(name: str) -> str:
    """Return the view that the model was trained with: a central square, or the whole image."""
    squashed = _preprocess_config(load(name))["resize_mode"] == "squash"
    return "whole" if squashed else "center"


def encode_texts(name: str, texts: Sequence[str]) -> tuple[np.ndarray, float]:
    """Return the embeddings of texts, scaled to length 1, and the scale of the similarities.

    Parameters
    ----------
    name : str
        See `load`.
    texts : sequence of str

    Returns
    -------
    embeddings : numpy.ndarray
        float32 (n_texts, length).
    scale : float
        The learned factor of cosine similarities in the model's own probabilities.
    """
    import open_clip

    model = load(name)
    architecture, _ = split_name(name)
    try:
        with _quiet():
            tokenizer = open_clip.get_tokenizer(architecture)
    except Exception as error:  # of any kind: some tokenizers are downloaded
        raise FeatureError(
            f"the tokenizer of {PREFIX}{name} cannot be loaded: {one_line(error, 120)}"
        ) from None
    parts = []
    with torch.inference_mode():
        for start in range(0, len(texts), _TEXTS_PER_BATCH):
            tokens = tokenizer(list(texts[start : start + _TEXTS_PER_BATCH]))
            parts.append(model.encode_text(tokens, normalize=True).float().numpy())
    return np.concatenate(parts), float(model.logit_scale.exp())


def _preprocess_config(model: Any) -> dict[str, Any]:
    import open_clip

    config: dict[str, Any] = dict(open_clip.get_model_preprocess_cfg(model))
    return {
        "size": model.visual.image_size,
        "mean": open_clip.OPENAI_DATASET_MEAN,
        "std": open_clip.OPENAI_DATASET_STD,
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    } | {key: value for key, value in config.items() if value is not None}


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the warnings and log messages of OpenCLIP and the hub."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
