"""Hold 20 MB, then end in one way: heap_ending.py HOW SECONDS.

HOW is one of `ends`, `raises`, `exits` (with 3), `leaves` (without cleaning up, with 4), `kills` itself, `crashes`,
`forks` (a child that holds 5 MB and leaves with 0), `pool` (four forked workers that hold 5 MB each), `spawns` (fresh
interpreters instead). 10 MB more are held only for a moment, before the seconds begin.
"""

import multiprocessing
import os
import signal
import sys
import time

MB = 1_000_000
KEPT: list[bytearray] = []
CHILDREN = 4


def hold(megabytes: int) -> None:
    """Keep so much to the end."""
    KEPT.extend(map(bytearray, [MB] * megabytes))


def waste(megabytes: int) -> int:
    """Hold so much for a moment."""
    return len(list(map(bytearray, [MB] * megabytes)))


def hold_below(seconds: float) -> int:
    """Do what each worker does."""
    hold(5)
    time.sleep(seconds)
    return os.getpid()


def fork(seconds: float) -> None:
    """Leave a child that holds something behind for a moment, and wait for it."""
    pid = os.fork()
    if not pid:
        hold_below(seconds)
        os._exit(0)
    os.waitpid(pid, 0)


def work_in(method: str, seconds: float) -> None:
    """Let several workers hold something at the same time."""
    with multiprocessing.get_context(method).Pool(CHILDREN) as pool:
        pids = pool.map(hold_below, [seconds] * CHILDREN, chunksize=1)
        pool.close()
        pool.join()
    print(f"{len(set(pids))} workers", flush=True)


def end(how: str, seconds: float) -> None:
    """End as asked."""
    if how == "raises":
        raise RuntimeError("as asked")
    if how == "exits":
        sys.exit(3)
    if how == "leaves":
        os._exit(4)
    if how in ("kills", "crashes"):
        os.kill(os.getpid(), signal.SIGKILL if how == "kills" else signal.SIGSEGV)
    if how == "forks":
        fork(seconds)
    if how in ("pool", "spawns"):
        work_in("fork" if how == "pool" else "spawn", seconds)
    print("finished", flush=True)


if __name__ == "__main__":
    hold(20)
    waste(10)
    print("holding", flush=True)
    time.sleep(float(sys.argv[2]))
    end(sys.argv[1], float(sys.argv[2]))
