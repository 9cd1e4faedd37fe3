"""Run a network on batches of images: with torch or with OpenVINO."""

from .engine import PRECISIONS, Engine, Network, choose_engine, has_bfloat16, open_engine
from .network import pool

__all__ = [
    "PRECISIONS",
    "Engine",
    "Network",
    "choose_engine",
    "has_bfloat16",
    "open_engine",
    "pool",
]
