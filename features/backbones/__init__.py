"""Pretrained networks by name, and their weights."""

from .backbone import Backbone, find_backbone
from .catalogue import NamedBackbone, list_backbones
from .feature_network import FeatureNetwork, WithPrelogits, check_evaluation_mode

__all__ = [
    "Backbone",
    "FeatureNetwork",
    "NamedBackbone",
    "WithPrelogits",
    "check_evaluation_mode",
    "find_backbone",
    "list_backbones",
]
