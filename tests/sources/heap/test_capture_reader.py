"""Captures read to their end: what comes of readers that tell all, tell nonsense, or die in the middle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from perftui.errors import ObserveError
from perftui.model.heap import Capture, HeapSnapshot, HeapTimeline, HeapView
from perftui.sources.base import Progress, SourceEvent, SourceState, SourceStatus
from perftui.sources.heap import capture_reader
from perftui.sources.heap.capture_reader import CaptureReader, captures_of, file_position
from tests.sources.heap.heaps import FakeKeeper, FakeTool, message

FACTS: dict[str, Any] = {"kind": "capture", "pid": 7, "high_watermark_bytes": 400, "python_allocator": "pymalloc"}
SHA = "ab" * 32


class Stage:
    """A reader of captures in a directory, whose processes say what the test has them say."""

    def __init__(self, directory: Path) -> None:
        self.shelf = directory / "captures"
        self.shelf.mkdir()
        self.keeper = FakeKeeper()
        self.seen: list[SourceEvent] = []

    def capture(self, name: str = "it.bin") -> Path:
        path = self.shelf / name
        path.write_bytes(b"memray\0" + b"x" * 93)
        return path

    def start(self, captures: Sequence[Path], *, keep: bool = True, **more: Any) -> None:
        self.reader = CaptureReader(
            captures,
            clock_zero_epoch_s=900.0,
            keeper=self.keeper,
            cwd=Path("/work"),
            keep_in=self.shelf if keep else None,
            **more,
        )
        self.reader.start()
        self.take()

    def take(self) -> None:
        self.seen += self.reader.poll(0.0)

    def tell(self, tool: FakeTool, *messages: dict[str, Any]) -> None:
        tool.say(*messages)
        self.take()

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.seen if isinstance(event, kind)]

    @property
    def result(self) -> Capture:
        found: Capture = self.of(Capture)[-1]
        return found

    def state(self) -> SourceState:
        status: SourceStatus = self.of(SourceStatus)[-1]
        return status.state


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    for tool in stage.keeper.tools:
        tool.close()


def begun(name: str) -> dict[str, Any]:
    return {"kind": "pass", "name": name}


def kept() -> dict[str, Any]:
    return {**FACTS, "file": f"{SHA}.bin", "sha256": SHA, "size_bytes": 44}


COMPLETE = {"kind": "end", "reason": "complete"}
TIMELINE = {"kind": "timeline", "pid": 7, "ms": [1_000_000], "heap": [5], "rss": [6]}


def test_everything_that_a_capture_tells_comes_as_soon_as_it_is_told(stage: Stage) -> None:
    stage.start([stage.capture()])
    (tool,) = stage.keeper.tools
    stage.tell(tool, begun("open"), FACTS, TIMELINE)
    assert len(stage.of(HeapTimeline)) == 1
    stage.tell(tool, begun("high_watermark"), message("main;load 400x2", view="high_watermark"))
    assert [snapshot.view for snapshot in stage.of(HeapSnapshot)] == [HeapView.HIGH_WATERMARK]
    assert stage.of(Capture) == []
    stage.tell(tool, begun("keep"), kept(), COMPLETE)
    assert stage.result == Capture(
        7,
        file=f"{SHA}.bin",
        sha256=SHA,
        size_bytes=44,
        complete=True,
        high_watermark_bytes=400,
        python_allocator="pymalloc",
    )
    assert stage.state() is SourceState.ENDED
    assert stage.of(Progress)[-1] == Progress("capture", "", 1.0)
    assert tool.closed
    assert list(stage.reader.stop()) == []


def test_a_kept_capture_leaves_neither_its_raw_file_nor_the_boot_s_report(stage: Stage) -> None:
    raw = stage.capture()
    report = stage.shelf / "it.bin.boot"
    report.write_text("{}")
    stage.start([raw])
    stage.tell(stage.keeper.tools[0], begun("keep"), kept(), COMPLETE)
    assert not raw.exists()
    assert not report.exists()


def test_a_capture_that_could_not_be_kept_stays_where_it_is(stage: Stage) -> None:
    raw = stage.capture()
    stage.start([raw])
    trouble = "The capture could not be kept: No space left on device."
    stage.tell(stage.keeper.tools[0], begun("keep"), {**FACTS, "trouble": trouble}, COMPLETE)
    assert raw.exists()
    assert stage.result.trouble == trouble
    assert stage.result.complete


def test_somebody_else_s_capture_is_never_removed(stage: Stage, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.bin"
    foreign.write_bytes(b"memray\0")
    for keep in (True, False):
        stage.start([foreign], keep=keep)
        stage.tell(stage.keeper.tools[-1], begun("keep"), kept() if keep else FACTS, COMPLETE)
        assert foreign.exists()


def test_an_own_capture_that_is_not_to_be_kept_is_removed_when_it_was_read(stage: Stage) -> None:
    raw = stage.capture()
    stage.start([raw], keep=False, own=True)
    assert stage.keeper.orders(0)["keep_in"] == ""
    stage.tell(stage.keeper.tools[0], begun("open"), FACTS, COMPLETE)
    assert not raw.exists()
    assert stage.result.file == ""
    assert stage.result.size_bytes == 100


def test_captures_are_read_one_after_the_other(stage: Stage) -> None:
    stage.start([stage.capture(), stage.capture("it.bin.8")])
    stage.tell(stage.keeper.tools[0], begun("open"), FACTS, COMPLETE)
    assert len(stage.keeper.tools) == 2
    assert stage.state() is SourceState.RUNNING
    stage.tell(stage.keeper.tools[1], begun("open"), {**FACTS, "pid": 8}, COMPLETE)
    assert [capture.pid for capture in stage.of(Capture)] == [7, 8]
    assert stage.state() is SourceState.ENDED


def test_a_reader_that_dies_is_followed_by_one_that_reads_the_rest(stage: Stage) -> None:
    stage.start([stage.capture()])
    first = stage.keeper.tools[0]
    stage.tell(first, begun("open"), FACTS, begun("high_watermark"), message("main 400x2", view="high_watermark"))
    first.say(begun("leaked"))
    first.end(-11)
    stage.take()
    assert stage.keeper.orders(1)["skip"] == ["open", "high_watermark", "leaked"]
    stage.tell(stage.keeper.tools[1], begun("open"), FACTS, begun("totals"), {**FACTS, "allocations": 5}, COMPLETE)
    assert not stage.result.complete
    assert stage.result.trouble == "The capture is damaged or foreign: memray ended with SIGSEGV."
    assert (stage.result.high_watermark_bytes, stage.result.allocations) == (400, 5)


def test_a_capture_that_brings_every_reader_down_is_given_up(stage: Stage) -> None:
    stage.start([stage.capture()])
    for name in ("open", "high_watermark", "leaked", "totals", "allocated", "temporary", "keep"):
        tool = stage.keeper.tools[-1]
        if name == "open":
            tool.say(begun("open"), FACTS, begun("high_watermark"))
        else:
            tool.say(begun(name))
        tool.end(-6)
        stage.take()
    assert stage.state() is SourceState.ENDED
    assert not stage.result.complete
    assert len(stage.keeper.tools) <= 7


def test_a_file_that_memray_refuses_is_told_in_one_sentence_and_tried_once(stage: Stage) -> None:
    raw = stage.capture()
    stage.start([raw])
    refusal = {"kind": "end", "reason": "unreadable", "message": "does not look like one.: iostream error"}
    stage.tell(stage.keeper.tools[0], begun("open"), refusal)
    assert len(stage.keeper.tools) == 1
    assert stage.result.trouble == "The capture is damaged or foreign: does not look like one.: iostream error."
    assert not stage.result.complete
    assert raw.exists()


def test_damage_that_memray_does_not_notice_leaves_the_capture_incomplete(stage: Stage) -> None:
    stage.start([stage.capture()])
    stage.tell(stage.keeper.tools[0], begun("open"), {**FACTS, "trouble": "Damaged.", "damaged": True}, COMPLETE)
    assert not stage.result.complete
    assert stage.result.trouble == "Damaged."


@pytest.mark.parametrize(("ended_s", "complete"), [(100.5, True), (107.0, False)], ids=["soon", "long before"])
def test_tracing_that_stopped_long_before_its_process_is_not_called_exact(
    ended_s: float, complete: bool, stage: Stage
) -> None:
    raw = stage.capture()
    stage.start([raw], keep=False, own=True, must_reach=(7, ended_s))
    leaked = message("main;load 200x2", view="leaked")
    stage.tell(stage.keeper.tools[0], begun("open"), FACTS, TIMELINE, begun("leaked"), leaked, COMPLETE)
    assert stage.result.complete == complete
    told = "" if complete else "The tracing stopped before the process ended (was the disk full?)."
    assert stage.result.trouble == told
    assert not raw.exists(), "all of it was read"


def test_a_reader_that_talks_nonsense_is_ended(stage: Stage) -> None:
    stage.start([stage.capture()])
    stage.tell(stage.keeper.tools[0], begun("open"))
    stage.keeper.tools[0].say_raw(b"Memray ERROR\n")
    stage.take()
    assert stage.keeper.tools[0].closed
    assert "cannot be understood" in stage.result.trouble


def test_a_capture_that_is_gone_is_told(stage: Stage) -> None:
    stage.start([stage.shelf / "nowhere.bin", stage.shelf / "nowhere.bin.33"])
    assert stage.keeper.tools == []
    assert [(capture.pid, capture.trouble) for capture in stage.of(Capture)] == [
        (0, "The capture is gone."),
        (33, "The capture is gone."),
    ]
    assert stage.state() is SourceState.ENDED


def test_a_stop_leaves_what_was_not_read_where_it_is(stage: Stage) -> None:
    raw, other = stage.capture(), stage.capture("it.bin.8")
    part = stage.shelf / "it.bin.part"
    part.write_bytes(b"half")
    stage.start([raw, other])
    stage.tell(stage.keeper.tools[0], begun("open"), FACTS, begun("leaked"))
    stage.seen += stage.reader.stop()
    assert stage.keeper.tools[0].closed
    assert raw.exists()
    assert other.exists()
    assert not part.exists()
    assert [(capture.pid, capture.complete) for capture in stage.of(Capture)] == [(7, False), (8, False)]
    assert stage.of(Capture)[0].high_watermark_bytes == 400
    assert stage.state() is SourceState.ENDED
    assert list(stage.reader.stop()) == []


def test_progress_only_grows(stage: Stage) -> None:
    stage.start([stage.capture(), stage.capture("it.bin.8")])
    for number in range(2):
        for name in ("open", "high_watermark", "leaked", "totals", "allocated", "temporary", "keep"):
            stage.reader._progress_at = 0.0
            stage.tell(stage.keeper.tools[number], begun(name))
        stage.tell(stage.keeper.tools[number], COMPLETE)
    shares = [progress.share for progress in stage.of(Progress)]
    assert shares == sorted(shares)
    assert len(set(shares)) > 10
    assert shares[-1] == 1.0


def test_a_preview_shows_what_is_held_and_gives_way_to_what_was_leaked(stage: Stage) -> None:
    stage.start([stage.capture()], preview=True)
    (preview,) = stage.keeper.tools
    assert stage.keeper.orders(0)["finished"] is True
    stage.tell(preview, message("main 90x1"))
    extraction = stage.keeper.tools[1]
    stage.tell(extraction, begun("leaked"), message("main 70x1", view="leaked"))
    assert [(each.view, each.total_bytes, each.exact) for each in stage.of(HeapSnapshot)] == [
        (HeapView.HELD, 90, False),
        (HeapView.LEAKED, 70, True),
        (HeapView.HELD, 70, True),
    ]
    assert preview.closed


def test_a_preview_that_has_nothing_to_show_is_not_waited_for_long(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture_reader, "_PREVIEW_FIRST_S", -1.0)
    stage.start([stage.capture()], preview=True)
    assert len(stage.keeper.tools) == 2


def test_a_preview_that_dies_is_no_loss(stage: Stage) -> None:
    stage.start([stage.capture()], preview=True)
    stage.keeper.tools[0].say_raw(b"nonsense\n")
    stage.take()
    stage.tell(stage.keeper.tools[1], begun("open"), FACTS, COMPLETE)
    assert stage.result.complete


def test_where_no_process_can_be_started_there_is_nothing_to_observe(stage: Stage) -> None:
    stage.keeper.refuses = True
    with pytest.raises(ObserveError, match="cannot be started"):
        stage.start([stage.capture()])


def test_the_captures_of_a_run_are_its_own_and_those_of_its_children(tmp_path: Path) -> None:
    capture = tmp_path / "it.bin"
    for name in ("it.bin", "it.bin.20", "it.bin.3", "it.bin.boot", "it.bin.3.part", "it2.bin", "other.bin.4"):
        (tmp_path / name).touch()
    assert [path.name for path in captures_of(capture)] == ["it.bin", "it.bin.3", "it.bin.20"]
    capture.unlink()
    assert [path.name for path in captures_of(capture)] == ["it.bin.3", "it.bin.20"]
    assert captures_of(tmp_path / "nowhere" / "it.bin") == []


def test_how_far_a_process_has_read_a_file_is_seen_from_outside(tmp_path: Path) -> None:
    import os

    path = tmp_path / "it.bin"
    path.write_bytes(b"x" * 100)
    assert file_position(os.getpid(), path) is None
    with path.open("rb", buffering=0) as file, path.open("rb", buffering=0):
        file.read(40)
        assert file_position(os.getpid(), path) == 40
