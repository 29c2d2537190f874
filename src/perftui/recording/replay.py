"""A saved session played again as if it were recorded now, in a time of its own: for pictures and tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from perftui.analysis.aggregate import delta_of
from perftui.analysis.alerting import AlertMachine, event_of
from perftui.budgets.evaluate import Evaluator
from perftui.budgets.spec import Budget
from perftui.model.alert import AlertChange
from perftui.model.heap import HeapSnapshot, HeapView
from perftui.model.process import ProcessReadings
from perftui.model.reading import ResourceReading
from perftui.model.sample import ThreadLooks, WindowRecord
from perftui.model.series import SeriesValues
from perftui.model.session import Event, OutputChunk, SessionState
from perftui.recording.feed import Feed
from perftui.recording.heap_news import HeapNews
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase, Update
from perftui.storage.session_file import Observation, SavedSession


class Replay:
    """Publishes what a session observed, up to a moment that the caller sets; nothing here has a clock."""

    def __init__(self, saved: SavedSession, *, budget: Budget | None = None) -> None:
        self.feed = Feed()
        self.meta = replace(saved.meta, state=SessionState.RECORDING, exit_code=None, ended_by_us=False)
        self.ends_workload = True
        self.stopped = False
        self.view = ""
        self._saved = saved
        self._heap = HeapNews(_keep_nothing)
        # What was read from the capture came when the run was over, whatever moment it is about.
        self._coming: Iterator[Observation] = (each for each in saved.history() if not _is_from_capture(each))
        self._next = next(self._coming, None)
        self._model = SessionModel(self.meta)
        self._evaluator = Evaluator(budget) if budget else None
        self._alerts = [AlertMachine(rule) for rule in budget.alerts] if budget else []
        self._alert_changes = 0
        self._sampled_until_s = 0.0

    def stop(self, *, at_once: bool = False) -> None:  # noqa: ARG002 (the protocol's signature)
        """Note that the viewer asked for the end."""
        self.stopped = True

    def keep_view(self, view: str) -> None:
        """Note what the viewer asked to be kept; the session that is played again stays as it is."""
        self.view = view

    def advance(self, to_s: float) -> None:
        """Publish what was observed up to a moment of the recording."""
        while self._next is not None and _known_at(self._next) <= to_s:
            at_s = _known_at(self._next)
            self._publish(self._update_of(self._next, at_s), at_s)
            self._next = next(self._coming, None)
        self._publish(Update(self.meta, Phase.RUNNING, to_s), to_s)

    def finish(self) -> None:
        """Publish the rest and the end of the session."""
        self.advance(float("inf"))
        self.meta = self._saved.meta
        self.ends_workload = False
        # Its model has the sampled pictures already; the exact ones are differences to them.
        for snapshot in filter(_is_from_capture, self._saved.latest_heap()):
            self._heap.snapshot(snapshot)
        heap, _, _ = self._heap.take()
        done = Update(
            self.meta,
            Phase.DONE,
            self.meta.duration_s,
            heap=heap,
            captures=self._saved.captures,
            timelines=self._saved.timelines,
            sources=self._saved.sources,
        )
        self._publish(done, self.meta.duration_s)

    def _publish(self, update: Update, at_s: float) -> None:
        if update.elapsed_s == float("inf"):
            update = replace(update, elapsed_s=self._saved.meta.duration_s)
        self._model.apply(update)
        if update.delta is not None:
            self._sampled_until_s = max(self._sampled_until_s, update.delta.end_s)
        if update.readings and self._evaluator is not None:
            self._model.measures.wall_s = at_s
            update = replace(update, verdicts=tuple(self._evaluator.update(self._model.measures, at_s)))
        self.feed.publish(update)

    def _alert_changes_at(self, reading: ResourceReading) -> Iterator[AlertChange]:
        """Yield what a reading changes of the budget's alerts; nothing is done about it."""
        for machine in self._alerts:
            value = getattr(reading, machine.rule.metric, None)
            change = machine.read(reading.at_s, value, number=self._alert_changes + 1)
            if change is not None:
                self._alert_changes += 1
                yield change

    def _update_of(self, observation: Observation, at_s: float) -> Update:
        update = Update(self.meta, Phase.RUNNING, at_s)
        match observation:
            case WindowRecord():
                delta = delta_of(observation, after_s=self._sampled_until_s)
                return replace(update, delta=delta, orders=(observation.order,))
            case HeapSnapshot():
                self._heap.snapshot(observation)
                heap, _, _ = self._heap.take()
                return replace(update, heap=heap, pictures=self._heap.take_pictures())
            case ThreadLooks():
                return replace(update, looks=(observation,))
            case ResourceReading():
                changes = tuple(self._alert_changes_at(observation))
                events = tuple(map(event_of, changes))
                return replace(update, readings=(observation,), alerts=changes, events=events)
            case ProcessReadings():
                return replace(update, processes=(observation,))
            case SeriesValues():
                return replace(update, series=(observation,))
            case Event():
                return replace(update, events=(observation,))
            case OutputChunk():
                return replace(update, output=(observation,))


def _known_at(observation: Observation) -> float:
    return observation.end_s if isinstance(observation, WindowRecord) else observation.at_s


def _keep_nothing(_snapshot: HeapSnapshot) -> None:
    """It is in the file already."""


def _is_from_capture(observation: Observation) -> bool:
    return isinstance(observation, HeapSnapshot) and observation.view is not HeapView.HELD
