"""Allocates all the time (`busy`), not at all (`idle`), or until it is told (`dozing`); ends with its input, code 7."""

import os
import select
import sys


def allocate() -> list[bytearray]:
    return [bytearray(5_000) for _ in range(50)]


def main(kind: str) -> None:
    print("up", flush=True)
    if kind != "idle":
        while not select.select([0], [], [], 0.005)[0]:
            allocate()
    if kind == "dozing":
        os.read(0, 1)
        print("asleep", flush=True)
    os.read(0, 1)
    allocate()
    sys.exit(7)


main(sys.argv[1])
