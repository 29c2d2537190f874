"""Light one function after the other in several busy threads: beacons.py THREADS BEACONS SECONDS_EACH REPORT.

Whatever thread is looked at, it is in the function that is lit and in none below it. The report gets a line for each:
its name and the moment that it is lit at (seconds since 1970).
"""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

Beacon = Callable[[float], None]


def beacon(name: str) -> Beacon:
    """Return a function of that name which works until a moment."""
    namespace: dict[str, Beacon] = {}
    body = f"def {name}(end_s):\n    count = 0\n    while time.time() < end_s:\n        count += 1\n"
    exec(compile(body, __file__, "exec"), {"time": time}, namespace)
    return namespace[name]


def run_all(schedule: list[tuple[Beacon, float]]) -> None:
    """Run each function until its moment."""
    for light, end_s in schedule:
        light(end_s)


def main(threads: int, beacons: int, seconds_each: float, report: Path) -> None:
    """Write down what will be lit when, then light it."""
    now_s = time.time()
    names = ["dark", *(f"beacon_{number}" for number in range(beacons))]
    schedule = [(beacon(name), now_s + seconds_each * (at + 1)) for at, name in enumerate(names)]
    lit = zip(names[1:], (end_s for _, end_s in schedule), strict=False)
    report.write_text("".join(f"{name} {at_s}\n" for name, at_s in lit), encoding="utf-8")
    started = [threading.Thread(target=run_all, args=(schedule,)) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))
