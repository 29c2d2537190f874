"""How the C library's allocator treats the columns of a growing profile."""

from __future__ import annotations

import contextlib
import ctypes

_M_MMAP_THRESHOLD = -3
_LARGE_BYTES = 128 << 10
"""From here on a block of memory has pages of its own."""


def keep_large_blocks_apart() -> bool:
    """Give each large block pages of its own, for good; say whether the allocator can be told so.

    A column that grows is moved in that case without a copy, and what it leaves goes back to the system. By itself the
    C library of Linux stops doing so as soon as such a block was freed once: then each move leaves a hole, and a
    dashboard that runs for minutes holds tens of megabytes of holes.
    """
    with contextlib.suppress(AttributeError, OSError):
        return bool(ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES))
    return False
