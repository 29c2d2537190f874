"""Looks up who called it by the whole stack with its source: `fault`; by one frame: `clean`."""

import inspect
import sys
import time


def caller_of(*, whole: bool) -> str:
    if whole:
        return inspect.stack()[1].function  # planted
    return sys._getframe(1).f_code.co_name


def step(*, whole: bool) -> int:
    return len(caller_of(whole=whole)) + sum(number * number for number in range(2000))


end_s, total = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end_s:
    total += step(whole=sys.argv[1] == "fault")
