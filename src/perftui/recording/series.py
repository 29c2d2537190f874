"""Several runs, one after the other, as one group: of one workload, or of both sides of a comparison by turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from perftui.errors import PerftuiError, WorkloadError
from perftui.model.session import RunSide, SessionMeta
from perftui.model.workload import MemoryOptions, Retention
from perftui.recording.plan import RecordingPlan
from perftui.recording.recorder import Recorder
from perftui.recording.repeats import Turn
from perftui.recording.session_model import SessionModel
from perftui.storage.catalogue import Catalogue
from perftui.storage.locations import new_id

Follow = Callable[[Turn, Recorder], None]
"""What stands by while a run is recorded, and returns when it is done or when something went wrong."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How one run went."""

    turn: Turn
    model: SessionModel
    path: Path | None
    """Where it is kept; None where its recording was thrown away."""
    failed: bool = False
    """The workload failed by itself."""
    cut: bool = False
    """It was ended before its time, so it is no run to compare with: it was moved to the trash folder."""

    @property
    def meta(self) -> SessionMeta:
        """What is known of the run."""
        return self.model.meta

    @property
    def kept(self) -> bool:
        """Whether it is a run of the group."""
        return self.path is not None


class Series:
    """Runs by turns until all are recorded, one fails, or somebody asks for the end.

    `stop` may be called from a signal handler; the rest belongs to one thread.
    """

    def __init__(
        self,
        plans: Mapping[RunSide, RecordingPlan],
        turns: tuple[Turn, ...],
        *,
        scratch: Path,
        ignore_failure: bool = False,
    ) -> None:
        self.turns = turns
        first = next(iter(plans.values()))
        self.group = first.group or new_id()
        """Id of the group that the sessions of all runs belong to."""
        self.stopped = False
        """Whether somebody asked for the end."""
        self.failed: list[RunOutcome] = []
        """Runs whose workload failed by itself."""
        self._plans = dict(plans)
        self._scratch = scratch
        self._ignore_failure = ignore_failure
        self._recorder: Recorder | None = None
        self._at_once = self._cut = False
        self._recorded = first.repeat_index

    @property
    def ended_by_failure(self) -> bool:
        """Whether runs are missing because one failed."""
        return bool(self.failed) and not self._ignore_failure

    def run(self, follow: Follow) -> Iterator[RunOutcome]:
        """Record one run after the other, and yield how each went.

        Raises:
            PerftuiError: A run could not be started or saved; those before it are kept.
        """
        for turn in self.turns:
            if self.stopped or self.ended_by_failure:
                return
            yield self._recorded_turn(turn, follow)

    # As signals see it.

    @property
    def reads_captures(self) -> bool:
        """Whether the present run is over and what its tracer left is being read."""
        return self._recorder is not None and self._recorder.reads_captures

    def stop(self, *, at_once: bool = False) -> None:
        """Ask for the end of the present run, and for no other after it."""
        self.stopped, self._at_once = True, self._at_once or at_once
        if self._recorder is not None:
            self._end_present(self._recorder)

    def _end_present(self, recorder: Recorder) -> None:
        self._cut = self._cut or recorder.ends_workload
        recorder.stop(at_once=self._at_once)

    # One run.

    def _recorded_turn(self, turn: Turn, follow: Follow) -> RunOutcome:
        recorder = Recorder(self._plan_of(turn))
        try:
            recorder.start()
        except WorkloadError as error:
            raise _about(turn, error) from None
        self._recorder = recorder
        try:
            if self.stopped:
                # It was asked for while this one was being started.
                self._end_present(recorder)
            follow(turn, recorder)
        finally:
            # Whatever goes wrong there, the session is saved and the workload ended in order.
            recorder.stop()
            recorder.wait()
            self._recorder = None
        return self._outcome(turn, recorder)

    def _plan_of(self, turn: Turn) -> RecordingPlan:
        plan = self._plans[turn.side]
        if turn.warmup:
            # As the others are observed, so that it warms up what they meet; nothing of it is kept.
            memory = MemoryOptions(plan.memory.native, plan.memory.pymalloc, plan.memory.children, Retention.DROP)
            return replace(
                plan,
                sessions=self._scratch,
                budget=None,
                budget_path=None,
                memory=memory,
                keep_sources=False,
                ingest=None,
            )
        return replace(plan, group=self.group, repeat_index=self._recorded + 1, side=turn.side)

    def _outcome(self, turn: Turn, recorder: Recorder) -> RunOutcome:
        if recorder.failure is not None and not self._cut:
            raise _about(turn, recorder.failure)
        meta = recorder.model.meta
        failed = bool(meta.exit_code) and not meta.ended_by_us
        outcome = RunOutcome(turn, recorder.model, recorder.path, failed=failed, cut=self._cut)
        if failed:
            self.failed.append(outcome)
        if turn.warmup:
            return replace(outcome, path=None)
        if outcome.cut or (failed and not self._ignore_failure):
            return self._put_aside(outcome)
        self._recorded += 1
        self._plans[turn.side] = replace(self._plans[turn.side], name=meta.name)
        return outcome

    def _put_aside(self, outcome: RunOutcome) -> RunOutcome:
        """Take a run out of the group: one that failed can be looked at by itself, one that was cut off is no run."""
        path = outcome.path
        if path is None:
            return outcome
        catalogue = Catalogue(path.parent)
        if outcome.cut:
            catalogue.delete(str(path), pinned=True)
            return replace(outcome, path=None)
        outcome.model.meta = catalogue.leave_group(path, f"{outcome.meta.name}-failed")
        return replace(outcome, path=None)


def _about(turn: Turn, error: PerftuiError) -> PerftuiError:
    """Return an error that says which side it is about, where there are two."""
    if turn.side is RunSide.NONE:
        return error
    told = PerftuiError(f"{turn.side.value}: {error.message}", hint=error.hint)
    told.exit_code = error.exit_code
    return told
