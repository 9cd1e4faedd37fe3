"""Memory that a long-running service gives back."""

import ctypes
import platform

# From glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE = 1 << 18


def keep_heap_small() -> bool:
    """Have decoded pictures given back to the system as soon as they are let go.

    When a large block is freed, glibc takes blocks up to that size from its heaps from then on, of
    which every thread has its own. Small things that live on settle between pictures of many
    sizes there, and the holes are never given back. A bound that is named is not moved. Other C
    libraries have no such habit.

    Returns
    -------
    bool
        Whether there was something to set.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    settings = {_M_MMAP_THRESHOLD: _LARGE, _M_TRIM_THRESHOLD: 2 * _LARGE}
    return all(mallopt(name, value) == 1 for name, value in settings.items())
