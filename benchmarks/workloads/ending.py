"""End in one way: ending.py HOW SECONDS, where HOW is one of `ends`, `crashes`, `ignores`, `daemon`.

`ignores` ignores every signal that can be ignored; `daemon` leaves a detached child behind that does so too.
"""

import os
import signal
import sys
import time

from busy import main as work


def ignore_signals() -> None:
    """Ignore what asks a process to end."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def leave_daemon(seconds: float) -> None:
    """Fork twice into a session of its own, as daemons do."""
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    ignore_signals()
    time.sleep(seconds)
    os._exit(0)


def main(how: str, seconds: float) -> None:
    """Work for a time and end as asked."""
    if how == "ignores":
        ignore_signals()
    if how == "daemon":
        leave_daemon(10 * seconds)
    work(seconds)
    if how == "crashes":
        os.kill(os.getpid(), signal.SIGSEGV)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
