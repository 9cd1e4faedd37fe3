"""The renderings of a comparison: a terminal table, a page, a text. They compute nothing."""

from .html import write_reports
from .several_backbones import print_backbone_results, write_backbone_reports
from .several_datasets import print_joint_results, write_joint_reports
from .terminal import print_results

__all__ = [
    "print_backbone_results",
    "print_joint_results",
    "print_results",
    "write_backbone_reports",
    "write_joint_reports",
    "write_reports",
]
