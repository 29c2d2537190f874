"""Several processes with several busy threads each: crowd.py PROCESSES THREADS SECONDS."""

import multiprocessing
import sys

from threads import main as work


def main(count: int, threads: int, seconds: float) -> None:
    """Start the children and wait for all of them."""
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=work, args=(threads, seconds)) for _ in range(count)]
    for child in children:
        child.start()
    for child in children:
        child.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
