"""Tells metrics from the program itself, a thread, a forked child and a child that is started anew."""

import os
import subprocess
import sys
import threading
import time

import perftui

perftui.mark("begin")
if len(sys.argv) > 1:
    perftui.count("orders", 100)
    raise SystemExit
for step in range(1, 6):
    perftui.gauge("queue", step, unit="KiB")
    perftui.count("orders")
    perftui.progress(step, 5)
    time.sleep(0.12)
thread = threading.Thread(target=perftui.count, args=("orders", 10))
thread.start()
thread.join()
if not os.fork():
    perftui.count("orders", 1000)
    os._exit(0)
os.wait()
subprocess.run([sys.executable, __file__, "again"], check=True)
perftui.mark("end")
