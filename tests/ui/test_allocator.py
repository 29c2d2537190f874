from __future__ import annotations

import subprocess
import sys

import pytest

# As columns that grow do, blocks of a megabyte come and go, and what is freed lies between what is not.
_GROWING = """
from pathlib import Path
from perftui.ui.allocator import keep_large_blocks_apart

def pages():
    return int(Path("/proc/self/statm").read_text().split()[1])

told = keep_large_blocks_apart()
for _ in range(3):
    blocks = [b"x" * (1 << 20) for _ in range(32)]
    del blocks
blocks = [b"x" * (1 << 20) for _ in range(32)]
most = pages()
del blocks[::2]
print(told, (most - pages()) * 4096 >> 20)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other allocators are not told")
def test_large_blocks_go_back_to_the_system_when_they_are_freed() -> None:
    done = subprocess.run([sys.executable, "-c", _GROWING], capture_output=True, text=True, timeout=60, check=True)
    told, back_mib = done.stdout.split()
    assert told == "False" or int(back_mib) >= 15
