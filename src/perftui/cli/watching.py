"""A watch without a screen: a line a minute and each alert on stderr, what was recorded on stdout when it is over."""

from __future__ import annotations

import time
from collections.abc import Iterable

from perftui.analysis.alerting import is_carried
from perftui.cli import console
from perftui.cli.headless import describe_exit, say_where, tell_news
from perftui.cli.signals import EndSignals
from perftui.cli.tidy import kept_by, tell_tidying
from perftui.errors import ExitCode
from perftui.model.session import WATCH, EventKind, SessionMeta
from perftui.recording.plan import RecordingPlan
from perftui.recording.summary import exit_code
from perftui.recording.tidying import Tidying, tidy_parts, tidy_sessions
from perftui.recording.update import Update
from perftui.recording.watch_plan import WatchPlan
from perftui.recording.watcher import Watcher
from perftui.settings.preferences import read_settings
from perftui.storage.groups import group_ref
from perftui.storage.listing import SessionEntry, scan
from perftui.text import printable
from perftui.units import format_bytes, format_seconds

TAKE_EVERY_S = 0.5
STATUS_EVERY_S = 60.0
_LINE_END = "\n"


def follow(plan: RecordingPlan, watch: WatchPlan, *, as_json: bool, quiet: bool) -> int:
    """Watch until the target ends, the time is up or a signal comes; return the exit code."""
    for remark in plan.budget.remarks if plan.budget else ():
        console.say(f"budget: {remark}")
    kept = kept_by(read_settings().retention)

    def tidy(group: str) -> str:
        said = (tidy_parts(plan.sessions, group, watch.keep), tidy_sessions(plan.sessions, kept))
        return "; ".join(filter(None, said))

    watcher = Watcher(plan, watch, tidy=tidy)
    with EndSignals(watcher) as signals:
        watcher.start()
        say_where(watcher)
        try:
            _Told(watcher, quiet=quiet).until_done()
        finally:
            # Whatever goes wrong here, the session is saved and the workload ended in order.
            watcher.stop()
            watcher.wait()
    tidying = Tidying(plan.sessions, kept)
    parts = _parts(watcher)
    if as_json:
        console.document(_document(watcher, parts))
    else:
        _say_parts(watcher, parts)
    tell_tidying(tidying)
    if watcher.failure is not None:
        raise watcher.failure
    if signals.received is not None:
        return 128 + signals.received
    meta = watcher.model.meta
    if plan.workload is None and not _time_is_up(watcher):
        console.say(f"process {meta.pid} has ended, so the watch is over")
    code = exit_code(watcher.model, plan.budget)
    if code is ExitCode.WORKLOAD_FAILED:
        console.say(f"the workload failed: {describe_exit(meta.exit_code)}", colour="red")
    failed = [*watcher.failed, *([meta.id] if code is ExitCode.FAILED_CHECK else [])]
    if failed:
        in_parts = "" if watcher.part == 1 else f" in {len(failed)} of {watcher.part} parts"
        console.say(f"the budget failed{in_parts}: `perftui show {failed[-1]}` tells where", colour="red")
    return int(ExitCode.FAILED_CHECK if failed and code is ExitCode.OK else code)


class _Told:
    """Says what a person has to hear of while it goes on."""

    def __init__(self, watcher: Watcher, *, quiet: bool) -> None:
        self._watcher = watcher
        self._quiet = quiet
        self._told: set[str] = set()
        self._next_s = 0.0
        self._cpu_percent: float | None = None
        self._rss_bytes: float | None = None
        self._measured = False

    def until_done(self) -> None:
        """Follow the watch to its end."""
        done = False
        while not done:
            done = self._watcher.wait(TAKE_EVERY_S)
            update = self._watcher.feed.take()
            if update is not None:
                self._tell(update)
            if self._measured and not self._quiet and not done and time.monotonic() >= self._next_s:
                self._next_s = time.monotonic() + STATUS_EVERY_S
                console.say(self._line())

    def _tell(self, update: Update) -> None:
        for reading in update.readings:
            # Rates need two readings.
            self._measured = self._measured or reading.cpu_percent is not None
            self._cpu_percent, self._rss_bytes = reading.cpu_percent, reading.rss_bytes
        tell_news(update, self._told, output=not self._quiet)
        changes = {change.text for change in update.alerts}
        for event in update.events:
            if event.kind is EventKind.BREACH:
                console.say(f"budget: {printable(event.text)}", colour="yellow")
            elif event.kind is EventKind.ALERT and event.text not in changes and not is_carried(event):
                # What came of its actions: nobody else would hear of a webhook that is refused.
                console.say(f"alert: {printable(event.text.partition(_LINE_END)[0])}")
        if not self._quiet:
            for event in update.events:
                if event.subject == WATCH and event.text not in self._told:
                    console.say(printable(event.text))

    def _line(self) -> str:
        watcher = self._watcher
        cpu = "–" if self._cpu_percent is None else f"{self._cpu_percent:.0f} %"
        rss = "–" if self._rss_bytes is None else format_bytes(self._rss_bytes)
        how = printable(watcher.standing) or "calm"
        return (
            f"{time.strftime('%Y-%m-%d %H:%M:%S')} · {format_seconds(watcher.elapsed_s)} · CPU {cpu} · RSS {rss} · "
            f"{how}, every {format_seconds(watcher.interval_s)} · {watcher.meta.id}"
        )


def _parts(watcher: Watcher) -> list[tuple[SessionEntry, SessionMeta]]:
    """Return the parts that are there, the oldest first."""
    found = [
        (entry, entry.meta)
        for entry in scan(watcher.plan.sessions)
        if entry.meta is not None and entry.meta.group == watcher.plan.group
    ]
    return sorted(found, key=lambda row: row[1].part)


def _say_parts(watcher: Watcher, parts: Iterable[tuple[SessionEntry, SessionMeta]]) -> None:
    rows = [
        (
            f"part {meta.part}",
            meta.id,
            meta.created[:19].replace("T", " "),
            format_seconds(meta.duration_s),
            format_bytes(entry.size_bytes),
            meta.state.value,
        )
        for entry, meta in parts
    ]
    console.data(f"watched {printable(watcher.meta.name)} for {format_seconds(watcher.elapsed_s)}")
    console.data(console.table(("", "session", "began", "lasted", "size", "state"), rows, right=(3, 4)))
    if rows:
        console.next_command(f"perftui open {rows[-1][1]}")


def _document(watcher: Watcher, parts: Iterable[tuple[SessionEntry, SessionMeta]]) -> dict[str, object]:
    return {
        "watched_s": round(watcher.elapsed_s, 3),
        "name": watcher.meta.name,
        "group": group_ref(watcher.plan.group),
        "parts": [
            {
                "part": meta.part,
                "id": meta.id,
                "path": str(entry.path),
                "created": meta.created,
                "duration_s": round(meta.duration_s, 6),
                "bytes": entry.size_bytes,
                "state": meta.state.value,
            }
            for entry, meta in parts
        ],
        "exit_code": watcher.model.meta.exit_code,
    }


def _time_is_up(watcher: Watcher) -> bool:
    limit_s = watcher.plan.duration_s
    return limit_s is not None and watcher.elapsed_s >= limit_s
