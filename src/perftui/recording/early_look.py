"""The first picture of two large sessions, begun before the screen that shows it is loaded."""

from __future__ import annotations

import contextlib
import pickle
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perftui.errors import PerftuiError
from perftui.sources.forked import Forked

if TYPE_CHECKING:
    from perftui.analysis.delta_tree import DeltaTree

LARGE_BYTES = 3 << 20
"""Files of both sides together from which they are not read in the twinkling of an eye."""
Look = Callable[[], "DeltaTree | None"]


def begin_look(baseline: Sequence[Path], current: Sequence[Path]) -> Look:
    """Begin what makes the first picture of two sides, and return what waits for it; raises nothing.

    Another processor makes it where that can be: a process with threads cannot be copied. There is none of sides that
    are read in no time, or that are several runs; and none where a file is not in order, which opening it tells.
    """
    if len(baseline) != 1 or len(current) != 1 or _size(baseline[0]) + _size(current[0]) < LARGE_BYTES:
        return lambda: None
    before, after = baseline[0], current[0]
    if threading.active_count() == 1:
        with contextlib.suppress(OSError):
            forked = Forked(lambda: _packed(before, after))
            return lambda: _drawn(forked.result())
    return lambda: _drawn(_packed(before, after))


def _packed(baseline: Path, current: Path) -> bytes:
    """Return the picture as a copy of us hands it over; nothing where there is none."""
    # Loaded where it is needed: in the copy, or after the first paint.
    from perftui.recording.first_look import first_look  # noqa: PLC0415

    try:
        picture = first_look(baseline, current)
    except PerftuiError:
        return b""
    return b"" if picture is None else pickle.dumps(picture, pickle.HIGHEST_PROTOCOL)


def _drawn(answer: bytes | None) -> DeltaTree | None:
    """Return the picture that we, or a copy of us, have made."""
    from perftui.analysis.drawn_delta import DrawnDelta  # noqa: PLC0415

    return DrawnDelta(pickle.loads(answer)) if answer else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
