"""Renderings of a comparison: terminal, page, Markdown and notebook. They compute nothing."""

from .html import write_joint_reports, write_reports
from .result import Result
from .several_backbones import print_backbone_results, write_backbone_reports
from .terminal import print_joint_results, print_results

__all__ = [
    "Result",
    "print_backbone_results",
    "print_joint_results",
    "print_results",
    "write_backbone_reports",
    "write_joint_reports",
    "write_reports",
]
