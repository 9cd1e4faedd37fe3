"""What a service decodes is given back to the system."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

# Blocks of pictures' sizes come and go, with something small that stays after each of them.
PICTURES = """
import random

import numpy as np

from catnocat.benchmarks.inference.serving import keep_heap_small

def resident():
    status = open("/proc/self/status").read()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024

assert keep_heap_small()
np.ones(30_000_000, np.uint8)
chance, kept, before = random.Random(0), [], resident()
for _ in range(40):
    pictures = []
    for _ in range(20):
        pictures.append(np.ones(chance.randrange(300_000, 8_000_000), np.uint8))
        kept.append(bytearray(chance.randrange(20_000, 30_000)))
    del pictures
print(resident() - before - sum(map(len, kept)) / 2**20)
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's habit")
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell")
def test_there_are_no_holes_between_what_stays():
    ran = subprocess.run([sys.executable, "-c", PICTURES], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) < 10  # about 110 MB where it is left as it is
