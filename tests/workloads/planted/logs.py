"""Logs each step of a loop: `fault`; each round: `clean`."""

import logging
import sys
import time

logging.basicConfig(filename="/dev/null", level=logging.INFO)
LOG = logging.getLogger("planted")


def step(value: int, *, told: bool) -> int:
    if told:
        LOG.info("at %d now", value)  # planted
    return sum(range(value % 300))


end_s, rounds = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end_s:
    rounds += 1
    for value in range(2000):
        step(value, told=sys.argv[1] == "fault")
    if rounds % 100 == 0:
        LOG.info("round %d", rounds)
