"""The live reader: a process that follows a growing capture and prints one line of JSON for each picture of the heap.

It runs apart from perftui and from the workload: neither notices when a capture, or memray, brings it down.
"""

from __future__ import annotations

import gc
import json
import math
import os
import select
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perftui.sources.heap.pump import Pump, start_pump
from perftui.sources.heap.records import HELD, Records
from perftui.sources.heap.stacks import Pruning

# Below the workload's own priority: measured, the workload then does not notice the reader even at full duty.
NICE = 10
# memray writes its troubles to our standard error by itself; above every level of its own there is silence.
SILENT = 51
# A refresh may use this share of a core ...
_DUTY = 0.25
# ... but comes once a second as long as that is not much more.
_SLOWEST_S = 1.0
# A rush of a hundred thousand new stacks takes a second to learn: it is spread over several pictures.
_LEARNING_S = 0.3
_STEP_S = 0.02
_PATIENCE_MS = 200


@dataclass(frozen=True, slots=True)
class Orders:
    """What the reader is told on its command line, as JSON."""

    capture: str
    cwd: str = ""
    refresh_s: float = 0.5
    limit_bytes: int = 0
    """Resident memory at which it gives up; 0 for none."""
    main_thread: int = 0
    """memray's number of the main thread, where it is known before the end."""
    finished: bool = False
    """Read what is there and no more; its pictures are of moments that are long gone."""


def interval_s(refresh_s: float, cost_s: float) -> float:
    """Return the time from one refresh to the next: as asked, and longer where refreshes are dear."""
    longest_s = max(_SLOWEST_S, cost_s / _DUTY - _SLOWEST_S)
    return max(refresh_s, min(cost_s / _DUTY, longest_s))


def resident_bytes() -> int:
    """Return the resident memory of this process; 0 where the system does not tell it."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def say(message: dict[str, Any], *, limit_bytes: int = 0) -> None:
    """Print one line whole, however long its reader takes; ends this process where it grows too large meanwhile."""
    data = json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"
    while data:
        try:
            data = data[os.write(1, data) :]
        except BlockingIOError:
            # Nobody listens at the moment, and memray goes on to take in what the workload does.
            poll = select.poll()
            poll.register(1, select.POLLOUT)
            if not poll.poll(_PATIENCE_MS) and is_beyond(limit_bytes):
                os._exit(1)


def is_beyond(limit_bytes: int) -> bool:
    """Tell whether this process has become larger than it may be; 0 is no limit."""
    return bool(limit_bytes) and resident_bytes() > limit_bytes


def follow(orders: Orders) -> None:
    """Follow a capture to its end; raises `OSError` where it is none, or is of another memray."""
    pump = start_pump(Path(orders.capture))

    signal.signal(signal.SIGINT, lambda *_: pump.finish())
    # The pump must be forked before.
    from memray import SocketReader  # noqa: PLC0415
    from memray._memray import set_log_level  # noqa: PLC0415

    set_log_level(SILENT)
    # Nothing here is ever circular, and each collection would walk a tree of millions of entries.
    gc.disable()
    with SocketReader(port=pump.port) as reader:
        if orders.finished:
            pump.finish()
        else:
            pump.watch(reader.pid or 0)
        _tell(reader, pump, orders)


def _tell(reader: Any, pump: Pump, orders: Orders) -> None:
    records = Records(reader.pid or 0, orders.cwd, main_thread=orders.main_thread)
    pruning = Pruning()
    before_s = 0.0
    while True:
        # Read before the snapshot, so that the last snapshot is complete.
        active = reader.is_active
        began_s, began_at = time.thread_time(), time.monotonic()
        budget_s = _LEARNING_S if active else math.inf
        message = records.message(HELD, reader.get_current_snapshot(merge_threads=False), pruning, budget_s=budget_s)
        cost_s = time.thread_time() - began_s
        message |= {
            "at": time.time(),
            "exact": message["learnt"] and not orders.finished,
            "last": not active,
            "rss": resident_bytes(),
            "cpu_s": cost_s,
            "sent": pump.sent,
            "size": pump.size,
        }
        say(message, limit_bytes=orders.limit_bytes)
        if not active:
            say({"kind": "end", "reason": "stream"})
            return
        # Stacks cost most when they are met: a rush of new ones, which is over, must not delay the next picture.
        until = began_at + interval_s(orders.refresh_s, min(before_s, cost_s))
        while not is_beyond(orders.limit_bytes) and reader.is_active and time.monotonic() < until:
            time.sleep(_STEP_S)
        if is_beyond(orders.limit_bytes):
            say({"kind": "end", "reason": "memory"})
            return
        before_s = cost_s


def main(argument: str) -> None:
    """Run with these orders, as JSON."""
    orders = Orders(**json.loads(argument))
    if not orders.finished:
        # There is a workload that must not notice.
        os.nice(NICE)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.set_blocking(1, False)
    try:
        follow(orders)
    except OSError as error:
        say({"kind": "end", "reason": "unreadable", "message": str(error)})
    # Tearing millions of entries down one by one would take longer than the last picture did.
    os._exit(0)
