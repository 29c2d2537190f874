"""Metrics and marks in what a workload prints."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.model.session import Event, EventKind, OutputChunk
from perftui.recording.output_lines import OutputLines
from perftui.units import Unit

OUTPUT = b"""\
starting
perftui: mark cache is warm
perftui: gauge latency 12 ms
  perftui:gauge queue 7
perftui: count orders
perftui: count orders 4
perftui: count orders -4
perftui: progress 3 10
perftui: progress done=4 total=10
perftui: gauge queue much
perftui: gauge queue
perftui: progress half
perftui: colour queue 1
no perftui: gauge queue 9
"""
TOLD = {
    Series("latency"): 0.012,
    Series("queue"): 7.0,
    Series("orders", kind=SeriesKind.COUNTER): 5.0,
    Series("progress_done"): 4.0,
    Series("progress_total"): 10.0,
}


@given(st.lists(st.integers(0, len(OUTPUT)), max_size=6))
def test_lines_tell_however_the_output_is_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(OUTPUT)]
    lines = OutputLines()
    told: list[SeriesValues | Event] = []
    for number, (start, end) in enumerate(itertools.pairwise(places)):
        told += lines.hear(OutputChunk(number * 0.04, OUTPUT[start:end]))
    told += lines.rest()
    assert [event.text for event in told if isinstance(event, Event)] == ["cache is warm"]
    values: dict[Series, float] = {}
    for each in told:
        if isinstance(each, SeriesValues):
            values |= dict(each.values)
    assert values == TOLD


def test_what_was_told_last_is_told_in_time_although_nothing_more_is_printed() -> None:
    lines = OutputLines()
    assert lines.hear(OutputChunk(1.0, b"perftui: gauge queue 1\n"))
    assert lines.hear(OutputChunk(1.05, b"perftui: gauge queue 5000\n")) == []
    assert lines.due(1.07) == []
    (values,) = lines.due(1.2)
    assert values == SeriesValues(1.05, ((Series("queue"), 5000.0),))
    assert lines.due(1.3) == []


def test_a_counter_goes_on_after_what_is_no_number_and_what_is_left_out_is_said() -> None:
    lines = OutputLines()
    told = lines.hear(OutputChunk(0.0, b"".join(b"perftui: count c %s\n" % amount for amount in (b"2", b"inf", b"3"))))
    assert told == [SeriesValues(0.0, ((Series("c", kind=SeriesKind.COUNTER), 5.0),))]
    assert lines.left_out == ""
    lines.hear(OutputChunk(1.0, b"".join(b"perftui: gauge g%d 1\n" % number for number in range(510))))
    assert lines.left_out == "11 of what the output told left out"


@given(st.binary())
def test_any_output_is_heard(data: bytes) -> None:
    lines = OutputLines()
    lines.hear(OutputChunk(0.0, b"perftui: gauge " + data + b"\nperftui: progress " + data + b"\n"))
    lines.rest()


@pytest.mark.parametrize("asked", [True, False])
def test_a_recording_takes_lines_for_metrics_where_that_was_asked(tmp_path: Path, asked: bool) -> None:
    from perftui.model.workload import RecordMode, Workload
    from perftui.recording.plan import RecordingPlan
    from perftui.recording.recorder import Recorder

    command = (sys.executable, "-Sc", "print('perftui: gauge heap 3 KiB'); print('perftui: mark end')")
    plan = RecordingPlan(tmp_path / "sessions", Workload(command, tmp_path), mode=RecordMode.CPU, lines=asked)
    recorder = Recorder(plan)
    recorder.start()
    assert recorder.wait(60)
    model = recorder.result()
    assert {series.name: (history.last, series.unit) for series, history in model.series.all.items()} == (
        {"heap": (3_072.0, Unit.BYTES)} if asked else {}
    )
    assert [event.text for event in model.events if event.kind is EventKind.MARK] == (["end"] if asked else [])
