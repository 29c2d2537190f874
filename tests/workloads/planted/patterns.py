"""Compiles a pattern for each line: `fault`; once: `clean`."""

import re
import sys
import time

LINES = [f"{number:04d} GET /items/{number}/parts 200" for number in range(1000)]
ONCE = re.compile(r"(\d+) (GET|POST) /items/(\d+)(/\w+)* (\d{3})")


def parse(line: str, number: int, *, anew: bool) -> bool:
    pattern = ONCE
    if anew:
        # Another one each time, as where a text from outside stands in it.
        pattern = re.compile(rf"({number})?(\d+) (GET|POST) /items/(\d+)(/\w+)* (\d{{3}})")  # planted
    return pattern.match(line) is not None


end_s, number = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end_s:
    for line in LINES:
        number += 1
        parse(line, number, anew=sys.argv[1] == "fault")
