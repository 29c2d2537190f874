"""Parses each date by its format: `fault`; as ISO 8601: `clean`."""

import sys
import time
from datetime import datetime

DAYS = [f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}T{number % 24:02d}:30:00" for number in range(500)]


def day_of(text: str, *, by_format: bool) -> int:
    if by_format:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").toordinal()  # planted
    return datetime.fromisoformat(text).toordinal()


end_s, total = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end_s:
    for text in DAYS:
        total += day_of(text, by_format=sys.argv[1] == "fault")
        total += sum(number * number for number in range(100))
