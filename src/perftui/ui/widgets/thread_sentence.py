"""What is said of the process, the thread or the threads of one name that have the cursor."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from perftui.analysis.split import Split
from perftui.analysis.thread_rows import ThreadRow
from perftui.ui.widgets.cells import clean
from perftui.ui.widgets.thread_columns import LEAST_LOOKS, ended_text
from perftui.units import format_bytes, format_seconds

_BETWEEN = "  ·  "
_LAUNCH_S = 1.0


def thread_sentence(row: ThreadRow, commands: Mapping[int, str], *, of_memory: bool = False) -> str:
    """Return who it is, since when and what it used; `commands` are what processes run, by process id."""
    match row.branch.split:
        case Split.PROCESS:
            parts = _of_process(row)
        case Split.NAME:
            count = len(row.shares)
            parts = [clean(row.name), f"{count} {'thread' if count == 1 else 'threads'} of this name"]
        case _:
            branch = row.branch
            owner = clean(commands.get(branch.pid, ""))
            number = f"{'thread number' if of_memory else 'thread'} {branch.tid}"
            parts = [clean(row.name), f"{number} of process {branch.pid} {owner}".strip()]
    parts.append(_counted(row, of_memory=of_memory))
    if not of_memory and row.branch.split is not Split.PROCESS:
        parts.append(_looks_at(row))
    return _BETWEEN.join(parts)


def _looks_at(row: ThreadRow) -> str:
    looks = f"{row.looks or 'no'} {'look' if row.looks == 1 else 'looks'}"
    if row.looks < LEAST_LOOKS:
        return f"{looks}: running, GIL and idle need {LEAST_LOOKS}, which come about once a second"
    return f"{looks} at {'each' if len(row.shares) > 1 else 'it'} without stopping it"


def _of_process(row: ThreadRow) -> list[str]:
    if row.record is None:
        return [f"process {row.branch.pid} {clean(row.name)}", "no look at the meters found it"]
    process = row.record.process
    parent = "" if process.parent is None else f", child of {process.parent}"
    command = clean(shlex.join(process.command)) if process.command else clean(process.name or row.name)
    # What was launched is a moment older than the recording.
    began = f"started at {format_seconds(max(0.0, process.created_s))}"
    started = "ran before" if process.created_s < -_LAUNCH_S else began
    parts = [f"process {process.pid}{parent}", command, started]
    if row.has_ended:
        at = "" if process.ended_s is None else f" by {format_seconds(process.ended_s)}"
        parts.append(f"{ended_text(row.exit_code)}{at}")
    last, peak = row.record.last, row.record.peak_rss_bytes
    if last is not None and last.cpu_s is not None:
        parts.append(f"{format_seconds(last.cpu_s)} CPU")
    if peak is not None:
        parts.append(f"RSS at most {format_bytes(peak)}")
    return parts


def _counted(row: ThreadRow, *, of_memory: bool) -> str:
    noun = "allocation" if of_memory else "sample"
    return f"{row.count:,} {noun}{'' if row.count == 1 else 's'}" if row.count else f"no {noun}"
