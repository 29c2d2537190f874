"""Keep one core busy with short call chains for a time: busy.py SECONDS."""

import sys
import time


def mix(value: int) -> int:
    """Do a little integer work."""
    for step in range(200):
        value = (value * 1_103_515_245 + 12_345 + step) & 0x7FFF_FFFF
    return value


def walk(depth: int, value: int) -> int:
    """Recurse, and work at each depth."""
    return mix(value) if depth == 0 else mix(walk(depth - 1, value))


def main(seconds: float) -> int:
    """Work until the time is over."""
    value, end_s = 1, time.monotonic() + seconds
    while time.monotonic() < end_s:
        value = walk(value % 7, value)
    return value


if __name__ == "__main__":
    main(float(sys.argv[1]))
