"""Works from its very first line on, for 0.3 s, in a function per 0.1 s."""

import time


def work(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(2_000))


def first() -> None:
    work(0.1)


def second() -> None:
    work(0.1)


def third() -> None:
    work(0.1)


first()
second()
third()
