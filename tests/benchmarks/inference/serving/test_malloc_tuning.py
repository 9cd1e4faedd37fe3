"""Memory of decoded images is returned to the system."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

# Allocates and frees blocks of image size; a small object after each of them stays alive.
SCRIPT = """
import random

import numpy as np

from catnocat.benchmarks.inference.serving import tune_malloc

def resident():
    status = open("/proc/self/status").read()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024

assert tune_malloc()
np.ones(30_000_000, np.uint8)
chance, kept, before = random.Random(0), [], resident()
for _ in range(40):
    blocks = []
    for _ in range(20):
        blocks.append(np.ones(chance.randrange(300_000, 8_000_000), np.uint8))
        kept.append(bytearray(chance.randrange(20_000, 30_000)))
    del blocks
print(resident() - before - sum(map(len, kept)) / 2**20)
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="specific to glibc")
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_freed_blocks_are_returned_to_the_system():
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) < 10  # about 110 MB without tune_malloc
