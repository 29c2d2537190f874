"""Burns CPU in one function for as many seconds as the first argument says, then prints `done`."""

import sys
import time


def leaf() -> int:
    return sum(range(2_000))


def main(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        leaf()
    print("done")


main(float(sys.argv[1]))
