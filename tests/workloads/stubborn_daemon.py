"""Leaves a daemon behind that forked twice and ignores SIGTERM; prints its pid and our own, and lives on."""

import os
import signal
import sys
import time


def become_daemon(report: int) -> None:
    os.setsid()
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.write(report, str(os.getpid()).encode())
    os.close(report)
    time.sleep(300)
    os._exit(0)


told, tell = os.pipe()
if os.fork() == 0:
    become_daemon(tell)
os.close(tell)
print(os.read(told, 64).decode(), os.getpid(), flush=True)
time.sleep(float(sys.argv[1]))
