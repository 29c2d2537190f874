"""Keep several child processes busy at once: processes.py PROCESSES SECONDS."""

import multiprocessing
import sys

from busy import main as work


def main(count: int, seconds: float) -> None:
    """Start the children and wait for all of them."""
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=work, args=(seconds,), name=f"child-{number}") for number in range(count)]
    for child in children:
        child.start()
    for child in children:
        child.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
