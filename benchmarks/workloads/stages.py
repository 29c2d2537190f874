"""Hold known amounts of memory: stages.py SECONDS [SHARE [SIGNS]].

`load` holds 200 MB in arrays, `parse` 50 MB in small objects, `cache` 30 MB that are never let go. Each stage lasts so
many seconds: loaded, parsed, all three, without the arrays, the cache alone. SHARE makes everything smaller. With a
directory SIGNS, a stage lasts until a file with its number is there, since somebody has seen it, or so many seconds.
"""

import sys
import time
from pathlib import Path

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


def rest(seconds: float, sign: Path | None) -> None:
    """Wait for a sign, or for so many seconds."""
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s and not (sign and sign.exists()):
        time.sleep(0.05 if sign else seconds)


def main(seconds: float, share: float, signs: Path | None) -> None:
    """Go through the stages."""

    def stage(number: int) -> None:
        rest(seconds, signs and signs / str(number))

    loaded = load(int(200 * MB * share))
    stage(0)
    parsed = parse(int(50 * MB * share))
    stage(1)
    cache(int(30 * MB * share))
    stage(2)
    loaded.clear()
    stage(3)
    parsed.clear()
    stage(4)


if __name__ == "__main__":
    main(
        float(sys.argv[1]),
        float(sys.argv[2]) if len(sys.argv) > 2 else 1.0,
        Path(sys.argv[3]) if len(sys.argv) > 3 else None,
    )
