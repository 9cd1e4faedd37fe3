"""Whether everything that is needed is there and works, and how fast this machine is."""

from .examination import examine
from .terminal import print_examination

__all__ = ["examine", "print_examination"]
