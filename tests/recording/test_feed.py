from __future__ import annotations

from dataclasses import replace

import pytest

from perftui.analysis.aggregate import Aggregate, delta_of
from perftui.analysis.stack_table import StackTable
from perftui.analysis.time_order import ORDER_S
from perftui.model.operation import Operation
from perftui.model.reading import ResourceReading
from perftui.model.sample import ThreadLooks
from perftui.model.session import OutputChunk, SessionKind, SessionMeta, SessionState
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.feed import MAX_PENDING_READINGS, Feed
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase, Update
from perftui.sources.base import SourceState, SourceStatus
from perftui.units import Unit
from tests.builders import window

META = SessionMeta(
    "20260101-000000-aaaa", "run", SessionKind.LAUNCHED, SessionState.RECORDING, "2026-01-01T00:00:00+00:00"
)
PASSED = RuleVerdict("resources.wall", "wall", "wall_s", Unit.SECONDS, 1.0, None, 2.0, Verdict.PASS)


def update(at_s: float) -> Update:
    return Update(META, Phase.RUNNING, at_s)


def test_nothing_new_is_nothing() -> None:
    feed = Feed()
    assert feed.take() is None
    feed.publish(update(1.0))
    assert feed.take() == update(1.0)
    assert feed.take() is None


def test_a_viewer_that_comes_late_gets_all_in_one_and_the_latest_state() -> None:
    table, feed, direct = StackTable(), Feed(), Aggregate()
    for i in range(5):
        delta = delta_of(table.intern(window("main;work", f"main;f{i}", start_s=i, end_s=i + 1)), after_s=float(i))
        direct.apply(delta)
        feed.publish(replace(update(float(i)), delta=delta, readings=(ResourceReading(float(i)),)))
    taken = feed.take()
    assert taken is not None
    assert taken.elapsed_s == 4.0
    assert [reading.at_s for reading in taken.readings] == [0, 1, 2, 3, 4]
    late = Aggregate()
    assert taken.delta is not None
    late.apply(taken.delta)
    assert list(late.tree.total_count) == list(direct.tree.total_count)
    assert late.sampled_s == direct.sampled_s == 5.0


def test_verdicts_are_not_lost_by_an_update_that_has_none() -> None:
    feed = Feed()
    feed.publish(replace(update(1.0), verdicts=(PASSED,)))
    feed.publish(update(2.0))
    taken = feed.take()
    assert taken is not None
    assert taken.verdicts == (PASSED,)


def test_a_status_is_not_lost_by_an_update_that_has_none() -> None:
    feed = Feed()
    failed = SourceStatus("cpu", SourceState.FAILED, "No permission.")
    slow, fine = SourceStatus("disk", SourceState.DEGRADED, "Full."), SourceStatus("disk", SourceState.RUNNING)
    feed.publish(replace(update(1.0), statuses={"cpu": failed, "disk": slow}))
    feed.publish(replace(update(2.0), statuses={"disk": fine}))
    feed.publish(update(3.0))
    taken = feed.take()
    assert taken is not None
    assert taken.statuses == {"cpu": failed, "disk": fine}
    feed.publish(update(4.0))
    taken = feed.take()
    assert taken is not None
    assert not taken.statuses


def test_what_waits_for_a_stalled_viewer_is_bounded_and_reaches_back_to_when_it_stalled() -> None:
    feed = Feed()
    for i in range(MAX_PENDING_READINGS + 100):
        reading = ResourceReading(float(i), cpu_percent=300.0 if i == 40 else 5.0)
        feed.publish(replace(update(float(i)), readings=(reading,), looks=(ThreadLooks(float(i), ()),)))
    taken = feed.take()
    assert taken is not None
    for waiting in (taken.readings, taken.looks):
        assert MAX_PENDING_READINGS / 2 < len(waiting) <= MAX_PENDING_READINGS
        assert waiting[0].at_s == 1.0
        assert waiting[-1].at_s == MAX_PENDING_READINGS + 99
    assert [each.at_s for each in taken.readings if each.cpu_percent == 300.0] == [41.0]


def test_output_that_floods_is_cut_at_its_beginning_and_the_cut_is_told() -> None:
    feed = Feed(output_bytes=1000)
    for i in range(10):
        feed.publish(replace(update(float(i)), output=(OutputChunk(float(i), bytes([65 + i]) * 300),)))
    taken = feed.take()
    assert taken is not None
    note, *rest = taken.output
    assert b"2.05 KiB came too fast" in note.data
    assert b"".join(chunk.data for chunk in rest) == b"H" * 300 + b"I" * 300 + b"J" * 300
    feed.publish(replace(update(11.0), output=(OutputChunk(11.0, b"calm"),)))
    taken = feed.take()
    assert taken is not None
    assert [chunk.data for chunk in taken.output] == [b"calm"]


def test_the_order_of_samples_waits_for_a_stalled_viewer_only_as_long_as_it_would_keep_it() -> None:
    table, feed = StackTable(), Feed()
    for second in range(200):
        record = table.intern(window("main;work", start_s=float(second), end_s=second + 1.0))
        feed.publish(replace(update(float(second)), orders=(record.order,)))
    taken = feed.take()
    assert taken is not None
    assert taken.orders[-1].end_s == 200.0
    assert taken.orders[0].start_s == pytest.approx(200.0 - ORDER_S, abs=1.0)
    feed.publish(update(201.0))
    again = feed.take()
    assert again is not None
    assert not again.orders


def test_operations_wait_for_a_viewer_that_comes_late_and_stay_with_the_model() -> None:
    feed, model = Feed(), SessionModel(META)
    measured = (Operation("memory", "recall", runs=((0.045, 0.046),)),)
    feed.publish(replace(update(1.0), operations=measured))
    feed.publish(update(2.0))
    for moment in (feed.take(), update(3.0)):
        assert moment is not None
        model.apply(moment)
        assert model.operations == measured
