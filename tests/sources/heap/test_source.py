"""The heap while it lives: what becomes of a reader's lines and of its troubles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perftui.errors import ObserveError
from perftui.model.heap import HeapSnapshot
from perftui.model.workload import MemoryOptions
from perftui.sources import processes
from perftui.sources.base import SourceEvent, SourceState, SourceStatus
from perftui.sources.heap import source as source_module
from perftui.sources.heap.source import MOST_CHILDREN, HeapSource
from tests.sources.heap.heaps import FakeKeeper, FakeTool, message

WORKLOAD = 7


class Stage:
    """A source with a clock that stands, and readers that say what the test has them say."""

    def __init__(self, directory: Path) -> None:
        self.now_s = 0.0
        self.capture = directory / "it.bin"
        self.keeper = FakeKeeper()
        self.seen: list[SourceEvent] = []

    def start(self, *, boot: bool = False, children: bool = False, written: bool = True) -> HeapSource:
        if written:
            self.capture.write_bytes(b"memray")
        self.source = HeapSource(
            self.capture,
            pid=WORKLOAD,
            clock=lambda: self.now_s,
            epoch_s=1000.0,
            keeper=self.keeper,
            cwd=Path("/work place"),
            options=replace(MemoryOptions(), children=children),
            boot=boot,
            memory_limit_bytes=5 << 20,
        )
        self.source.start()
        return self.source

    def pass_s(self, seconds: float = 0.2) -> None:
        """Let time pass, and take what comes."""
        self.now_s += seconds
        self.seen += self.source.poll(0.0)

    @property
    def tool(self) -> FakeTool:
        return self.keeper.tools[-1]

    @property
    def statuses(self) -> list[SourceStatus]:
        return [event for event in self.seen if isinstance(event, SourceStatus)]

    @property
    def pictures(self) -> list[HeapSnapshot]:
        return [event for event in self.seen if isinstance(event, HeapSnapshot)]

    @property
    def last(self) -> SourceStatus:
        return self.statuses[-1]

    def state(self) -> SourceState:
        return self.last.state

    def report(self, **told: Any) -> None:
        self.capture.with_name("it.bin.boot").write_text(json.dumps(told))


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(source_module, "_FINISH_S", 0.05)
    stage = Stage(tmp_path)
    yield stage
    for tool in stage.keeper.tools:
        tool.close()


def held(text: str = "main;load 200x2", **more: Any) -> dict[str, Any]:
    return message(text, pid=WORKLOAD, **more)


def test_nothing_is_started_before_there_is_something_to_read(stage: Stage) -> None:
    stage.start(written=False)
    stage.capture.touch()
    stage.pass_s()
    assert stage.keeper.tools == []
    stage.capture.write_bytes(b"memray")
    stage.pass_s()
    assert len(stage.keeper.tools) == 1
    assert stage.keeper.orders(0) == {
        "capture": str(stage.capture),
        "cwd": "/work place",
        "refresh_s": 0.5,
        "limit_bytes": 5 << 20,
        "main_thread": 0,
        "finished": False,
    }


def test_a_picture_becomes_a_snapshot_and_the_source_runs(stage: Stage) -> None:
    stage.start()
    stage.pass_s()
    assert stage.state() is SourceState.STARTING
    stage.tool.say(held())
    stage.pass_s()
    assert stage.last == SourceStatus("heap", SourceState.RUNNING)
    assert [picture.total_bytes for picture in stage.pictures] == [200]


def test_of_pictures_that_piled_up_only_the_newest_is_handed_over(stage: Stage) -> None:
    stage.start()
    first = held("main;load 200x2")
    stage.tool.say(first, {**first, "frames": []}, {**first, "frames": [], "at": 1005.0})
    stage.pass_s()
    assert [picture.at_s for picture in stage.pictures] == [5.0]


def test_a_workload_that_cannot_be_traced_is_told_with_its_remedy(stage: Stage) -> None:
    stage.start(boot=True, written=False)
    stage.report(state="refused", message="memray is not installed in \x1b[31m/x", hint="/x -m pip install memray")
    stage.pass_s()
    assert stage.state() is SourceState.DEGRADED
    assert stage.last.message == "memray is not installed in ␛[31m/x"
    assert stage.last.hint == "/x -m pip install memray"
    stage.seen += stage.source.stop()
    assert stage.state() is SourceState.FAILED
    assert stage.last.hint == "/x -m pip install memray"


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"state": null}', "[" * 100_000])
def test_a_report_that_is_none_is_waited_for(stage: Stage, text: str) -> None:
    stage.start(boot=True, written=False)
    stage.capture.with_name("it.bin.boot").write_text(text)
    stage.pass_s()
    assert stage.state() is SourceState.STARTING


def test_that_nothing_is_traced_is_said_when_nobody_came_through_the_gate(stage: Stage) -> None:
    stage.start(boot=True, written=False)
    stage.pass_s(2.0)
    assert stage.state() is SourceState.STARTING
    stage.pass_s(2.0)
    assert stage.state() is SourceState.DEGRADED
    assert "no Python interpreter" in stage.last.message
    stage.seen += stage.source.stop()
    assert stage.state() is SourceState.FAILED
    assert "-I" in stage.last.hint


def test_a_traced_program_that_allocates_nothing_for_long_is_no_trouble(stage: Stage) -> None:
    stage.start(boot=True, written=False)
    stage.report(state="tracing")
    stage.pass_s(20.0)
    assert stage.state() is SourceState.STARTING


def test_a_capture_that_does_not_grow_is_said_once_and_unsaid(stage: Stage) -> None:
    stage.start()
    first = held()
    stage.tool.say(first)
    stage.pass_s()
    for _ in range(4):
        stage.tool.say({**first, "frames": []})
        stage.pass_s(1.0)
    assert stage.state() is SourceState.DEGRADED
    assert "does not grow" in stage.last.message
    stage.tool.say({**first, "frames": [], "sent": 11})
    stage.pass_s()
    assert [status.state for status in stage.statuses] == [
        SourceState.STARTING,
        SourceState.RUNNING,
        SourceState.DEGRADED,
        SourceState.RUNNING,
    ]


def test_a_reader_that_hangs_is_told_from_a_capture_that_does_not_grow(stage: Stage) -> None:
    stage.start()
    stage.tool.say(held())
    stage.pass_s()
    stage.pass_s(11.0)
    assert stage.last.message == "The live reader does not answer."


def test_a_reader_that_is_lost_is_replaced_and_reads_from_the_beginning(stage: Stage) -> None:
    stage.start()
    stage.tool.say(held())
    stage.pass_s()
    stage.tool.end(-11)
    stage.pass_s()
    assert len(stage.keeper.tools) == 2
    assert stage.state() is SourceState.DEGRADED
    stage.tool.say(held("main;other 9x9"))
    stage.pass_s()
    assert stage.state() is SourceState.RUNNING
    assert stage.pictures[-1].frames[-1].function == "other"


def test_after_four_readers_the_live_view_ends_and_the_capture_goes_on(stage: Stage) -> None:
    stage.start()
    for _ in range(6):
        if not stage.tool.closed:
            stage.tool.end(-9)
        stage.pass_s()
    assert len(stage.keeper.tools) == 4
    assert stage.state() is SourceState.DEGRADED
    assert stage.last.hint == "The exact figures come from the capture, after the run."


def test_a_reader_that_talks_nonsense_is_replaced(stage: Stage) -> None:
    stage.start()
    stage.tool.say_raw(b"Memray ERROR\n")
    stage.pass_s()
    assert stage.keeper.tools[0].closed
    assert len(stage.keeper.tools) == 2


def test_a_lost_reader_of_a_deleted_capture_is_not_replaced(stage: Stage) -> None:
    stage.start()
    stage.tool.say(held())
    stage.pass_s()
    stage.capture.unlink()
    stage.tool.end(-9)
    stage.pass_s()
    assert len(stage.keeper.tools) == 1
    assert "the capture was deleted" in stage.last.message


def test_a_reader_that_needs_too_much_memory_pauses_the_view(stage: Stage) -> None:
    stage.start()
    stage.tool.say(held(), {"kind": "end", "reason": "memory"})
    stage.tool.end()
    stage.pass_s()
    assert len(stage.keeper.tools) == 1
    assert stage.pictures
    assert stage.last.message.startswith("The live view is paused: its reader needs more than 5")
    assert stage.last.hint == "The exact figures come from the capture, after the run."


def test_a_capture_of_another_memray_is_named(stage: Stage) -> None:
    stage.start()
    stage.tool.say({"kind": "end", "reason": "unreadable", "message": "incompatible \x1b]0;x"})
    stage.tool.end()
    stage.pass_s()
    assert stage.last.message == "memray cannot read the capture: incompatible ␛]0;x"
    assert len(stage.keeper.tools) == 1


def test_the_source_ends_when_the_process_has_ended_and_all_was_read(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "alive", lambda _: False)
    stage.start()
    stage.tool.say(held(last=True), {"kind": "end", "reason": "stream"})
    stage.tool.end()
    stage.pass_s()
    assert [picture.total_bytes for picture in stage.pictures] == [200]
    assert stage.last == SourceStatus("heap", SourceState.ENDED)
    assert stage.tool.closed
    assert stage.source.stop() == []


def test_tracking_that_ends_before_the_process_is_said(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "alive", lambda _: True)
    stage.start()
    stage.tool.say(held(last=True), {"kind": "end", "reason": "stream"})
    stage.tool.end()
    stage.pass_s()
    stage.pass_s(2.0)
    assert stage.state() is SourceState.DEGRADED
    assert stage.last.message == "The tracking has ended, and the process runs on."


def test_a_stop_asks_for_the_last_picture(stage: Stage) -> None:
    stage.start()
    tool = stage.tool
    tool.say(held())
    stage.pass_s()
    tool.say({**held("main;load 300x3", last=True)}, {"kind": "end", "reason": "stream"})
    tool.end()
    events = stage.source.stop()
    assert tool.interrupted
    assert tool.closed
    assert [type(event) for event in events][-2:] == [HeapSnapshot, SourceStatus]
    assert stage.source.stop() == []


def test_a_reader_that_just_begins_is_not_interrupted_before_it_has_said_anything(stage: Stage) -> None:
    stage.start()
    stage.source.stop()
    assert not stage.tool.interrupted


def test_a_stop_waits_for_no_reader_that_hangs(stage: Stage) -> None:
    stage.start()
    stage.source.stop()
    assert stage.tool.closed


def test_a_stop_starts_no_reader_again(stage: Stage) -> None:
    stage.start()
    stage.tool.end(-9)
    stage.source.stop()
    assert len(stage.keeper.tools) == 1


def test_a_reader_that_cannot_be_started_is_told(stage: Stage) -> None:
    stage.keeper.refuses = True
    stage.start()
    stage.pass_s()
    assert stage.last.message == "The live reader cannot be started: Cannot allocate memory."


def test_a_forked_child_that_has_ended_holds_nothing_any_more(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "alive", lambda pid: pid == WORKLOAD)
    stage.start(children=True)
    stage.tool.say(held())
    stage.capture.with_name("it.bin.100").write_bytes(b"memray")
    stage.pass_s()
    child = stage.tool
    child.say(message("main 4x1", pid=100))
    stage.pass_s()
    child.say(message("main 4x1", pid=100, last=True, frames=[]), {"kind": "end", "reason": "stream"})
    child.end()
    stage.pass_s()
    assert [(each.pid, each.total_bytes) for each in stage.pictures] == [
        (WORKLOAD, 200),
        (100, 4),
        (100, 4),
        (100, 0),
    ]


def test_each_forked_child_has_a_reader_up_to_a_number(stage: Stage) -> None:
    stage.start(children=True)
    stage.tool.say(held())
    for child in range(100, 102 + MOST_CHILDREN):
        stage.capture.with_name(f"it.bin.{child}").write_bytes(b"memray")
    stage.capture.with_name("it.bin.boot").write_text("{}")
    stage.pass_s()
    assert len(stage.keeper.tools) == 1 + MOST_CHILDREN
    assert stage.state() is SourceState.DEGRADED
    assert stage.last.hint == "The others are read after the run."
    # As soon as one of them has ended another is shown.
    stage.keeper.tools[1].say(message("main 4x1", pid=100, last=True), {"kind": "end", "reason": "stream"})
    stage.keeper.tools[1].end()
    stage.pass_s()
    stage.pass_s()
    assert len(stage.keeper.tools) == 2 + MOST_CHILDREN
    assert {picture.pid for picture in stage.pictures} == {WORKLOAD, 100}


def test_children_are_not_looked_for_where_they_are_not_traced(stage: Stage) -> None:
    stage.start()
    stage.capture.with_name("it.bin.100").write_bytes(b"memray")
    stage.pass_s()
    assert len(stage.keeper.tools) == 1


def test_without_memray_there_is_nothing_to_observe_with(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "_memray_is_here", lambda: False)
    with pytest.raises(ObserveError, match="memray is not installed"):
        stage.start()
