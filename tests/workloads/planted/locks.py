"""Does its slow part while it holds the lock: `fault`; outside of it: `clean`."""

import sys
import threading
import time

LOCK = threading.Lock()
TOTALS: list[int] = []


def fetch(number: int) -> int:
    time.sleep(0.02)
    return sum(range(number % 5000))


def worker(end_s: float, *, held: bool) -> None:
    number = 0
    while time.monotonic() < end_s:
        number += 1
        found = 0 if held else fetch(number)
        with LOCK:  # planted
            TOTALS.append(fetch(number) if held else found)


end_s = time.monotonic() + float(sys.argv[2])
threads = [threading.Thread(target=worker, args=(end_s,), kwargs={"held": sys.argv[1] == "fault"}) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
