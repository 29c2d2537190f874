"""What readers print becomes snapshots, and nothing that they could print brings anything else about."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.model.heap import SMALLER, Capture, HeapTimeline, HeapView
from perftui.sources.heap.records import Records
from perftui.sources.heap.stacks import Pruning
from perftui.sources.heap.wire import Lines, PassBegun, Picture, ReaderEnd, WireError
from tests.sources.heap.heaps import ALL, collapsed, line, message, records

HEAP = "main;load 200x2\nmain;parse 50x3 [thread 2]\nmain 5x1"


def decoded(**told: Any) -> Picture:
    said = Lines(epoch_s=900.0).decode(line(**told))
    assert isinstance(said, Picture)
    return said


def test_a_picture_arrives_as_it_was_seen() -> None:
    snapshot = decoded(**message(HEAP, view="leaked")).snapshot
    assert collapsed(snapshot) == ["main 5x1", "main;load 200x2", "main;parse 50x3"]
    assert (snapshot.view, snapshot.pid, snapshot.at_s) == (HeapView.LEAKED, 7, 100.0)
    assert (snapshot.total_bytes, snapshot.allocations, snapshot.stacks) == (255, 6, 3)
    assert (snapshot.reader_rss_bytes, snapshot.refresh_s, snapshot.exact) == (5, 0.25, True)
    assert [thread.tid for thread in snapshot.threads] == [1, 2]
    assert {snapshot.frames[row.frame].function: row.total_bytes for row in snapshot.functions} == {
        "main": 255,
        "load": 200,
        "parse": 50,
    }


def test_frames_are_told_once_and_known_from_then_on() -> None:
    source, lines = Records(7, ""), Lines(epoch_s=0.0)
    rest = {"at": 1.0}
    first = source.message("held", records("main;load 5x1"), ALL)
    second = source.message("held", records("main;load 9x1\nmain;parse 4x2"), ALL)
    assert [frame[0] for frame in second["frames"]] == ["parse"]
    lines.decode(line(**first, **rest))
    said = lines.decode(line(**second, **rest))
    assert isinstance(said, Picture)
    assert collapsed(said.snapshot) == ["main;load 9x1", "main;parse 4x2"]


def test_a_snapshot_carries_no_frame_that_it_does_not_use() -> None:
    source, lines = Records(7, ""), Lines(epoch_s=0.0)
    lines.decode(line(**source.message("held", records("main;load 5x1"), ALL), at=1.0))
    said = lines.decode(line(**source.message("held", records("other 4x2"), ALL), at=1.0))
    assert isinstance(said, Picture)
    assert [frame.function for frame in said.snapshot.frames] in (["other"], [SMALLER, "other"])


def test_what_is_smaller_stands_below_its_nearest_listed_caller() -> None:
    heap = "main;load;big 1000x1\n" + "\n".join(f"main;load;tiny{number};leaf 1x1" for number in range(9))
    snapshot = decoded(**message(heap, pruning=Pruning(share=0.1, nodes=3))).snapshot
    assert collapsed(snapshot) == [f"main;load;{SMALLER} 9x9", "main;load;big 1000x1"]
    assert sum(row.self_bytes for row in snapshot.functions) == 1009


def test_names_are_data_whatever_they_say() -> None:
    told = message("main 5x1")
    told["frames"] = [["\ud800\x1b[31m", "z" * 10_000, -3] for _ in told["frames"]]
    frame = decoded(**told).snapshot.frames[-1]
    assert frame.function == "?\x1b[31m"
    assert len(frame.file) == 4096
    assert frame.line == 0


def test_the_other_lines_of_a_reader_are_understood() -> None:
    lines = Lines(epoch_s=1.0)
    assert lines.decode(line(kind="pass", name="open")) == PassBegun("open")
    assert lines.decode(line(kind="end", reason="memory")) == ReaderEnd("memory")
    timeline = lines.decode(line(kind="timeline", pid=3, ms=[500, 2000, 3000], heap=[1, 2, 3], rss=[4, 5, 6]))
    assert isinstance(timeline, HeapTimeline)
    # What was before the recording began is no part of it.
    assert (timeline.pid, list(timeline.at_s), list(timeline.heap_bytes)) == (3, [1.0, 2.0], [2.0, 3.0])
    capture = lines.decode(line(kind="capture", pid=3, high_watermark_bytes=9, high_watermark_at=4.0, damaged=True))
    assert capture == Capture(3, high_watermark_bytes=9, high_watermark_at_s=3.0, complete=False)


@pytest.mark.parametrize(
    "change",
    [
        {"bytes": 254},
        {"count": 5},
        {"count": -6},
        {"bytes": True},
        {"view": "sideways"},
        {"nodes": [0, 1, 0]},
        {"nodes": [1, 1]},
        {"nodes": [-1, 1]},
        {"nodes": [0, 99]},
        {"nodes": [0, -1]},
        {"nodes": "no"},
        {"nodes": [0, 1.5]},
        {"nodes": [0, 1 << 70]},
        {"cells": [0, 99, 255, 6]},
        {"cells": [9, 1, 255, 6]},
        {"cells": [0, 1, 256, 6, 0, 2, -1, 0]},
        {"cells": [0, 1, 250, 5, 0, 1, 5, 1]},
        {"cells": None},
        {"functions": [99, 0, 0, 0, 0]},
        {"functions": [0, -1, 0, 0, 0]},
        {"threads": [[1]]},
        {"threads": [["1", "x"]]},
        {"threads": [[1 << 64, "x"]]},
        {"frames": [[1]]},
        {"frames": 5},
        {"at": "now"},
        {"at": float("nan")},
        {"at": float("inf")},
        {"at": None},
        {"pid": None},
        {"rss": "much"},
        {"cpu_s": []},
        {"kind": "else"},
    ],
)
def test_a_picture_that_cannot_be_is_refused(change: dict[str, object]) -> None:
    told = {**message(HEAP), **change}
    with pytest.raises(WireError):
        Lines(epoch_s=0.0).decode(line(**told))


@pytest.mark.parametrize(
    "raw", [b"", b"Memray ERROR: ...", b"[]", b"7", b"{}", b"[" * 100_000, b"\xff\xfe", b'{"kind":["snapshot"]}']
)
def test_a_line_that_is_no_message_is_refused(raw: bytes) -> None:
    with pytest.raises(WireError):
        Lines(epoch_s=0.0).decode(raw)


@pytest.mark.parametrize(
    "change",
    [
        {"ms": [2, 1]},
        {"ms": [1, 1]},
        {"heap": [1]},
        {"rss": [1, -1]},
        {"rss": [1, float("nan")]},
        {"heap": [float("inf"), 1]},
        {"ms": [1, "2"]},
        {"ms": None},
        {"pid": -1},
        {"heap": [1, None]},
    ],
)
def test_a_timeline_that_cannot_be_is_refused(change: dict[str, object]) -> None:
    told = {"kind": "timeline", "pid": 1, "ms": [1, 2], "heap": [1, 2], "rss": [1, 2], **change}
    with pytest.raises(WireError):
        Lines(epoch_s=0.0).decode(line(**told))


@given(st.data())
def test_a_damaged_line_is_refused_or_understood_and_nothing_else_happens(data: st.DataObject) -> None:
    whole = json.dumps(message(HEAP)).encode()
    place = data.draw(st.integers(0, len(whole) - 1))
    patch = data.draw(st.one_of(st.binary(max_size=4), st.sampled_from([b"9", b"-", b"null", b"]", b"1e999", b"NaN"])))
    cut = data.draw(st.integers(0, 8))
    try:
        said = Lines(epoch_s=0.0).decode(whole[:place] + patch + whole[place + cut :])
    except WireError:
        return
    if isinstance(said, Picture):
        snapshot = said.snapshot
        assert sum(cell[2] for cell in snapshot.cells) == snapshot.total_bytes
        assert all(0 <= row.frame < len(snapshot.frames) for row in snapshot.functions)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)
KINDS = ["snapshot", "timeline", "capture", "pass", "end"]
KEYS = [*message(HEAP), "ms", "heap", "name", "reason", "high_watermark_bytes", "high_watermark_at", "size_bytes"]


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(KEYS), values))
def test_no_message_whatever_its_values_brings_anything_but_a_refusal(kind: str, rest: dict[str, Any]) -> None:
    try:
        Lines(epoch_s=0.0).decode(line(**{**rest, "kind": kind}))
    except WireError:
        return
