"""Do a fixed amount of work of one kind and report what it cost: heap_work.py KIND ROUNDS REPORT.

KIND is `arrays` (numpy), `objects` (small ones that die young), `blocks` (larger ones) or `calls` (no allocations). The
report (JSON) tells the processor and wall seconds between the first and the last line of the work.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def arrays(rounds: int) -> None:
    """Compute with arrays of a few thousand numbers."""
    import numpy as np  # noqa: PLC0415 - the other kinds run without it

    values = np.arange(4_096, dtype=float)
    for _ in range(rounds * 20):
        values = (values * 1.000_1 + values[::-1]) / 2


def objects(rounds: int) -> None:
    """Make records of small objects, and let them go."""
    for number in range(rounds):
        rows = [{"name": f"row {each}", "at": (number, each), "tags": [each, str(each)]} for each in range(100)]
        sorted(rows, key=lambda row: row["name"])  # type: ignore[arg-type,return-value]


def blocks(rounds: int) -> None:
    """Fill a ring of blocks that are larger than small objects."""
    ring = [b""] * 64
    for number in range(rounds * 64):
        ring[number % 64] = bytes(600 + number % 1_000)


def calls(rounds: int) -> None:
    """Call functions that allocate nothing."""
    for _ in range(rounds):
        fibonacci(12)


def fibonacci(number: int) -> int:
    """Return a Fibonacci number the slow way."""
    return number if number < 2 else fibonacci(number - 1) + fibonacci(number - 2)


KINDS: dict[str, Callable[[int], None]] = {"arrays": arrays, "objects": objects, "blocks": blocks, "calls": calls}


def main(kind: str, rounds: int, report: Path) -> None:
    """Measure the work."""
    work = KINDS[kind]
    work(1)
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    work(rounds)
    cost = {"cpu_s": time.process_time() - cpu_s, "wall_s": time.perf_counter() - wall_s}
    report.write_text(json.dumps(cost), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
