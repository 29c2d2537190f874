"""Threads that wait for locks, told from those that wait for work, for time or for others' answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from perftui.analysis.normalise import normal_file
from perftui.analysis.sampling_error import share_interval
from perftui.analysis.waits import Waiting, WaitPlace, Waits
from perftui.model.finding import Finding, Severity
from perftui.model.frame import Frame
from perftui.text import printable
from perftui.units import format_percent

_LEAST_LOOKS = 5
_LEAST_SHARE = 0.25
"""Share of looks, surely, that found a crowd at one lock."""
_HIGH_THREADS = 2.0
"""Threads that wait at a time, on average, from which on a finding is high."""
# `Lock` is C, so a thread that waits for one stands in the line that asks for it; other locks are Python.
_LOCK_MODULES = re.compile(r"<stdlib>/(threading|multiprocessing/synchronize|logging/__init__)\.py|filelock/.*\.py")
_LOCK_FUNCTIONS = {"acquire", "__enter__", "_acquire_restore", "acquire_read", "acquire_write"}
_ASKS = re.compile(r"^\s*(?:async\s+)?with\b|\.acquire\(|\block(?:f|ed)?\(", re.IGNORECASE)
# What else a `with` may wait in: files, connections, answers.
_WAITS_OTHERWISE = re.compile(
    r"\b(?:open|urlopen|connect\w*|sleep|recv\w*|accept|select|poll|wait\w*|result|get|join|read\w*|run|timeout|"
    r"Popen|ThreadPoolExecutor|ProcessPoolExecutor|Pool|request\w*|session)\("
)


def lock_findings(waits: Waits, line_of: Callable[[Frame], str]) -> Iterator[Finding]:
    """Yield a finding for each lock that several threads wait for at a time, at one line of own code.

    Where Python does not tell what a thread waits for, the text of its line does; without it nothing is said.
    """
    if waits.looks < _LEAST_LOOKS:
        return
    for place, waiting in sorted(waits.at.items(), key=lambda entry: -entry[1].threads):
        share = waiting.crowded / waits.looks
        low, high = share_interval(share, waits.looks)
        if place.own is not None and low >= _LEAST_SHARE and _is_lock(place, line_of):
            yield _finding(place.own, waiting, waits.looks, (low, high), line_of(place.own))


def _finding(own: Frame, waiting: Waiting, looks: int, interval: tuple[float, float], text: str) -> Finding:
    at_once = waiting.threads / looks
    quoted = f": `{printable(text.strip()[:80])}`" if text.strip() else ""
    return Finding(
        rule="locks",
        severity=Severity.HIGH if at_once >= _HIGH_THREADS else Severity.MEDIUM,
        title=f"{at_once:.1f} threads at a time wait for a lock",
        evidence=f"{waiting.crowded} of {looks} looks ({format_percent(100 * interval[0])} to "
        f"{format_percent(100 * interval[1])}) found at least two of them at this line{quoted}",
        suggestion="hold the lock for less: work and wait outside of it, or give each thread data of its own",
        samples=looks,
        place=own,
        place_share=1.0,
    )


def _is_lock(place: WaitPlace, line_of: Callable[[Frame], str]) -> bool:
    leaf, own = place
    if leaf != own:
        known = _LOCK_MODULES.fullmatch(normal_file(leaf.file)) is not None
        return known and leaf.function.rpartition(".")[2] in _LOCK_FUNCTIONS
    text = line_of(leaf)
    return _ASKS.search(text) is not None and _WAITS_OTHERWISE.search(text) is None
