"""A recording that may last for days: cut into parts while it goes on, and looking the oftener the worse it stands."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from perftui.analysis.pacing import PaceMachine
from perftui.budgets.spec import Gate, Intervals
from perftui.errors import ExitCode, PerftuiError
from perftui.model.alert import AlertLevel
from perftui.model.process import ProcessReadings
from perftui.model.reading import ResourceReading
from perftui.model.sample import SampleWindow
from perftui.model.series import SeriesValues
from perftui.model.session import WATCH, Event, EventKind, SessionMeta, SessionState
from perftui.recording.bindery import Bindery
from perftui.recording.intake import Observed
from perftui.recording.ledger import DISK, Ledger
from perftui.recording.plan import RecordingPlan
from perftui.recording.recorder import CPU, Recorder
from perftui.recording.summary import budget_code
from perftui.recording.update import Phase
from perftui.recording.watch_plan import LiveProcesses, WatchPlan, moved
from perftui.sources.base import Progress, SourceState, SourceStatus
from perftui.storage.finish import recorded_bytes
from perftui.storage.locations import new_id

HOLD_S = 8.0
"""How long the cut waits for the end of a window of samples, so that none of them belongs to two parts."""
LAST_PART_S = 6.0
"""How long the end of a watch waits for the part before to be finished."""
_TRY_AGAIN_S = 60.0
"""After a part could not be begun, the one before goes on for so long."""
_SHORTEST_PART_S = 1.0
_TROUBLE = (SourceState.DEGRADED, SourceState.FAILED)


class Watcher(Recorder):
    """One watch, from the launch or the attachment to the last saved part."""

    def __init__(
        self, plan: RecordingPlan, watch: WatchPlan, *, tidy: Callable[[str], str] = lambda _group: ""
    ) -> None:
        """Make ready; `tidy` throws out what is beyond limits, given the group of the parts, and says what it did."""
        group = plan.group or new_id()
        super().__init__(replace(plan, group=group, repeat_index=plan.repeat_index or 1, curves=False))
        self._watch = watch
        # Rates need two readings: nobody waits half a minute for the first of them.
        self._pace = PaceMachine(AlertLevel.CRITICAL)
        self._interval_s = (plan.budget or watch).intervals.critical_s
        self._every = lambda: self._interval_s
        self._bindery = Bindery(tidy=lambda: tidy(self.plan.group))
        self._processes = LiveProcesses()
        self._part_began_s = 0.0
        self._not_before_s = 0.0
        self.failed: list[str] = []
        """Ids of the parts that are finished and in which the budget failed."""
        self.standing = ""
        """How the worst alert stands, in a few words; empty where all is calm."""
        self._held: list[Observed] | None = None
        """What came while the cut waits for a window of samples; None where there is nothing to wait for."""
        self._held_until_s = 0.0

    @property
    def part(self) -> int:
        """Which part is being recorded, from 1."""
        return self.meta.repeat_index

    @property
    def elapsed_s(self) -> float:
        """How long the whole watch has lasted."""
        return self._part_began_s + self._ledger.elapsed_s

    @property
    def interval_s(self) -> float:
        """How often it looks now."""
        return self._interval_s

    def _begun(self) -> SessionMeta:
        meta = super()._begun()
        return replace(meta, environment={**meta.environment, WATCH: "yes"})

    # The control thread.

    def _accept(self, observed: Observed) -> None:
        if isinstance(observed, ProcessReadings):
            observed = self._processes.seen(observed)
        if self._ledger.ended_s is not None:
            # The last part has all that comes while the run ends.
            self._let_go()
        if self._held is None or isinstance(observed, SourceStatus | Progress):
            self._into_part(observed)
        elif isinstance(observed, SampleWindow):
            self._into_part(observed)
            self._cut(observed.end_s)
        else:
            self._held.append(observed)

    def _let_go(self) -> None:
        """Do without the cut that was waited for."""
        held, self._held = self._held or [], None
        for observed in held:
            self._into_part(observed)

    def _into_part(self, observed: Observed) -> None:
        self._ledger.take(moved(observed, self._part_began_s))
        if isinstance(observed, ResourceReading | SeriesValues):
            self._keep_pace(read=isinstance(observed, ResourceReading))

    def _keep_pace(self, *, read: bool) -> None:
        """Look as often as the alerts ask for; only a reading of the meters can slow that down."""
        alerts = self._ledger.alerts
        if read:
            self._pace.read(alerts.pressing, alerts.standing)
        else:
            self._pace.see(alerts.standing)
        stands = alerts.worst
        self.standing = f"{stands[0].label} {stands[1].value.upper()}" if stands is not None else ""

    @property
    def _intervals(self) -> Intervals:
        budget = self._ledger.budget
        return self._watch.intervals if budget is None else budget.intervals

    def _keep_up(self, phase: Phase, *, judge: bool) -> None:
        super()._keep_up(phase, judge=judge)
        # Here, and not where readings come: an edit of the intervals must not wait for the next of them.
        self._interval_s = _interval_of(self._pace.level, self._intervals)
        now_s = self._clock()
        for said in self._bindery.said():
            self._note(said)
        if self._held is not None:
            if now_s >= self._held_until_s:
                self._cut(now_s)
        elif self._is_full(now_s):
            if CPU in self._intake.running:
                self._held, self._held_until_s = [], now_s + HOLD_S
            else:
                while not self._intake.is_empty():
                    self._take(0)
                self._cut(self._clock())

    def _is_full(self, now_s: float) -> bool:
        watch, lasted_s = self._watch, now_s - self._part_began_s
        if now_s < self._not_before_s or lasted_s < _SHORTEST_PART_S:
            return False
        if watch.rotate_s is not None and lasted_s >= watch.rotate_s:
            return True
        return watch.rotate_bytes is not None and recorded_bytes(self._ledger.writer.path) >= watch.rotate_bytes

    def _cut(self, at_s: float) -> None:
        """End the part at a moment, and begin the next one there; where that is not possible the part goes on."""
        held, self._held = self._held or [], None
        later = [observed for observed in held if _is_later(observed, at_s)]
        for observed in held:
            if not _is_later(observed, at_s):
                self._into_part(observed)
        self._ledger.publish(Phase.RUNNING)
        before = self._ledger
        before.ended_s = at_s - self._part_began_s
        try:
            self._ledger = self._next_part(before, at_s)
        except PerftuiError as error:
            before.ended_s = None
            self._not_before_s = self._clock() + _TRY_AGAIN_S
            self._ledger.status(SourceStatus(WATCH, SourceState.DEGRADED, f"no new part: {error.message}", error.hint))
        else:
            self._part_began_s = at_s
            before.judge(final=True, edits=False)
            for status in before.model.statuses.values():
                # What does not work is not told again by its source, and each part is read by itself.
                if status.state in _TROUBLE and status.source not in (WATCH, DISK):
                    self._ledger.status(status)
            self._processes.cut()
            if budget_code(before.verdicts, self._gate) is not ExitCode.OK:
                self.failed.append(before.meta.id)
            self._bindery.take(before, self._meta_of_part(before))
            self._note(f"part {self.part} of the watch; the part before is {before.meta.id}")
        for observed in later:
            self._into_part(observed)

    @property
    def _gate(self) -> Gate:
        budget = self._ledger.budget
        return budget.on_inconclusive if budget is not None else Gate.WARN

    def _next_part(self, before: Ledger, at_s: float) -> Ledger:
        meta = replace(
            before.meta,
            id=new_id(),
            created=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            repeat_index=before.meta.repeat_index + 1,
            duration_s=0.0,
            began_s=0.0,
        )
        ledger = self._new_ledger(meta, clock=lambda: self._clock() - at_s, after=before)
        # For days: what is sampled is added up as it comes.
        ledger.model.catch_up()
        return ledger

    def _meta_of_run(self) -> SessionMeta:
        meta = super()._meta_of_run()
        # What the kernel counted is of the whole run, and not of its last part.
        return meta if meta.part <= 1 else replace(meta, cpu_s=None)

    def _meta_of_part(self, ledger: Ledger) -> SessionMeta:
        environment = self._later_facts.added_to(ledger.meta.environment, self._run.target.gate)
        return replace(ledger.meta, state=SessionState.COMPLETE, duration_s=ledger.elapsed_s, environment=environment)

    def _note(self, text: str) -> None:
        self._ledger.log(Event(self._ledger.elapsed_s, EventKind.SAMPLER, text, WATCH))

    def _wind_up(self) -> None:
        self._let_go()
        self._bindery.close(LAST_PART_S)
        for said in self._bindery.said():
            self._note(said)


def _is_later(observed: Observed, at_s: float) -> bool:
    return getattr(observed, "at_s", 0.0) > at_s


def _interval_of(level: AlertLevel, intervals: Intervals) -> float:
    return {AlertLevel.WARN: intervals.warning_s, AlertLevel.CRITICAL: intervals.critical_s}.get(
        level, intervals.normal_s
    )
