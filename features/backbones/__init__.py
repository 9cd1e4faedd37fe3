"""Pretrained networks by name, and their weights.

`feature_network` imports torch and is imported late.
"""

from .backbone import Backbone, find_backbone
from .catalogue import NamedBackbone, list_backbones

__all__ = ["Backbone", "NamedBackbone", "find_backbone", "list_backbones"]
