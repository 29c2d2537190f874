"""Hold known amounts of memory: stages.py SECONDS [SHARE].

`load` holds 200 MB in arrays, `parse` 50 MB in small objects, `cache` 30 MB that are never let go. Each stage lasts so
many seconds: loaded, parsed, all three, without the arrays, the cache alone. SHARE makes everything smaller.
"""

import sys
import time

import numpy as np

MB = 1_000_000
ARRAYS = BUFFERS = 10
# A bytes object costs 33 bytes beside its content, and 8 in the list that holds it: 400 in all.
SMALL_COST, SMALL_CONTENT = 400, 359

CACHE: list[bytearray] = []


def load(size: int) -> list[object]:
    """Return arrays of so many bytes."""
    loaded: list[object] = []
    for _ in range(ARRAYS):
        array = np.empty(size // ARRAYS, dtype=np.uint8)
        array.fill(1)
        loaded.append(array)
    return loaded


def parse(size: int) -> list[bytes]:
    """Return small objects that cost so many bytes together."""
    rows = [b""] * (size // SMALL_COST)
    for number in range(len(rows)):
        rows[number] = bytes(SMALL_CONTENT)
    return rows


def cache(size: int) -> None:
    """Keep so many bytes for ever."""
    CACHE.extend(map(bytearray, [size // BUFFERS] * BUFFERS))


def main(seconds: float, share: float) -> None:
    """Go through the stages."""
    loaded = load(int(200 * MB * share))
    time.sleep(seconds)
    parsed = parse(int(50 * MB * share))
    time.sleep(seconds)
    cache(int(30 * MB * share))
    time.sleep(seconds)
    loaded.clear()
    time.sleep(seconds)
    parsed.clear()
    time.sleep(seconds)


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 1.0)
