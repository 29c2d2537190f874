"""Tells gauges, counters and marks, a burst at a time, and prints as JSON how long a call took and what importing took.

A burst is as much as fits into the pipe; between two of them perftui has time to read it.
"""

import json
import statistics
import time

BURSTS, CALLS = 20, 500

began = time.perf_counter()
import perftui  # noqa: E402

perftui.gauge("begin", 0)
imported_ms = (time.perf_counter() - began) * 1e3


def call_us(tell: object, *arguments: object) -> float:
    """Return the microseconds of a call: the median burst's mean."""
    took = []
    for _ in range(BURSTS):
        at = time.perf_counter()
        for _ in range(CALLS):
            tell(*arguments)  # type: ignore[operator]
        took.append((time.perf_counter() - at) / CALLS * 1e6)
        time.sleep(0.05)
    return statistics.median(took)


print(
    json.dumps(
        {
            "import_ms": imported_ms,
            "gauge_us": call_us(perftui.gauge, "queue", 12.5),
            "count_us": call_us(perftui.count, "orders"),
            "mark_us": call_us(perftui.mark, "here"),
        }
    ),
    flush=True,
)
