"""Several runs as one group: what becomes of those that fail, are cut off, or only warm up."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.errors import PerftuiError, WorkloadError
from perftui.model.session import RunSide
from perftui.model.workload import Workload
from perftui.recording import series as series_module
from perftui.recording.plan import RecordingPlan
from perftui.recording.repeats import Turn, turns_of
from perftui.recording.series import RunOutcome, Series
from perftui.recording.series_summary import SeriesSummary, spread_of
from perftui.recording.session_model import SessionModel
from perftui.storage.catalogue import Catalogue
from perftui.storage.session_file import read_meta
from tests.storage.sessions import begin, finish

BOTH = (RunSide.BASE, RunSide.CURRENT)


class FakeRecorder:
    """A recording that is over at once: what it would have seen is written when it is waited for."""

    fails_at: int
    started: list[RecordingPlan]

    def __init__(self, plan: RecordingPlan) -> None:
        self.plan = plan
        self.failure = None
        self.reads_captures = False
        self.path: Path | None = None
        self._stopped_early = False
        self.ends_workload = False

    def start(self) -> None:
        if self.plan.workload == Workload(("missing",)):
            raise WorkloadError("there is no program missing", hint="is it spelt so?")
        self.started.append(self.plan)
        self.ends_workload = True

    def stop(self, *, at_once: bool = False) -> None:
        self._stopped_early = self._stopped_early or self.ends_workload

    def finish(self) -> None:
        """The workload ends by itself."""
        self.ends_workload = False

    def wait(self, timeout_s: float | None = None) -> bool:
        if self.path is None:
            plan = self.plan
            ids = f"20260101-1200{len(self.started):02}-aaaa"
            writer = begin(
                plan.sessions, ids, name=plan.name or "bench", group=plan.group, repeat_index=plan.repeat_index,
                side=plan.side,
            )  # fmt: skip
            code = -15 if self._stopped_early else int(len(self.started) == self.fails_at)
            self.path = finish(
                writer, exit_code=code, ended_by_us=self._stopped_early, duration_s=float(len(self.started)), cpu_s=0.5
            )
            self.model = SessionModel(read_meta(self.path))
        return True


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[RecordingPlan]:
    """The plans of all runs, in the order in which they were started."""
    monkeypatch.setattr(series_module, "Recorder", FakeRecorder)
    FakeRecorder.started = []
    FakeRecorder.fails_at = 0
    return FakeRecorder.started


def fail_at(number: int) -> None:
    FakeRecorder.fails_at = number


def to_the_end(_turn: Turn, recorder: object) -> None:
    assert isinstance(recorder, FakeRecorder)
    recorder.finish()


def recorded(
    home: Path, turns: tuple[Turn, ...], *, ignore_failure: bool = False, cut_at: int = 0
) -> tuple[Series, list[RunOutcome]]:
    """All runs of two sides of a workload."""
    plans = {
        side: RecordingPlan(home / "sessions", Workload((side.value,)), name=f"bench-{side.value}".rstrip("-"))
        for side in {turn.side: None for turn in turns}
    }
    series = Series(plans, turns, scratch=home / "scratch", ignore_failure=ignore_failure)

    def follow(turn: Turn, recorder: object) -> None:
        if len(FakeRecorder.started) == cut_at:
            series.stop()
        else:
            to_the_end(turn, recorder)

    return series, list(series.run(follow))


def names(home: Path) -> list[str]:
    return [entry.name for entry in reversed(Catalogue(home / "sessions").list())]


def test_runs_are_one_group_with_their_places_and_warm_ups_are_no_part_of_it(
    tmp_path: Path, started: list[RecordingPlan]
) -> None:
    series, outcomes = recorded(tmp_path, turns_of(BOTH, repeat=2, warmup=1))
    assert [plan.side for plan in started[2:]] == [RunSide.BASE, RunSide.CURRENT, RunSide.CURRENT, RunSide.BASE]
    assert [outcome.kept for outcome in outcomes] == [False, False, True, True, True, True]
    catalogue = Catalogue(tmp_path / "sessions")
    assert len(catalogue.list()) == 4, "recordings of warm-ups lie in the scratch directory"
    indices = {
        side: [read_meta(path).repeat_index for path in catalogue.runs_of(f"group:{series.group}/{side.value}")]
        for side in BOTH
    }
    assert indices == {RunSide.BASE: [1, 4], RunSide.CURRENT: [2, 3]}
    assert set(names(tmp_path)) == {"bench-base", "bench-current"}


def test_the_first_failure_ends_all_and_what_failed_is_kept_by_itself(
    tmp_path: Path, started: list[RecordingPlan]
) -> None:
    fail_at(2)
    series, outcomes = recorded(tmp_path, turns_of((RunSide.NONE,), repeat=4, warmup=0))
    assert len(started) == 2
    assert series.ended_by_failure
    assert [(outcome.kept, outcome.failed) for outcome in outcomes] == [(True, False), (False, True)]
    assert names(tmp_path) == ["bench", "bench-failed"]
    assert len(Catalogue(tmp_path / "sessions").runs_of(f"group:{series.group}")) == 1


def test_failures_are_kept_among_the_others_where_that_is_asked_for(
    tmp_path: Path, started: list[RecordingPlan]
) -> None:
    fail_at(2)
    series, outcomes = recorded(tmp_path, turns_of((RunSide.NONE,), repeat=3, warmup=0), ignore_failure=True)
    assert [outcome.kept for outcome in outcomes] == [True] * 3
    assert len(series.failed) == 1
    assert not series.ended_by_failure
    assert len(started) == 3


def test_a_warm_up_that_fails_ends_all_before_anything_is_kept(tmp_path: Path, started: list[RecordingPlan]) -> None:
    fail_at(1)
    series, outcomes = recorded(tmp_path, turns_of((RunSide.NONE,), repeat=3, warmup=1))
    assert series.ended_by_failure
    assert [(outcome.turn.warmup, outcome.failed) for outcome in outcomes] == [(True, True)]
    assert names(tmp_path) == []
    assert len(started) == 1


def test_a_run_that_is_cut_off_goes_to_the_trash_and_the_complete_ones_stay(
    tmp_path: Path, started: list[RecordingPlan]
) -> None:
    series, outcomes = recorded(tmp_path, turns_of(BOTH, repeat=5, warmup=0), cut_at=3)
    assert [(outcome.kept, outcome.cut) for outcome in outcomes] == [(True, False), (True, False), (False, True)]
    assert (series.stopped, len(started)) == (True, 3)
    assert names(tmp_path) == ["bench-base", "bench-current"]
    assert [entry.name for entry in Catalogue(tmp_path / "sessions").trash.list()] == ["bench-current"]


def test_a_command_that_cannot_be_started_is_named_by_its_side(tmp_path: Path, started: list[RecordingPlan]) -> None:
    plans = {
        side: RecordingPlan(tmp_path, Workload((command,)))
        for side, command in zip(BOTH, ("missing", "ok"), strict=True)
    }
    series = Series(plans, turns_of(BOTH, repeat=1, warmup=0), scratch=tmp_path)
    with pytest.raises(PerftuiError, match="base: there is no program missing"):
        list(series.run(to_the_end))
    assert started == []


def test_the_summary_holds_the_spread_of_what_was_kept(tmp_path: Path, started: list[RecordingPlan]) -> None:
    series, outcomes = recorded(tmp_path, turns_of((RunSide.NONE,), repeat=3, warmup=1))
    summary = SeriesSummary(series.group)
    for outcome in outcomes:
        summary.add(outcome, RecordingPlan(tmp_path))
    document = summary.document(asked=3, interrupted=False)
    assert document["duration_s"] == {"mean": 3.0, "deviation": 1.0, "min": 2.0, "max": 4.0}
    assert (document["asked"], document["complete"], document["failed"]) == (3, 3, 0)
    assert [run["repeat_index"] for run in document["runs"]] == [1, 2, 3]
    assert len(started) == 4
    assert spread_of([]) is None
    assert spread_of([2.0]) is not None
