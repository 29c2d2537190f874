"""A recording without a screen: progress on stderr, the summary on stdout."""

from __future__ import annotations

import os
import signal
import stat

from perftui.cli import console
from perftui.cli.against import settled
from perftui.cli.progress import progress_bar
from perftui.cli.report import session_text
from perftui.cli.signals import EndSignals
from perftui.cli.tidy import begin_tidying, tell_tidying
from perftui.errors import ExitCode
from perftui.model.alert import AlertLevel
from perftui.model.heap import HeapView
from perftui.recording.plan import RecordingPlan
from perftui.recording.recorder import Recorder
from perftui.recording.summary import document, exit_code
from perftui.recording.update import Phase, Update
from perftui.sources.base import SourceState
from perftui.text import printable
from perftui.units import format_bytes, format_count, format_seconds

TAKE_EVERY_S = 0.2
_LOCAL = ("http://127.", "http://[::1]")
_COLOURS: dict[AlertLevel | None, str] = {AlertLevel.WARN: "yellow", AlertLevel.CRITICAL: "red"}
_SLOWER = {(False, False): "1.2 to 4", (True, False): "1.3 to 6", (False, True): "1.4 to 8", (True, True): "2 to 18"}
"""CPU time of workloads of several kinds beside the same without tracing, by native frames and small objects."""


def record_headless(plan: RecordingPlan, *, as_json: bool, quiet: bool) -> int:
    """Record until the workload ends, the time is up or a signal comes; return the exit code."""
    for remark in plan.budget.remarks if plan.budget else ():
        console.say(f"budget: {remark}")
    if plan.mode.memory and not quiet:
        console.say(price_of(plan))
        if plan.two_pass and isinstance(plan.stdin, int) and _is_pipe(plan.stdin):
            console.say("input: what comes through a pipe is read by the first run alone; `< FILE` feeds both")
    recorder = Recorder(plan)
    with EndSignals(recorder) as signals:
        recorder.start()
        say_where(recorder)
        try:
            _follow(recorder, quiet=quiet)
        finally:
            # Whatever goes wrong here, the session is saved and the workload ended in order.
            recorder.stop()
            recorder.wait()
    tidying = begin_tidying(plan.sessions)
    model = recorder.model
    paths = () if recorder.path is None else (recorder.path,)
    sound = signals.received is None and exit_code(model) is ExitCode.OK and recorder.failure is None
    if as_json:
        held = settled(plan, paths, as_json=True, sound=sound)
        console.document({**document(model, recorder.path), **held})
    else:
        console.data(session_text(model, recorder.path, top=5))
        if plan.held_against is not None:
            console.data("")
        settled(plan, paths, as_json=False, sound=sound)
        if recorder.path is not None:
            console.next_command(f"perftui open {model.meta.id}")
    tell_tidying(tidying)
    if recorder.failure is not None:
        # What was seen is shown all the same.
        raise recorder.failure
    if signals.received is not None:
        return 128 + signals.received
    code = exit_code(model, plan.budget)
    if code is ExitCode.WORKLOAD_FAILED:
        console.say(f"the workload failed: {describe_exit(model.meta.exit_code)}", colour="red")
    return int(code)


def say_where(recorder: Recorder) -> None:
    """Say where figures of the recording can be read, and who can read them."""
    if recorder.serving.url:
        is_local = recorder.serving.url.startswith(_LOCAL)
        console.say(f"figures of the recording: {recorder.serving.url}" + ("" if is_local else "; others can reach it"))


def price_of(plan: RecordingPlan) -> str:
    """Say what tracing costs the workload, before anybody wonders."""
    factor = _SLOWER[plan.memory.native, plan.memory.pymalloc]
    slow = f"memory: memray makes the workload {factor} times slower, the more so the more it calls and allocates"
    if plan.two_pass:
        return f"{slow}; it runs twice, so that the CPU seconds are without that"
    return f"{slow}; CPU seconds hold that price" if plan.mode.cpu else slow


def _is_pipe(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def describe_exit(code: int | None) -> str:
    """Say how a process ended."""
    if code is None:
        return "not known"
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"ended by signal {-code}"


def _follow(recorder: Recorder, *, quiet: bool) -> None:
    told: set[str] = set()
    while True:
        done = recorder.wait(TAKE_EVERY_S)
        update = recorder.feed.take()
        if update is not None and not quiet:
            tell(update, told)
        if done:
            break
    console.clear_progress()


def tell(update: Update, told: set[str]) -> None:
    """Say what an update brings to a person who looks at stderr; `told` are the troubles that were said."""
    tell_news(update, told)
    if update.phase is Phase.RUNNING:
        console.progress(progress_line(update))
    elif update.progress is not None and update.phase is Phase.ENDING:
        console.progress(f"{progress_bar(update.progress)} (Ctrl-C leaves that for later)")


def tell_news(update: Update, told: set[str], *, output: bool = True) -> None:
    """Say what happened and what does not work, and hand on what the workload printed."""
    if update.output and output:
        console.clear_progress()
        for chunk in update.output:
            console.relay(chunk.data)
    for change in update.alerts:
        console.clear_progress()
        console.say(f"alert: {printable(change.text)}", colour=_COLOURS.get(change.level if change.worse else None))
    for status in update.statuses.values():
        trouble = status.state in (SourceState.DEGRADED, SourceState.FAILED)
        if trouble and status.message and status.message not in told:
            told.add(status.message)
            console.clear_progress()
            console.say(f"{status.source}: {status.message}" + (f" ({status.hint})" if status.hint else ""))


def progress_line(update: Update) -> str:
    """Return what is new, on one line."""
    parts = [f"recording {format_seconds(update.elapsed_s)}"]
    if update.readings:
        reading = update.readings[-1]
        if reading.cpu_percent is not None:
            parts.append(f"CPU {reading.cpu_percent:.0f} %")
        if reading.rss_bytes is not None:
            parts.append(f"RSS {format_bytes(reading.rss_bytes)}")
    held = update.heap.get(HeapView.HELD)
    if held is not None:
        parts.append(f"heap {format_bytes(sum(totals.total_bytes for totals in held.totals.values()))}")
    if update.delta is not None:
        parts.append(f"+{format_count(sum(count for _, count in update.delta.weights.values()))} samples")
    return " · ".join(parts)
