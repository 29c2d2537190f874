"""Starts a program for each answer: `fault`; once: `clean`."""

import subprocess
import sys
import time


def ask() -> int:
    return subprocess.run(["true"], check=True).returncode  # planted


def answer() -> int:
    return sum(number * number for number in range(5000))


ask()
end_s = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end_s:
    if sys.argv[1] == "fault":
        ask()
    answer()
