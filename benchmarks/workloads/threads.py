"""Keep several threads busy at once: threads.py THREADS SECONDS."""

import sys
import threading

from busy import main as work


def main(count: int, seconds: float) -> None:
    """Start the threads and wait for all of them."""
    threads = [threading.Thread(target=work, args=(seconds,), name=f"worker-{number}") for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
