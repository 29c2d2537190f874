"""Writes all rows anew after each change: `fault`; at the end: `clean`."""

import json
import sys
import time

ROWS = [{"id": str(number), "name": f"row {number}", "place": "a, b"} for number in range(200)]


def change(number: int) -> int:
    ROWS[number % len(ROWS)]["id"] = str(number)
    return sum(len(row["id"]) * len(row["name"]) for row in ROWS)


def save() -> int:
    return len(json.dumps(ROWS, indent=1))  # planted


end_s, count = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end_s:
    count += 1
    for _ in range(20):
        change(count)
    if sys.argv[1] == "fault":
        save()
save()
