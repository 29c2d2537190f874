"""The ledger of a recording: folds what was observed, saves it, judges it, and publishes it.

Everything in it belongs to the recording's control thread; only the feed has another side.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from perftui.analysis.aggregate import delta_of
from perftui.analysis.stack_table import StackTable
from perftui.errors import PerftuiError, SessionError, SessionWriteError
from perftui.model.heap import Capture, HeapSnapshot, HeapTimeline
from perftui.model.process import ProcessReadings
from perftui.model.reading import ResourceReading
from perftui.model.sample import SampleWindow, ThreadLooks
from perftui.model.series import SeriesValues
from perftui.model.session import Event, EventKind, OutputChunk, SessionMeta, SessionState
from perftui.model.source_file import SourceFile
from perftui.model.verdict import RuleVerdict
from perftui.recording.alert_desk import AlertDesk, desk_of
from perftui.recording.budget_desk import BudgetDesk, breaches, budget_desk_of
from perftui.recording.derived_series import DerivedSeries
from perftui.recording.feed import Feed
from perftui.recording.heap_news import HeapNews
from perftui.recording.intake import Observed
from perftui.recording.met_processes import MetProcesses
from perftui.recording.news import News
from perftui.recording.output_lines import OutputLines
from perftui.recording.own_cost import OwnCost
from perftui.recording.plan import RecordingPlan
from perftui.recording.session_model import SessionModel
from perftui.recording.source_notes import notes_of
from perftui.recording.update import Phase
from perftui.sources.base import Progress, SourceState, SourceStatus
from perftui.storage.kept_view import write_view
from perftui.storage.redaction import redact
from perftui.storage.session_file import SessionWriter

if TYPE_CHECKING:
    from perftui.budgets.spec import Budget
    from perftui.recording.run_operations import RunOperations

DISK, OPERATIONS = "disk", "operations"
IDLE_SAVE_S = 10.0
"""Where nothing comes, the disk is left alone for so long."""


class Ledger:
    """One session while it is made."""

    def __init__(
        self,
        plan: RecordingPlan,
        meta: SessionMeta,
        *,
        feed: Feed,
        clock: Callable[[], float],
        gated: Callable[[], bool],
        stop: Callable[[], None] = lambda: None,
        after: Ledger | None = None,
    ) -> None:
        """Begin the session file.

        Args:
            plan: What was asked for.
            meta: What is known of the session now.
            feed: Where updates are published.
            clock: Seconds since the recording began.
            gated: Tells whether the workload waited for the sampler, so that nothing ran before the first window.
            stop: Asks for the end of the recording.
            after: The part of a watch before, whose alerts and budget go on where they stand.

        Raises:
            SessionWriteError: It cannot be written.
        """
        self.feed = feed
        self.writer = SessionWriter.create(plan.sessions, meta, clock=clock, durable=plan.durable)
        self.meta = self.writer.meta
        # Viewers add up for themselves what they show; here nothing but a budget asks for sums.
        self.model = SessionModel(self.meta, late=True, curves=plan.curves)
        self.heap = HeapNews(self.writer.add_heap)
        self.path: Path | None = None
        """The saved session, once it is finished."""
        self.view = ""
        """What a person chose to see, from the viewer's thread; it is stored with what comes next."""
        self._stored_view = ""
        self._began_epoch_s: float = after._began_epoch_s if after is not None else time.time() - clock()
        self.sources = notes_of(plan, self.meta, began_epoch_s=self._began_epoch_s)
        self.ended_s: float | None = None
        """How long the run lasted; None while it runs."""
        self.drops_output = False
        """What a workload prints when it is run again is not told twice."""
        self._clock = clock
        self._gated = gated
        self._sampled_until_s = 0.0
        self._news = News()
        self._met = MetProcesses()
        self._progress: Progress | None = None
        self._fresh, self._saved_s = True, 0.0
        """Whether anything came since the last save, and when that was."""
        self._table = StackTable()
        self.alerts: AlertDesk = desk_of(plan, log=self.log, stop=stop) if after is None else after.alerts
        self._budget: BudgetDesk | None = budget_desk_of(
            plan, after._budget if after is not None else None, reloaded=self._take_over
        )
        self._derived = DerivedSeries(self.budget, keep=self._keep_series, begins=after is None)
        if after is not None:
            self.alerts.move(after.elapsed_s, self.log)
        self._operations = _run_operations(plan)
        self._lines = OutputLines() if plan.lines else None
        self._own_cost = OwnCost(clock)

    @property
    def elapsed_s(self) -> float:
        """How long the run has lasted."""
        return self._clock() if self.ended_s is None else self.ended_s

    def end(self) -> None:
        """Note that the run is over."""
        self.ended_s = self._clock()

    def take(self, observed: Observed) -> None:
        """Take in what a source saw, or what the workload printed."""
        self._fresh = True
        match observed:
            case SampleWindow() as window:
                self._window(window)
            case ThreadLooks() as looks:
                self.writer.add_looks(looks)
                self._news.looks.append(looks)
            case ResourceReading() as reading:
                self._reading(reading)
            case ProcessReadings() as readings:
                self._processes(readings)
            case SeriesValues() as values:
                self._derived.take(values)
            case Event() as event:
                self._derived.event(event)
                self.log(event)
            case HeapSnapshot() | HeapTimeline() | Capture() as memory:
                self._memory(memory)
            case Progress() as progress:
                self.show_progress(progress if progress.text else None)
            case SourceStatus() as status:
                self.status(status)
            case OutputChunk() as chunk:
                self._output(chunk)

    def log(self, event: Event) -> None:
        """Take in something that happened."""
        self._fresh = True
        self.writer.add_event(event)
        self._news.events.append(event)

    def read_operations(self, began_epoch_s: float) -> None:
        """Read what a benchmark tool in the workload has measured; what cannot be read is said, and the run is kept."""
        if self._operations is None:
            return
        self.show_progress(Progress(OPERATIONS, "reading what the benchmarks have measured"))
        self.publish(Phase.ENDING)
        try:
            report = self._operations.read(began_epoch_s)
        except PerftuiError as error:
            self.status(SourceStatus(OPERATIONS, SourceState.FAILED, error.message, error.hint))
        else:
            self._news.operations = report.operations
            self.writer.set_operations(report.operations)
            for note in report.notes:
                self.log(Event(self.elapsed_s, EventKind.SAMPLER, note, OPERATIONS))
        self.show_progress(None)
        self.publish(Phase.ENDING)

    def announce(self, capture: Capture) -> None:
        """Note which capture will be read."""
        if self.heap.announce(capture):
            self._fresh = True
            self.writer.set_captures(self.heap.captures)

    def status(self, status: SourceStatus) -> None:
        """Take in how a source does."""
        before = self._news.statuses.get(status.source) or self.model.statuses.get(status.source)
        if before is not None and before.state is SourceState.FAILED and status.state is SourceState.ENDED:
            # That it has ended says less than why.
            return
        self._news.statuses[status.source] = status
        if status.message and (before is None or before.message != status.message):
            self.log(Event(self._clock(), EventKind.SAMPLER, status.message, status.source))

    def show_progress(self, progress: Progress | None) -> None:
        """Say what is being waited for; None when nothing is."""
        self._progress = progress

    @property
    def budget(self) -> Budget | None:
        """The budget as it holds now: its file may have been edited."""
        return self._budget.budget if self._budget is not None else None

    @property
    def verdicts(self) -> tuple[RuleVerdict, ...]:
        """What the budget said last."""
        return self.model.verdicts if self._news.verdicts is None else self._news.verdicts

    def judge(self, *, final: bool, edits: bool = True) -> None:
        """Hold the budget against what is known, as it is in its file now unless `edits` of that come too late."""
        if self._budget is None:
            return
        edited = self._budget.reload() if edits else None
        if edited is not None:
            self.status(edited)
        before = self.model.verdicts
        verdicts = self._budget.judge(self.model, self.elapsed_s, final=final)
        for event in breaches(verdicts, before, self.elapsed_s):
            self.log(event)
        self._news.verdicts = verdicts

    def measure_self(self) -> None:
        """Measure what perftui itself costs."""
        self._own_cost.measure()

    def save(self) -> None:
        """Bring what has come to the disk; where that refuses it waits in memory, and a status says so."""
        if not self._fresh and self.elapsed_s - self._saved_s < IDLE_SAVE_S and self.view == self._stored_view:
            return
        # A recording that is cut off is listed with the time that it had reached.
        self.writer.set_meta(replace(self.meta, duration_s=self.elapsed_s))
        self._store_view()
        self._note_sources(self.sources.take())
        try:
            self.writer.commit()
        except SessionError as error:
            hint = f"{error.hint}; until then what is seen waits in memory" if error.hint else ""
            self.status(SourceStatus(DISK, SourceState.DEGRADED, error.message, hint))
        else:
            self._fresh, self._saved_s = False, self.elapsed_s
            if DISK in self.model.statuses and self.model.statuses[DISK].state is SourceState.DEGRADED:
                self._news.statuses[DISK] = SourceStatus(DISK, SourceState.RUNNING)

    def publish(self, phase: Phase) -> None:
        """Hand everything that is new to the viewers."""
        if self._lines is not None:
            self._hear(self._lines.due(self.elapsed_s))
        self.alerts.report(self.elapsed_s)
        news, self._news = self._news, News()
        update = news.update(
            self.meta,
            phase,
            elapsed_s=self.elapsed_s,
            heap=self.heap,
            progress=self._progress,
            own_cpu_percent=self._own_cost.cpu_percent,
        )
        self.model.apply(update)
        self.feed.publish(update)

    def finish(self, meta: SessionMeta, hurried: Callable[[], bool] = lambda: True) -> None:
        """Judge for the last time and finish the session file; raises `SessionWriteError` where that fails."""
        self.heap.end()
        self.show_progress(None)
        self._note_sources(self.sources.finish())
        if self._lines is not None:
            self._hear(self._lines.rest())
            if self._lines.left_out:
                self.log(Event(self.elapsed_s, EventKind.SAMPLER, self._lines.left_out, "lines"))
        if self.writer.series_left_out:
            left_out = f"{self.writer.series_left_out:,} series of application metrics beyond the bound left out"
            self.log(Event(self.elapsed_s, EventKind.SAMPLER, left_out, "metrics"))
        self.alerts.finish(self.elapsed_s, hurried)
        if self.sources.shortfall:
            self.log(Event(self.elapsed_s, EventKind.SAMPLER, self.sources.shortfall, "sources"))
        self.publish(Phase.ENDING)
        self.judge(final=True)
        self.meta = meta
        self.publish(Phase.ENDING)
        self.writer.set_verdicts(self.model.verdicts)
        self._store_view()
        try:
            self.path = self.writer.finalise(meta)
        except SessionWriteError as error:
            rest = f"`perftui open {meta.id}` shows what was stored until then"
            raise SessionWriteError(error.message, hint=f"{error.hint}; {rest}" if error.hint else rest) from None

    def bind(self, meta: SessionMeta) -> None:
        """Finish the file of a part of a watch, by any thread, while the next part is made: nothing is published.

        Raises `SessionWriteError` where that fails; it may be tried again.
        """
        self._note_sources(self.sources.finish())
        self.writer.set_verdicts(self.verdicts)
        self.path = self.writer.finalise(meta)

    def keep_view(self, view: str) -> None:
        """Keep what a person chose to see; raises `PerftuiError` where the session is finished and refuses it."""
        self.view = view
        if self.path is not None:
            write_view(self.path, view)

    def _store_view(self) -> None:
        view = self.view
        if view != self._stored_view:
            self.writer.set_view(view)
            self._stored_view = view

    def close(self, *, failed: bool) -> None:
        """End everything; where it failed before the session was finished, note that."""
        self.alerts.close()
        if failed and self.path is None:
            self.abandon()
        self.publish(Phase.DONE)

    def abandon(self) -> None:
        """Note that the session could not be finished."""
        self.meta = replace(self.meta, state=SessionState.INTERRUPTED, duration_s=self.elapsed_s)

    def _output(self, chunk: OutputChunk) -> None:
        if self.drops_output:
            return
        self.writer.add_output(chunk)
        self._news.output.append(chunk)
        if self._operations is not None:
            self._operations.hear(chunk)
        if self._lines is not None:
            self._hear(self._lines.hear(chunk))

    def _hear(self, told: Iterable[SeriesValues | Event]) -> None:
        for each in told:
            self.take(each)

    def _window(self, window: SampleWindow) -> None:
        if not self._sampled_until_s and self._gated():
            self.meta = replace(self.meta, began_s=window.start_s)
            self.writer.set_meta(self.meta)
        self._news.commands |= self._met.commands(window, self.model.processes.commands)
        record = self._table.intern(window)
        # What is kept for the order of time is as small as in the file, and unpacked where somebody looks at it.
        self._news.orders.append(self.writer.add_window(record))
        self.sources.see(record.frames)
        delta = delta_of(record, after_s=self._sampled_until_s)
        self._sampled_until_s = max(self._sampled_until_s, record.end_s)
        self._news.sampled(delta)

    def _memory(self, seen: HeapSnapshot | HeapTimeline | Capture) -> None:
        match seen:
            case HeapSnapshot() as snapshot:
                self.sources.see(snapshot.frames)
                self.heap.snapshot(self._within_run(snapshot))
            case HeapTimeline() as timeline:
                self.writer.add_timeline(timeline)
                self.heap.timeline(timeline)
            case Capture() as capture:
                self.heap.capture(capture)
                self.writer.set_captures(self.heap.captures)

    def _keep_series(self, values: SeriesValues) -> None:
        self.writer.add_series(values)
        self._news.series.append(values)
        self._news.alerts += self.alerts.series(values, self.meta)

    def _reading(self, reading: ResourceReading) -> None:
        reading = replace(reading, heap_bytes=self.heap.held_bytes)
        self.writer.add_reading(reading)
        self._news.readings.append(reading)
        self._news.alerts += self.alerts.reading(reading, self.meta)
        self._derived.reading(reading)

    def _processes(self, readings: ProcessReadings) -> None:
        """Take in a look at the processes; what stands on their command lines may be secret."""
        news = tuple(replace(process, command=redact(process.command)) for process in readings.news)
        readings = replace(readings, news=news)
        self.writer.add_processes(readings)
        self._news.processes.append(readings)

    def _note_sources(self, sources: Iterable[SourceFile]) -> None:
        for source in sources:
            self.writer.add_source(source)
            self._news.sources.append(source)

    def _within_run(self, snapshot: HeapSnapshot) -> HeapSnapshot:
        """Return a picture that was taken of what the run left, at the moment at which the run ended."""
        if self.ended_s is None or self.drops_output or snapshot.at_s <= self.ended_s:
            return snapshot
        return replace(snapshot, at_s=self.ended_s)

    def _take_over(self, budget: Budget) -> None:
        """Go on with the alerts and derived series of an edited budget."""
        self.alerts.reload(budget.alerts, self.elapsed_s)
        self._derived.reload(budget)


def _run_operations(plan: RecordingPlan) -> RunOperations | None:
    """Return what reads the result of a benchmark tool; only a run with one pays for it."""
    if plan.ingest is None or plan.workload is None:
        return None
    from perftui.recording.run_operations import RunOperations  # noqa: PLC0415

    return RunOperations(plan.ingest, plan.workload)
