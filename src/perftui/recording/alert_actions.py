"""What alerts do, beside the recording: commands, webhooks and snapshots of stacks, each bounded and logged."""

from __future__ import annotations

import json
import queue
import shlex
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from perftui.errors import ObserveError
from perftui.model.alert import ActionKind, AlertAction, AlertChange
from perftui.model.session import Event, EventKind, SessionMeta
from perftui.recording.alert_facts import alert_document, alert_environment
from perftui.sources.bounded_command import (
    BoundedCommand,
    CommandEnd,
    start_bounded,
    webhook_argv,
    webhook_environment,
)
from perftui.sources.launch import Keeper
from perftui.sources.pyspy_command import dump_argv, explain_failure, find_pyspy
from perftui.text import printable
from perftui.units import format_bytes, format_seconds

LAST_ACTIONS_S = 3.0
"""How long a recording that ends waits for what its alerts still do."""
MOST_WAITING = 32
MOST_AT_ONCE = 4
MOST_SNAPSHOTS = 20
_ROUND_S = 0.02
_LAST_END_S = 5.0
"""What outlives being killed, because it waits for a device, is not waited for."""
_MOST_BYTES = 32 * 1024
"""Of what a command prints, so much is kept."""
_SNAPSHOT_BYTES = 512 * 1024
"""Of all stacks, so much is kept: hundreds of threads; a session has 10 MB of them at the most."""
_MOST_QUOTED = 200


@dataclass(frozen=True, slots=True)
class ActionLimits:
    """How long each kind of action may take."""

    run_s: float = 30.0
    webhook_s: float = 10.0
    snapshot_s: float = 10.0


@dataclass(frozen=True, slots=True)
class _Job:
    """A process to start for an alert."""

    subject: str
    what: str
    """What is done, for a person: `run: notify-send`."""
    argv: Sequence[str]
    limit_s: float
    said: Callable[[CommandEnd], str]
    """Says how it went."""
    env: Mapping[str, str] = field(default_factory=dict)
    most_bytes: int = _MOST_BYTES


class AlertActions:
    """Carries out what alerts ask for; called by the recording's control thread, which never waits for it."""

    def __init__(self, *, stop: Callable[[], str], limits: ActionLimits = ActionLimits()) -> None:
        """Make ready; `stop` ends the workload, and says what it did."""
        self._stop = stop
        self._limits = limits
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._pending = 0
        self._snapshots = 0
        self._closing = threading.Event()
        self._worker: threading.Thread | None = None

    @property
    def pending(self) -> int:
        """How many were begun, or wait to be, and are not reported yet."""
        return self._pending

    def begin_anew(self) -> None:
        """Go on in another session, which keeps snapshots of its own."""
        self._snapshots = 0

    def carry_out(self, change: AlertChange, meta: SessionMeta) -> None:
        """Begin what a change asks for."""
        for action in change.actions:
            match action.kind:
                case ActionKind.STOP:
                    self._say(change, f"stop: {self._stop()}")
                case ActionKind.RUN:
                    self._begin(change, self._command(action, change, meta))
                case ActionKind.WEBHOOK:
                    self._begin(change, self._webhook(action, change, meta))
                case ActionKind.SNAPSHOT:
                    self._snapshot(change, meta)

    def report(self, at_s: float) -> list[Event]:
        """Return what has been done since it was asked last, as events of the moment `at_s`."""
        found = []
        while not self._results.empty():
            subject, text = self._results.get()
            self._pending -= 1
            found.append(Event(at_s, EventKind.ALERT, text, subject))
        return found

    def wait(self, limit_s: float, hurried: Callable[[], bool]) -> None:
        """Wait until everything is done, the time is over, or somebody is in a hurry."""
        due_s = time.monotonic() + limit_s
        while self._results.qsize() < self._pending and time.monotonic() < due_s and not hurried():
            time.sleep(_ROUND_S)

    def close(self) -> None:
        """End what still runs; each of it is reported."""
        if self._worker is not None:
            self._closing.set()
            self._jobs.put(None)
            self._worker.join(_LAST_END_S)
            self._worker = None

    # Of the control thread.

    def _say(self, change: AlertChange, text: str) -> None:
        self._pending += 1
        self._results.put((change.rule.subject, text))

    def _begin(self, change: AlertChange, job: _Job) -> None:
        if self._pending >= MOST_WAITING:
            self._say(change, f"{job.what}: left out, because {MOST_WAITING} actions are not done yet")
            return
        self._pending += 1
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="alert actions", daemon=True)
            self._worker.start()
        self._jobs.put(job)

    def _command(self, action: AlertAction, change: AlertChange, meta: SessionMeta) -> _Job:
        argv = shlex.split(action.argument)
        what = f"run: {argv[0].rpartition('/')[2]}"
        env = alert_environment(change, meta)
        return _Job(change.rule.subject, what, argv, self._limits.run_s, _command_said, env)

    def _webhook(self, action: AlertAction, change: AlertChange, meta: SessionMeta) -> _Job:
        # The rest of the address may hold a key.
        what = f"webhook: {urlsplit(action.argument).hostname}"
        env = webhook_environment(action.argument, json.dumps(alert_document(change, meta)))
        return _Job(change.rule.subject, what, webhook_argv(), self._limits.webhook_s, _webhook_said, env)

    def _snapshot(self, change: AlertChange, meta: SessionMeta) -> None:
        pid = meta.pid
        if pid is None or self._snapshots >= MOST_SNAPSHOTS:
            why = "no process is observed" if pid is None else f"{MOST_SNAPSHOTS} are kept in a session, and no more"
            self._say(change, f"snapshot: {why}")
            return
        try:
            argv = dump_argv(find_pyspy(), pid)
        except ObserveError as error:
            self._say(change, f"snapshot: {error.message}")
            return
        self._snapshots += 1
        self._begin(
            change,
            _Job(
                change.rule.subject,
                "snapshot",
                argv,
                self._limits.snapshot_s,
                lambda end: _snapshot_said(end, pid),
                most_bytes=_SNAPSHOT_BYTES,
            ),
        )

    # Of the worker.

    def _work(self) -> None:
        """Start what is asked for, a few at once, and follow each to its end."""
        running: list[tuple[_Job, BoundedCommand]] = []
        with Keeper() as keeper:
            while not self._closing.is_set():
                if len(running) < MOST_AT_ONCE:
                    try:
                        job = self._jobs.get(timeout=_ROUND_S) if running else self._jobs.get()
                    except queue.Empty:
                        pass
                    else:
                        running += self._started(keeper, job) if job is not None else []
                else:
                    time.sleep(_ROUND_S)
                running = [(job, command) for job, command in running if not self._ended(job, command)]
            for job, command in running:
                command.close()
                self._done(job, "was ended with the recording")
        while not self._jobs.empty():
            left = self._jobs.get()
            if left is not None:
                self._done(left, "was not begun before the recording ended")

    def _started(self, keeper: Keeper, job: _Job) -> list[tuple[_Job, BoundedCommand]]:
        try:
            command = start_bounded(
                keeper,
                job.argv,
                env=job.env,
                now_s=time.monotonic(),
                limit_s=job.limit_s,
                most_bytes=job.most_bytes,
            )
        except (OSError, ValueError) as error:
            self._done(job, f"cannot be started: {getattr(error, 'strerror', None) or error}")
            return []
        return [(job, command)]

    def _ended(self, job: _Job, command: BoundedCommand) -> bool:
        end = command.step(time.monotonic())
        if end is None:
            return False
        late = f"took longer than {format_seconds(job.limit_s)}, so it was ended"
        self._done(job, late if end.late else job.said(end))
        return True

    def _done(self, job: _Job, text: str) -> None:
        self._results.put((job.subject, f"{job.what}: {text}"))


def _command_said(end: CommandEnd) -> str:
    if end.code == 0:
        return "done"
    how = f"exit code {end.code}" if end.code > 0 else f"ended by signal {-end.code}"
    said = _last_line(end.err)
    return f"{how}: {said}" if said else how


def _webhook_said(end: CommandEnd) -> str:
    status = end.out.strip()
    if status:
        aside = "; redirects are not followed" if status.startswith("3") else ""
        return f"answered {printable(status[:3])}{aside}"
    return f"no answer: {_last_line(end.err) or 'it said nothing'}"


def _snapshot_said(end: CommandEnd, pid: int) -> str:
    """Say how many stacks there are, and on lines of their own which; without command lines, which may be secret."""
    lines = [line if not line.startswith("Process ") else line.partition(":")[0] for line in end.out.splitlines()]
    threads = sum(line.startswith("Thread ") for line in lines)
    if end.code != 0 or not threads:
        return explain_failure(end.err, pid)[0]
    stacks = "\n".join(printable(line) for line in lines)
    rest = f", and the rest, beyond {format_bytes(_SNAPSHOT_BYTES)}, is left out" if end.cut else ""
    return f"stacks of {threads} thread{'s' if threads > 1 else ''}{rest}\n{stacks}"


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return printable(lines[-1][:_MOST_QUOTED]) if lines else ""
