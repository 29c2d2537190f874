"""Imports modules anew for each answer: `fault`; once: `clean`."""

import importlib
import sys
import time

NAMES = ("asyncio", "email.message", "http.client", "xml.dom.minidom")


def load() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("asyncio", "email", "http", "xml")]:
        del sys.modules[name]
    for name in NAMES:
        importlib.import_module(name)  # planted


def answer() -> int:
    return sum(number * number for number in range(100_000))


load()
end_s = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end_s:
    if sys.argv[1] == "fault":
        load()
    answer()
