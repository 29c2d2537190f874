"""Spend 50, 30 and 20 % of the time in three functions, by the clock: shares.py SECONDS REPORT.

The report (JSON) tells the seconds that the clock gave each of them.
"""

import json
import sys
import time
from pathlib import Path

ROUND_S = 0.1


def spin(seconds: float) -> int:
    """Work until so many seconds have passed."""
    count, end_s = 0, time.perf_counter() + seconds
    while time.perf_counter() < end_s:
        count += sum(range(50))
    return count


def half() -> None:
    """Take five parts of ten."""
    spin(0.5 * ROUND_S)


def three_tenths() -> None:
    """Take three parts of ten."""
    spin(0.3 * ROUND_S)


def two_tenths() -> None:
    """Take two parts of ten."""
    spin(0.2 * ROUND_S)


def main(seconds: float, report: Path) -> None:
    """Take turns until the time is over."""
    spent_s = dict.fromkeys(("half", "three_tenths", "two_tenths"), 0.0)
    end_s = time.perf_counter() + seconds
    while time.perf_counter() < end_s:
        for part in (half, three_tenths, two_tenths):
            began_s = time.perf_counter()
            part()
            spent_s[part.__name__] += time.perf_counter() - began_s
    report.write_text(json.dumps(spent_s), encoding="utf-8")


if __name__ == "__main__":
    main(float(sys.argv[1]), Path(sys.argv[2]))
