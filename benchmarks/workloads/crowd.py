"""Several processes with several threads each that work and wait: crowd.py PROCESSES THREADS SECONDS CORES.

All of them together keep so many cores busy; without CORES, as many as they get.
"""

import multiprocessing
import sys
import threading
import time

from busy import walk

_BURST_S = 0.02


def burst(seconds: float) -> None:
    """Work for a time of one's own, however long that takes."""
    value, end_s = 1, time.thread_time() + seconds
    while time.thread_time() < end_s:
        value = walk(value % 7, value)


def work(end_s: float, share: float) -> None:
    """Work for a share of the time, until it is over."""
    while time.monotonic() < end_s:
        burst(_BURST_S)
        if share < 1:
            time.sleep(_BURST_S * (1 / share - 1))


def process(threads: int, seconds: float, share: float) -> None:
    """Start the threads and wait for all of them."""
    arguments = (time.monotonic() + seconds, share)
    started = [threading.Thread(target=work, args=arguments, name=f"worker-{number}") for number in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


def main(count: int, threads: int, seconds: float, share: float) -> None:
    """Start the children and wait for all of them."""
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=process, args=(threads, seconds, share)) for _ in range(count)]
    for child in children:
        child.start()
    for child in children:
        child.join()


if __name__ == "__main__":
    counts = int(sys.argv[1]), int(sys.argv[2])
    cores = float(sys.argv[4]) if len(sys.argv) > 4 else float(counts[0] * counts[1])
    main(*counts, float(sys.argv[3]), min(1.0, cores / (counts[0] * counts[1])))
