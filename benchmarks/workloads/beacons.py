"""Light one function after the other while threads are busy: beacons.py THREADS BEACONS SECONDS_EACH REPORT.

The report gets a line at the moment each beacon is lit: its name and the wall clock (seconds since 1970).
"""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from busy import main as work
from busy import mix


def beacon(name: str) -> Callable[[float], None]:
    """Return a function of that name which works for a time."""
    namespace: dict[str, Callable[[float], None]] = {}
    body = f"def {name}(end_s):\n    while time.monotonic() < end_s:\n        mix(1)\n"
    exec(compile(body, __file__, "exec"), {"time": time, "mix": mix}, namespace)
    return namespace[name]


def main(threads: int, beacons: int, seconds_each: float, report: Path) -> None:
    """Keep the threads busy and light the beacons."""
    total_s = seconds_each * (beacons + 1)
    for _ in range(threads):
        threading.Thread(target=work, args=(total_s,), daemon=True).start()
    time.sleep(seconds_each)
    with report.open("w", encoding="utf-8", buffering=1) as lines:
        for number in range(beacons):
            name = f"beacon_{number}"
            light = beacon(name)
            lines.write(f"{name} {time.time()}\n")
            light(time.monotonic() + seconds_each)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))
