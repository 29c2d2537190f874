"""Works in three threads that run Python: `fault`; in one: `clean`."""

import sys
import threading
import time


def crunch(end_s: float) -> None:
    while time.monotonic() < end_s:
        sum(number * number for number in range(2000))  # planted


end_s = time.monotonic() + float(sys.argv[2])
threads = [threading.Thread(target=crunch, args=(end_s,)) for _ in range(3 if sys.argv[1] == "fault" else 1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
