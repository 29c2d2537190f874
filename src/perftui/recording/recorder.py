"""The recorder: runs the sources, folds what they see, saves it, and publishes it.

One thread a source; everything that is mutable belongs to the control thread, which takes their events from one queue.
A viewer that stalls, or a slow disk, never holds a source up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from perftui.analysis.aggregate import delta_of, merged
from perftui.analysis.stack_table import StackTable
from perftui.budgets.evaluate import Evaluator
from perftui.budgets.watch import BudgetFile
from perftui.errors import PerftuiError, SessionError, WorkloadError
from perftui.model.reading import ResourceReading
from perftui.model.sample import ProfileDelta, SampleWindow, ThreadLooks
from perftui.model.session import Event, EventKind, OutputChunk, SessionKind, SessionMeta, SessionState
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.feed import RELAYED_OUTPUT_BYTES, SHOWN_OUTPUT_BYTES, Feed
from perftui.recording.intake import POLL_S, Intake
from perftui.recording.output_reader import LAST_OUTPUT_S
from perftui.recording.plan import RecordingPlan
from perftui.recording.session_model import SessionModel
from perftui.recording.surroundings import environment_facts, session_name
from perftui.recording.update import Phase, Update
from perftui.sources import processes
from perftui.sources.base import Source, SourceState, SourceStatus
from perftui.sources.cpu_pyspy import PySpySource
from perftui.sources.diagnosis import explain_launch
from perftui.sources.gate import Gate
from perftui.sources.launch import Exit, Keeper, Launched
from perftui.sources.meters_psutil import PsutilMeters, own_cost, process_facts
from perftui.storage.locations import new_id
from perftui.storage.redaction import redact
from perftui.storage.session_file import SessionWriter

COMMIT_EVERY_S = 1.0
"""At most this much is lost when the recording is killed."""
PUBLISH_EVERY_S = 0.1
LAST_SAMPLES_S = 3.0
"""How long the sampler may take to hand over its last window once the target has ended."""
GRACE_S = 2.0
"""Time between asking a workload to end and making it end."""
DISK = "disk"
_BUDGET = "budget"
_BREACHES = (Verdict.WARN, Verdict.FAIL)


class Recorder:
    """One recording, from the launch or the attachment to the saved session.

    `start` raises `WorkloadError` or `ObserveError` before anything is saved; after it, trouble is a status in `feed`.
    """

    def __init__(self, plan: RecordingPlan) -> None:
        self.plan = plan
        # A screen shows the last lines only; without one, everything that is printed goes on to stderr.
        self.feed = Feed(output_bytes=SHOWN_OUTPUT_BYTES if plan.terminal else RELAYED_OUTPUT_BYTES)
        self.exit: Exit | None = None
        self._intake = Intake(self._clock)
        self._stop_asked = threading.Event()
        self._done = threading.Event()
        self._failure: PerftuiError | None = None
        self._keeper = Keeper(keep_target=plan.keep_target)
        self._launched: Launched | None = None
        self._began = 0.0
        self._ended_s: float | None = None
        self._ended_by_us = False
        self._ending_workload = False
        self._lost: WorkloadError | None = None
        """Why nothing is known of the workload's end."""
        self._grace_s = GRACE_S
        self._sampled_until_s = 0.0
        self._news = _News()
        self._own_cpu_percent: float | None = None
        self._table = StackTable()
        self._evaluator = Evaluator(plan.budget) if plan.budget else None
        self._budget_file = BudgetFile(plan.budget_path) if plan.budget and plan.budget_path else None
        self.path: Path | None = None
        """The saved session, once it is done."""

    # The interface of front ends.

    def start(self, *, guard_terminal: int | None = None, terminal_settings: list[Any] | None = None) -> None:
        """Start the workload, or attach; then record in the background.

        A terminal that is given is put back when this process is killed while it records, to the settings given or to
        those that it has now.
        """
        if guard_terminal is not None:
            self._keeper.guard_terminal(guard_terminal, settings=terminal_settings)
        if self.plan.workload is not None and (problem := explain_launch()) is not None:
            # Said before the sampler fails for that reason; meters, budgets and output go on without it. And found out
            # before anything is launched: a tool that hangs must not keep the workload waiting.
            self._intake.put(SourceStatus("cpu", SourceState.DEGRADED, problem.message, problem.hint))
        try:
            pid = self._start_target()
            self._start_session(pid)
        except BaseException:
            self._keeper.close()
            raise
        self._start_sources(pid)
        threading.Thread(target=self._control, name="recorder", daemon=True).start()

    def stop(self, *, at_once: bool = False) -> None:
        """Ask for the end of the recording; `wait` tells when it is saved. `at_once` leaves the workload no grace."""
        if at_once:
            self._grace_s = 0.0
            if self._launched is not None and self._ending_workload:
                self._launched.hasten()
        self._stop_asked.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the session is saved and nothing that was started is left; say whether that is so."""
        return self._done.wait(timeout_s)

    @property
    def done(self) -> bool:
        """Whether the session is saved."""
        return self._done.is_set()

    @property
    def ends_workload(self) -> bool:
        """Whether stopping now would end a workload."""
        return self._launched is not None and not self.plan.keep_target and self._ended_s is None

    @property
    def meta(self) -> SessionMeta:
        """What is known of the session now."""
        return self._meta

    def result(self) -> SessionModel:
        """Return the finished session, or raise what ended the recording."""
        if self._failure is not None:
            raise self._failure
        return self._model

    @property
    def model(self) -> SessionModel:
        """What was recorded, as far as it came; unlike `result` also after a failure."""
        return self._model

    @property
    def failure(self) -> PerftuiError | None:
        """What went wrong with the recording as a whole: it ended it, or kept it from being saved."""
        return self._failure

    # Beginning.

    def _clock(self) -> float:
        return time.monotonic() - self._began

    def _start_target(self) -> int:
        plan = self.plan
        if plan.workload is None:
            if plan.attach_pid is None:
                msg = "a recording needs a workload or a pid"
                raise ValueError(msg)
            return plan.attach_pid
        with _opened(plan.stdin) as stdin:
            self._launched = self._keeper.launch(plan.workload, terminal=plan.terminal, stdin=stdin)
        return self._launched.pid

    def _start_session(self, pid: int) -> None:
        # The recording's time begins when the workload has been started, and not while that was prepared.
        self._began = time.monotonic()
        plan = self.plan
        workload = plan.workload
        facts = None if workload else process_facts(pid)
        command = redact(workload.argv if workload else facts.command if facts else ())
        cwd = str((workload and workload.cwd) or Path.cwd()) if workload or facts is None else facts.cwd
        meta = SessionMeta(
            id=new_id(),
            name=plan.name or session_name(command, plan.profile, pid),
            kind=SessionKind.LAUNCHED if workload else SessionKind.ATTACHED,
            state=SessionState.RECORDING,
            created=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            command=command,
            cwd=cwd,
            pid=pid,
            tags=plan.tags,
            workload=plan.profile,
            requested_hz=float(plan.sampling.rate_hz),
            sampling_mode=plan.sampling.mode.value,
            budget=str(plan.budget_path or ""),
            environment=environment_facts(),
        )
        self._writer = SessionWriter.create(plan.sessions, meta, clock=self._clock, durable=plan.durable)
        self._model = SessionModel(self._writer.meta)
        self._meta = self._writer.meta
        self._own_before = (self._clock(), own_cost()[0])

    def _start_sources(self, pid: int) -> None:
        gate = self._launched.gate if self._launched else None
        for source in self._sources_for(pid, gate):
            self._intake.run(source)
        if self._launched is not None:
            self._intake.read(self._launched.output_fd)

    def _sources_for(self, pid: int, gate: Gate | None) -> list[Source]:
        """Return what observes the target."""
        return [
            PySpySource(pid, options=self.plan.sampling, clock=self._clock, keeper=self._keeper, gate=gate),
            PsutilMeters(pid, clock=self._clock, interval_s=self.plan.meter_interval_s),
        ]

    # The control thread.

    def _control(self) -> None:
        try:
            self._follow()
            self._finish()
            self._failure = self._lost
        except PerftuiError as error:
            self._failure = error
        except Exception as error:  # noqa: BLE001 (a worker's edge: whatever it is, the person is told)
            self._failure = PerftuiError(f"internal error while recording: {error!r}")
        finally:
            self._intake.stop_sources()
            self._intake.stop_output()
            self._keeper.close()
            if self._failure is not None and self.path is None:
                self._meta = replace(self._meta, state=SessionState.INTERRUPTED, duration_s=self._elapsed_s)
            self._publish(Phase.DONE)
            self._done.set()

    def _follow(self) -> None:
        next_commit = next_publish = 0.0
        while not self._is_over():
            self._take(POLL_S)
            now = self._clock()
            if now >= next_publish:
                next_publish = now + PUBLISH_EVERY_S
                self._publish(Phase.RUNNING)
            if now >= next_commit:
                next_commit = now + COMMIT_EVERY_S
                self._judge(final=False)
                self._measure_self()
                self._save()

    def _is_over(self) -> bool:
        if self._launched is not None:
            try:
                self.exit = self._launched.poll()
            except WorkloadError as error:
                self._lost = error
            if self.exit is not None or self._lost is not None:
                return True
        elif not self._intake.running or not self._target_lives:
            return True
        limit = self.plan.duration_s
        return self._stop_asked.is_set() or (limit is not None and self._clock() >= limit)

    @property
    def _target_lives(self) -> bool:
        return self.plan.attach_pid is not None and processes.alive(self.plan.attach_pid)

    def _finish(self) -> None:
        self._ended_s = self._clock()
        self._publish(Phase.ENDING)
        if self.exit is not None or (self._launched is None and not self._target_lives):
            # The sampler sees by itself that the target ended, and its last window is whole.
            self._take_while(lambda: "cpu" in self._intake.running, LAST_SAMPLES_S)
        self._intake.stop_sources()
        self._take_while(lambda: bool(self._intake.running), LAST_SAMPLES_S)
        self._end_workload()
        # Only now: what it prints while it ends is read, and it never waits for a reader that has gone.
        self._intake.stop_output()
        self._take_while(lambda: self._intake.output_open, LAST_OUTPUT_S * 2)
        self._publish(Phase.ENDING)
        self._judge(final=True)
        meta = replace(
            self._model.meta,
            state=SessionState.COMPLETE,
            duration_s=self._ended_s,
            exit_code=self.exit.code if self.exit is not None else None,
            ended_by_us=self._ended_by_us,
            cpu_s=self.exit.user_s + self.exit.system_s if self.exit is not None else None,
            trouble=self._trouble(),
        )
        self._meta = meta
        self._publish(Phase.ENDING)
        self._writer.set_verdicts(self._model.verdicts)
        self.path = self._writer.finalise(meta)

    def _end_workload(self) -> None:
        if self._launched is None or self.exit is not None or self._lost is not None or self.plan.keep_target:
            return
        # In this order: a request to hasten finds it under way, or has set the grace.
        self._ending_workload = True
        try:
            self.exit = self._launched.end(grace_s=self._grace_s)
        except WorkloadError as error:
            self._lost = error
        else:
            self._ended_by_us = True

    def _take_while(self, waiting: Callable[[], bool], limit_s: float) -> None:
        deadline = self._clock() + limit_s
        while waiting() and self._clock() < deadline:
            self._take(POLL_S)
        while not self._intake.is_empty():
            self._take(0)

    def _take(self, timeout_s: float) -> None:
        match self._intake.take(timeout_s):
            case SampleWindow() as window:
                self._window(window)
            case ThreadLooks() as looks:
                self._writer.add_looks(looks)
                self._news.looks.append(looks)
            case ResourceReading() as reading:
                self._writer.add_reading(reading)
                self._news.readings.append(reading)
            case SourceStatus() as status:
                self._status(status)
            case OutputChunk() as chunk:
                self._writer.add_output(chunk)
                self._news.output.append(chunk)

    def _window(self, window: SampleWindow) -> None:
        if not self._sampled_until_s and self._launched is not None and self._launched.gate.visited:
            self._meta = replace(self._meta, began_s=window.start_s)
            self._writer.set_meta(self._meta)
        record = self._table.intern(window)
        self._writer.add_window(record)
        delta = delta_of(record, after_s=self._sampled_until_s)
        self._sampled_until_s = max(self._sampled_until_s, record.end_s)
        self._news.delta = delta if self._news.delta is None else merged(self._news.delta, delta)

    def _status(self, status: SourceStatus) -> None:
        before = self._news.statuses.get(status.source) or self._model.statuses.get(status.source)
        if before is not None and before.state is SourceState.FAILED and status.state is SourceState.ENDED:
            # That it has ended says less than why.
            return
        self._news.statuses[status.source] = status
        if status.message and (before is None or before.message != status.message):
            self._event(Event(self._clock(), EventKind.SAMPLER, status.message, status.source))

    def _event(self, event: Event) -> None:
        self._writer.add_event(event)
        self._news.events.append(event)

    def _judge(self, *, final: bool) -> None:
        if self._evaluator is None:
            return
        self._reload_budget(self._evaluator)
        before = {verdict.rule: verdict.verdict for verdict in self._model.verdicts}
        self._model.measures.wall_s = self._elapsed_s
        verdicts = tuple(self._evaluator.update(self._model.measures, at_s=self._elapsed_s, final=final))
        for verdict in verdicts:
            if verdict.verdict in _BREACHES and before.get(verdict.rule) is not verdict.verdict:
                at_s = verdict.breached_at_s if verdict.breached_at_s is not None else self._elapsed_s
                self._event(Event(at_s, EventKind.BREACH, f"{verdict.subject}: {verdict.verdict.value}", verdict.rule))
        self._news.verdicts = verdicts

    def _reload_budget(self, evaluator: Evaluator) -> None:
        """Take over an edit of the budget file; a broken edit leaves the limits as they were, and says so."""
        file = self._budget_file
        if file is None or not file.changed():
            return
        if file.error:
            self._status(SourceStatus(_BUDGET, SourceState.DEGRADED, file.error, file.hint))
        else:
            evaluator.reload(file.budget)
            self._news.statuses[_BUDGET] = SourceStatus(_BUDGET, SourceState.RUNNING)

    def _measure_self(self) -> None:
        now, cpu_s = self._clock(), own_cost()[0]
        then, cpu_then_s = self._own_before
        self._own_before = (now, cpu_s)
        if now > then:
            self._own_cpu_percent = 100 * (cpu_s - cpu_then_s) / (now - then)

    def _save(self) -> None:
        # A recording that is cut off is listed with the time that it had reached.
        self._writer.set_meta(replace(self._meta, duration_s=self._elapsed_s))
        try:
            self._writer.commit()
        except SessionError as error:
            hint = f"{error.hint}; until then what is seen waits in memory" if error.hint else ""
            self._status(SourceStatus(DISK, SourceState.DEGRADED, error.message, hint))
        else:
            if DISK in self._model.statuses and self._model.statuses[DISK].state is SourceState.DEGRADED:
                self._news.statuses[DISK] = SourceStatus(DISK, SourceState.RUNNING)

    @property
    def _elapsed_s(self) -> float:
        return self._clock() if self._ended_s is None else self._ended_s

    def _publish(self, phase: Phase) -> None:
        news, self._news = self._news, _News()
        update = Update(
            meta=self._meta,
            phase=phase,
            elapsed_s=self._elapsed_s,
            delta=news.delta,
            looks=tuple(news.looks),
            readings=tuple(news.readings),
            events=tuple(news.events),
            output=tuple(news.output),
            verdicts=news.verdicts,
            statuses=news.statuses,
            own_cpu_percent=self._own_cpu_percent,
        )
        self._model.apply(update)
        self.feed.publish(update)

    def _trouble(self) -> str:
        if self._lost is not None:
            return self._lost.message
        statuses = self._model.statuses.values()
        return next((status.message for status in statuses if status.state is SourceState.FAILED), "")


@contextmanager
def _opened(stdin: int | Path | None) -> Iterator[int | None]:
    if not isinstance(stdin, Path):
        yield stdin
        return
    try:
        file = stdin.open("rb")
    except OSError as error:
        raise WorkloadError(f"cannot read the workload's input {stdin}: {error.strerror}") from None
    with file:
        yield file.fileno()


@dataclass(slots=True)
class _News:
    """What has come since the last update was published."""

    delta: ProfileDelta | None = None
    looks: list[ThreadLooks] = field(default_factory=list)
    readings: list[ResourceReading] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    output: list[OutputChunk] = field(default_factory=list)
    verdicts: tuple[RuleVerdict, ...] | None = None
    statuses: dict[str, SourceStatus] = field(default_factory=dict)
