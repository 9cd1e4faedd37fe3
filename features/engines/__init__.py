"""Engines: run a network on batches of images with torch or OpenVINO."""

from .engine import PRECISIONS, Engine, Network
from .open_engine import choose_engine, has_bfloat16, open_engine

__all__ = [
    "PRECISIONS",
    "Engine",
    "Network",
    "choose_engine",
    "has_bfloat16",
    "open_engine",
]
