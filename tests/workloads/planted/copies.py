"""Copies all state before each step: `fault`; changes what it holds: `clean`."""

import copy
import sys
import time

STATE = {number: [number, [number] * 5] for number in range(300)}


def step(number: int, *, copied: bool) -> int:
    state = copy.deepcopy(STATE) if copied else STATE  # planted
    state[number % 300].append(number)
    state[number % 300].pop()
    return sum(len(entry) * number for entry in state.values())


end_s, number = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end_s:
    number += 1
    step(number, copied=sys.argv[1] == "fault")
    for _ in range(30):
        step(number, copied=False)
