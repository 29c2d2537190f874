"""Functions whose names would act on a terminal, on markup or on a file format, each busy for the same time."""

import sys
import time
from collections.abc import Callable

NAMES = [
    "[bold red]markup[/]",
    "\x1b[2J\x1b[31mescape\x07",
    "漢字の関数名",
    "مرحبا",
    "\u202eoverride\u2066",
    "semi;colon 3",
    "new\nline\rreturn",
    "e\u0301\u200djoined\ufe0f",
    "$(reboot)`quotes`\"'",
]


def busy(until: float) -> int:
    total = 0
    while time.monotonic() < until:
        total += sum(i * i for i in range(500))
    return total


def renamed(name: str) -> Callable[[float], int]:
    def caller(until: float) -> int:
        return busy(until)

    caller.__code__ = caller.__code__.replace(co_name=name, co_qualname=name, co_filename=f"/srv/{name}.py")
    return caller


for given in NAMES:
    print(given, flush=True)
    renamed(given)(time.monotonic() + float(sys.argv[1]))
