"""Keeps every answer: `fault`; the latest ones: `clean`."""

import sys
import time
from collections import deque

KEPT: deque[bytes] = deque(maxlen=None if sys.argv[1] == "fault" else 20)


def answer(number: int) -> bytes:
    return bytes([number % 256]) * 300_000  # planted


end_s, number = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end_s:
    number += 1
    KEPT.append(answer(number))
    time.sleep(0.02)
