"""Diagnostics: whether the installation is complete and works, and how fast this machine is."""

from .diagnostics import print_diagnostics, run_diagnostics

__all__ = ["print_diagnostics", "run_diagnostics"]
