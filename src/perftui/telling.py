"""What a workload tells of itself while perftui records it: marks, gauges, counters, and how far it is.

Where nobody records, each call returns at once. No call ever waits, raises, or slows the program down for more than
some microseconds. The file needs nothing but the standard library, on Python 3.8 and newer, and may be copied into a
project as it is: `python -m perftui.telling > told.py`.
"""

from __future__ import annotations

import os
import time
from _thread import RLock

VARIABLE = "PERFTUI_TELL"
"""Names a pipe in the file system; a recording puts it into the environment of what it launches."""
_LONGEST_NAME = 200
_LONGEST_UNIT = 20
_MOST_COUNTERS = 500
_LARGEST = 1e100
"""Of a sum: beyond it no value is kept, so what would carry a counter there is left out."""
_FIFO, _KIND_OF_FILE = 0o010000, 0o170000

_path = os.environ.get(VARIABLE, "")
_pipe = -1
_sees_end = False
_identity: tuple[int, int] = (0, 0)
"""Device and number of the pipe: a program that closes all descriptors opens other files under their numbers."""
_teller = b""
_totals: dict[str, float] = {}
_dropped = 0
_late: dict[tuple[bytes, str], bytes] = {}
"""The newest line of each name that there was no room for: a sum that is whole later has lost nothing."""
_MOST_LATE = 500
_LAST_TRIES, _LAST_TRY_S = 10, 0.02
_lock = RLock()


def mark(name: str) -> None:
    """Name this moment: it is shown on the time axis."""
    if _path:
        _tell(b"mark", name, 0.0)


def gauge(name: str, value: float, unit: str = "") -> None:
    """Tell a level that rises and falls; of a unit such as `ms`, `MB` or `%` it is shown with its unit."""
    if _path:
        _tell(b"gauge", name, value, unit)


def count(name: str, amount: float = 1) -> None:
    """Add to a sum that only grows, from which rates are made; all processes of the workload add to the same."""
    if _path:
        _tell(b"count", name, amount)


def progress(done: float, total: float) -> None:
    """Tell how far the work is: so much is done of a total."""
    if _path:
        _tell(b"done", "progress_done", done)
        _tell(b"total", "progress_total", total)


def _tell(kind: bytes, name: object, value: object, unit: object = "") -> None:
    """Write one line; what the pipe has no room for, and what is no number, is counted as dropped."""
    global _dropped
    try:
        number = float(value)  # type: ignore[arg-type]
        text = str(name)[:_LONGEST_NAME]
        if kind == b"count":
            number = _added(text, number)
        if not _is_open() and not _open():
            return
        line = b"%s\t%s\t%.6f\t%r\t%s\t%s\n" % (
            kind,
            _teller,
            time.monotonic(),
            number,
            _line_of(str(unit)[:_LONGEST_UNIT]).replace(b"\t", b" "),
            _line_of(text),
        )
        dropped = _dropped
        try:
            # Not longer than a pipe takes at once: lines of several threads and processes never mix.
            os.write(_pipe, _dropped_line(dropped) + line if dropped else line)
        except BlockingIOError:
            _dropped += 1
            _keep(kind, text, line)
        else:
            _dropped -= dropped
            if _late:
                _late.pop((kind, text), None)
                _tell_late()
    except Exception:  # noqa: BLE001 (whatever it is, the program that is observed goes on)
        _dropped += 1


def _dropped_line(dropped: int) -> bytes:
    return b"dropped\t%s\t0\t%d\t\t\n" % (_teller, dropped)


def _keep(kind: bytes, name: str, line: bytes) -> None:
    """Keep the newest line of a series until there is room; the first time, see to it that the program's end is one."""
    global _sees_end
    if not _sees_end:
        import atexit  # noqa: PLC0415

        atexit.register(_tell_rest)
        _sees_end = True
    if kind != b"mark" and (len(_late) < _MOST_LATE or (kind, name) in _late):
        _late[kind, name] = line


def _tell_late() -> None:
    """Write what had no room, as far as there is some now."""
    while _late:
        key, line = _late.popitem()
        try:
            os.write(_pipe, line)
        except BlockingIOError:
            _late.setdefault(key, line)
            return


def _tell_rest() -> None:
    """At the end of a program that told too fast, give the reader a moment: its last sums are what is asked for."""
    global _dropped
    try:
        for _ in range(_LAST_TRIES):
            if not _is_open():
                return
            _tell_late()
            if not _late:
                os.write(_pipe, _dropped_line(_dropped))
                _dropped = 0
                return
            time.sleep(_LAST_TRY_S)
    except Exception:  # noqa: BLE001, S110 (as above)
        pass


def _added(name: str, amount: float) -> float:
    """Return the sum of a counter: it is told whole each time, so that nothing of it is lost with a line."""
    # It may be taken again by a signal handler in the same thread.
    with _lock:
        total = _totals.get(name, 0.0) + amount
        if not (amount >= 0 and total <= _LARGEST) or (name not in _totals and len(_totals) >= _MOST_COUNTERS):
            raise ValueError
        _totals[name] = total
    return total


def _line_of(text: str) -> bytes:
    return text.encode("utf-8", "replace").replace(b"\n", b" ")


def _is_open() -> bool:
    if _pipe < 0:
        return False
    try:
        found = os.fstat(_pipe)
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == _identity


def _open() -> bool:
    """Open the pipe; where it is gone, nothing is told any more."""
    global _pipe, _identity, _path, _teller
    with _lock:
        if _is_open():
            return True
        try:
            # To open a device can set something going.
            if os.stat(_path).st_mode & _KIND_OF_FILE != _FIFO:  # noqa: PTH116 (only the module os is loaded)
                raise OSError
            # For reading too: where no reader is left, writing is refused, and no signal ends the program.
            pipe = os.open(_path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        except OSError:
            _path = ""
            return False
        found = os.fstat(pipe)
        if found.st_mode & _KIND_OF_FILE != _FIFO:
            os.close(pipe)
            _path = ""
            return False
        # Who has to open it again goes on with its sums, and is nobody new.
        _teller = _teller or b"%d.%d" % (os.getpid(), time.monotonic_ns())
        _identity = (found.st_dev, found.st_ino)
        _pipe = pipe
        return True


def _begin_anew() -> None:
    """In a forked child: what its parent counted is its parent's, and a lock may be held by a thread that is gone."""
    global _lock, _dropped, _teller
    _lock = RLock()
    _totals.clear()
    _late.clear()
    _dropped = 0
    _teller = b"%d.%d" % (os.getpid(), time.monotonic_ns())


if _path:
    os.register_at_fork(after_in_child=_begin_anew)

if __name__ == "__main__":
    with open(__file__, encoding="utf-8") as _file:  # noqa: PTH123
        print(_file.read(), end="")
