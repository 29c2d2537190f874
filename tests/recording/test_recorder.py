"""The recorder over sources whose events are known: folding, saving, publishing, and trouble as data."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perftui.budgets.load import load_budget
from perftui.errors import ExitCode, ObserveError, SessionWriteError, WorkloadError
from perftui.model.reading import ResourceReading
from perftui.model.sample import SampleWindow, Thread, ThreadLook, ThreadLooks
from perftui.model.session import EventKind, SessionState
from perftui.model.verdict import Verdict
from perftui.model.workload import Workload
from perftui.recording.plan import RecordingPlan
from perftui.recording.playback import open_playback
from perftui.recording.recorder import Recorder
from perftui.recording.summary import document
from perftui.sources import processes
from perftui.sources.base import Source, SourceEvent, SourceState, SourceStatus
from perftui.sources.launch import Keeper, Launched
from perftui.sources.replay import ReplaySource
from perftui.storage.session_file import SessionWriter
from tests.builders import MAIN, window


class Played(Recorder):
    """A recording of our own process's id whose sources only play what they are given."""

    def __init__(self, plan: RecordingPlan, events: Sequence[SourceEvent]) -> None:
        super().__init__(plan)
        self._events = events

    def _sources(self) -> list[Source]:
        return [ReplaySource(self._events, clock=self._clock, speed=float("inf"))]


class Broken(Recorder):
    """A recording whose source has a bug."""

    def _sources(self) -> list[Source]:
        class Bug(ReplaySource):
            def poll(self, timeout_s: float) -> Sequence[SourceEvent]:
                raise RuntimeError("planted")

        return [Bug([], clock=self._clock)]


def windows(count: int) -> list[SampleWindow]:
    return [
        window("main;work", "main;work", "main;idle", start_s=float(i), end_s=i + 1.0, interval_s=0.5)
        for i in range(count)
    ]


def recorded(tmp_path: Path, events: Sequence[SourceEvent], *, budget: Path | None = None) -> Recorder:
    plan = RecordingPlan(
        sessions=tmp_path,
        attach_pid=os.getpid(),
        budget=load_budget(budget) if budget else None,
        budget_path=budget,
    )
    recorder = Played(plan, events)
    recorder.start()
    assert recorder.wait(30)
    return recorder


def test_what_was_seen_is_saved_and_reopens_as_it_was(tmp_path: Path) -> None:
    looks = ThreadLooks(0.5, (ThreadLook(MAIN, active=True, holds_gil=True),))
    events: list[SourceEvent] = [*windows(4), looks, ResourceReading(1.0, rss_bytes=5e6, cpu_percent=50.0)]
    recorder = recorded(tmp_path, events)
    live = recorder.result()
    assert live.aggregate.samples == 12
    assert live.aggregate.sampled_s == 4.0
    assert recorder.path is not None
    saved = open_playback(recorder.path).model
    assert saved.meta.state is SessionState.COMPLETE
    assert saved.meta.pid == os.getpid()
    assert saved.meta.command, "an attached process says what it is"
    before, after = document(live, recorder.path, top=9), document(saved, recorder.path, top=9)
    assert before == after
    assert saved.aggregate.threads[0].gil_ratio == 1.0


@pytest.mark.parametrize("keep", [True, False])
def test_the_sources_that_ran_are_told_live_and_saved(tmp_path: Path, keep: bool) -> None:
    source = tmp_path / "shop.py"
    source.write_text("x = 1\n")
    seen = window("main;work", start_s=0.0, end_s=1.0)
    seen = replace(seen, frames=tuple(replace(frame, file=str(source)) for frame in seen.frames))
    plan = RecordingPlan(sessions=tmp_path, attach_pid=os.getpid(), keep_sources=keep)
    recorder = Played(plan, [seen])
    recorder.start()
    assert recorder.wait(20.0)
    assert recorder.path is not None
    playback = open_playback(recorder.path)
    (told,) = playback.model.sources.values()
    assert (told.file, told.size_bytes, told.packed is not None) == (str(source), 6, keep)
    # It was written after this process began.
    assert not told.steady
    assert playback.model.meta.keeps_sources is keep
    update = recorder.feed.take()
    assert update is not None
    assert update.sources == (told,)


def test_a_viewer_sees_what_the_recording_holds(tmp_path: Path) -> None:
    recorder = recorded(tmp_path, windows(3))
    update = recorder.feed.take()
    assert update is not None
    assert update.delta is not None
    assert sum(count for _, count in update.delta.weights.values()) == 9
    assert update.meta.state is SessionState.COMPLETE


def test_trouble_of_a_source_is_data_and_an_event(tmp_path: Path) -> None:
    trouble = SourceStatus("replay", SourceState.FAILED, "No permission.", "Use sudo.")
    recorder = recorded(tmp_path, [*windows(1), trouble])
    model = recorder.result()
    assert model.meta.trouble == "No permission."
    assert model.statuses["replay"].hint == "Use sudo."
    assert [event.text for event in model.events if event.kind is EventKind.SAMPLER] == ["No permission."]


def test_a_bug_in_a_source_is_told_and_the_session_is_saved(tmp_path: Path) -> None:
    recorder = Broken(RecordingPlan(sessions=tmp_path, attach_pid=os.getpid()))
    recorder.start()
    assert recorder.wait(30)
    model = recorder.result()
    assert "planted" in model.meta.trouble
    assert recorder.path is not None
    assert recorder.path.exists()


def test_a_broken_limit_is_an_event_with_its_moment(tmp_path: Path) -> None:
    budget = tmp_path / "b.toml"
    budget.write_text('[resources.rss]\nlimit = "1MB"\n')
    recorder = recorded(tmp_path / "s", [ResourceReading(2.5, rss_bytes=5e6)], budget=budget)
    model = recorder.result()
    (verdict,) = model.verdicts
    assert verdict.verdict is Verdict.FAIL
    (breach,) = [event for event in model.events if event.kind is EventKind.BREACH]
    assert breach.at_s == verdict.breached_at_s == pytest.approx(2.5)


def test_threads_of_one_id_that_got_a_name_late_are_one(tmp_path: Path) -> None:
    early, late = Thread(1, 7, ""), Thread(1, 7, "worker")
    events = [window("a", thread=early, end_s=1.0), window("a", thread=late, start_s=1.0, end_s=2.0)]
    model = recorded(tmp_path, events).result()
    (share,) = model.aggregate.thread_shares()
    assert (share.thread.name, share.count) == ("worker", 2)


def launched(tmp_path: Path, script: str) -> Recorder:
    recorder = Recorder(RecordingPlan(sessions=tmp_path, workload=Workload((sys.executable, "-S", "-c", script))))
    recorder.start()
    return recorder


def keeper_of(recorder: Recorder) -> int:
    return processes.parent(recorder.meta.pid or 0)


def test_a_recording_whose_keeper_was_killed_is_saved_and_says_so(tmp_path: Path) -> None:
    recorder = launched(tmp_path, "import time; time.sleep(60)")
    os.kill(keeper_of(recorder), signal.SIGKILL)
    assert recorder.wait(30)
    assert isinstance(recorder.failure, WorkloadError)
    assert recorder.path is not None
    saved = open_playback(recorder.path).model.meta
    assert saved.state is SessionState.COMPLETE
    assert "keeps the command was killed" in saved.trouble
    assert saved.exit_code is None
    assert not processes.alive(saved.pid or 0)


def test_what_could_not_be_saved_at_the_end_can_still_be_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> Path:
        raise SessionWriteError("disk full", hint="free some space")

    monkeypatch.setattr(SessionWriter, "finalise", full)
    recorder = recorded(tmp_path, windows(3))
    assert recorder.path is None
    assert recorder.failure is not None
    assert recorder.failure.exit_code is ExitCode.CANNOT_WRITE
    meta_id = recorder.model.meta.id
    assert recorder.failure.hint == f"free some space; `perftui open {meta_id}` shows what was stored until then"
    assert recorder.model.aggregate.samples == 9
    assert recorder.model.meta.state is SessionState.INTERRUPTED
    with pytest.raises(SessionWriteError, match="disk full"):
        recorder.result()


def test_an_attached_recording_ends_with_its_target_and_not_with_its_slowest_source(tmp_path: Path) -> None:
    class Waiting(Played):
        def _sources(self) -> list[Source]:
            return [ReplaySource(windows(9), clock=self._clock, speed=0.001)]

    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) as target:
        recorder = Waiting(RecordingPlan(sessions=tmp_path, attach_pid=target.pid), [])
        recorder.start()
        # Nobody has collected it: a zombie has ended too.
        target.kill()
        assert recorder.wait(30)
    assert recorder.result().meta.state is SessionState.COMPLETE


def test_what_speaks_against_sampling_is_found_out_before_the_workload_could_wait_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    launch = Keeper.launch

    def check() -> ObserveError:
        order.append("check")
        return ObserveError("CPU samples need py-spy: not found.", hint="Install it.")

    def launch_noted(keeper: Keeper, workload: Workload, **more: Any) -> Launched:
        order.append("launch")
        return launch(keeper, workload, **more)

    monkeypatch.setattr("perftui.recording.recorder.explain_launch", check)
    monkeypatch.setattr(Keeper, "launch", launch_noted)
    recorder = launched(tmp_path, "pass")
    assert recorder.wait(30)
    assert order == ["check", "launch"]
    assert recorder.result().events[0].text == "CPU samples need py-spy: not found."


def test_a_disk_that_fills_up_is_a_status_that_says_where_the_data_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: SessionWriter) -> None:
        raise SessionWriteError("disk full", hint="free some space")

    monkeypatch.setattr(SessionWriter, "commit", full)
    recorder = launched(tmp_path, "import time; time.sleep(0.3)")
    assert recorder.wait(30)
    assert recorder.model.statuses["disk"].hint == "free some space; until then what is seen waits in memory"
