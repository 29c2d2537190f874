"""Does everything in one thread while three workers wait: `fault`; without workers: `clean`."""

import queue
import sys
import threading
import time

TASKS: queue.Queue[int | None] = queue.Queue()


def worker() -> None:
    while TASKS.get() is not None:
        pass


def handle(end_s: float) -> None:
    while time.monotonic() < end_s:
        sum(number * number for number in range(2000))  # planted


threads = [threading.Thread(target=worker) for _ in range(3 if sys.argv[1] == "fault" else 0)]
for thread in threads:
    thread.start()
handle(time.monotonic() + float(sys.argv[2]))
for _ in threads:
    TASKS.put(None)
