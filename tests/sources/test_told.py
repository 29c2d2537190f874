"""What a workload told: collected within bounds, with units, over processes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.errors import ObserveError
from perftui.model.series import Series, SeriesKind, SeriesValues, is_value
from perftui.model.session import Event, EventKind
from perftui.sources import told_tally
from perftui.sources.base import SourceEvent, SourceState, SourceStatus
from perftui.sources.told import Channel, ToldMetrics
from perftui.sources.told_tally import Tally, Told, unit_of
from perftui.units import Unit


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    made = Channel(tmp_path)
    yield made
    made.close()


def line(kind: str, name: str, value: float = 0.0, unit: str = "", teller: str = "1.1", moment: float = 0.0) -> bytes:
    return f"{kind}\t{teller}\t{moment or time.monotonic():.6f}\t{value!r}\t{unit}\t{name}\n".encode()


def told_through(channel: Channel, *lines: bytes) -> list[SourceEvent]:
    """What the source makes of lines, in one step and at its end."""
    began = time.monotonic()
    source = ToldMetrics(channel, clock=lambda: time.monotonic() - began)
    source.start()
    pipe = os.open(channel.path, os.O_WRONLY | os.O_NONBLOCK)
    for each in lines:
        os.write(pipe, each)
    os.close(pipe)
    return [*source.poll(0.0), *source.stop(), *source.stop()]


def test_values_of_a_step_are_the_last_of_each_series_and_counters_add_up_over_processes(channel: Channel) -> None:
    events = told_through(
        channel,
        line("gauge", "queue", 5),
        line("gauge", "latency", 250, "ms"),
        line("count", "orders", 10, teller="1.1"),
        line("count", "orders", 2, teller="2.2"),
        line("count", "orders", 9, teller="1.1"),
        line("mark", " warm\x1b now "),
        line("gauge", "queue", 7),
    )
    mark, values = events
    assert isinstance(mark, Event)
    assert (mark.kind, mark.text) == (EventKind.MARK, "warm␛ now")
    assert isinstance(values, SeriesValues)
    assert dict(values.values) == {
        Series("queue"): 7.0,
        Series("latency"): 0.25,
        Series("orders", kind=SeriesKind.COUNTER): 12.0,
    }
    assert [series.unit for series, _ in values.values] == [Unit.COUNT, Unit.SECONDS, Unit.COUNT]


def test_a_moment_of_another_clock_is_now(channel: Channel) -> None:
    events = told_through(channel, line("mark", "one", moment=1.0), line("mark", "two", moment=1e12))
    assert [0.0 <= event.at_s < 5.0 for event in events if isinstance(event, Event)] == [True, True]


def test_what_is_no_line_is_left_out_and_said(channel: Channel) -> None:
    events = told_through(
        channel,
        b"\0\xff nonsense\n\n",
        b"x" * 5_000 + b"\n",
        line("gauge", "queue", float("nan")),
        line("gauge", "", 1.0),
        line("colour", "queue", 1.0),
        b"gauge\t1\tnow\tmuch\t\tqueue\n",
        line("dropped", "", 94),
    )
    (status,) = events
    assert isinstance(status, SourceStatus)
    assert (status.state, status.message) == (SourceState.DEGRADED, "101 of what the workload told were left out")


def test_names_and_marks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told_tally, "MOST_NAMES", 2)
    monkeypatch.setattr(told_tally, "MOST_MARKS", 60)
    tally = Tally()
    for number in range(4):
        tally.take(Told("gauge", f"g{number}", 1.0))
        tally.take(Told("count", f"c{number}", 1.0))
    for number in range(200):
        tally.take(Told("mark", "again", at_s=number // 100))
    values = tally.drain()
    assert len([each for each in values if isinstance(each, Event)]) == 60
    assert [series.name for each in values if isinstance(each, SeriesValues) for series, _ in each.values] == [
        "g0",
        "c0",
    ]
    assert tally.dropped == 6 + 140
    assert tally.drain() == []
    tally.take(Told("mark", "the next day of a watch", at_s=86_401.0))
    assert len(tally.drain()) == 1


def test_without_a_channel_the_source_says_why_and_ends() -> None:
    source = ToldMetrics(None, clock=lambda: 0.0, problem="no room for a pipe")
    source.start()
    said = [status for status in source.poll(0.0) if isinstance(status, SourceStatus)]
    assert [(one.state, one.message) for one in said] == [
        (SourceState.DEGRADED, "no room for a pipe"),
        (SourceState.ENDED, ""),
    ]
    assert source.stop() == ()


def test_where_no_pipe_can_be_made_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(ObserveError, match="cannot tell its metrics"):
        Channel(tmp_path / "missing")


@given(st.lists(st.builds(Told, st.text(), st.text(), st.floats(), st.text(), st.floats(0, 10), st.text()), max_size=5))
def test_whatever_is_told_values_are_values_and_all_is_kept_or_counted(everything: list[Told]) -> None:
    tally = Tally()
    for told in everything:
        tally.take(told)
    for each in tally.drain():
        if isinstance(each, SeriesValues):
            assert all(is_value(value) for _, value in each.values)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), min_size=1).map(
        lambda steps: [
            (teller, sum(n for t, n in steps[: at + 1] if t == teller)) for at, (teller, _) in enumerate(steps)
        ]
    )
)
def test_a_counter_is_the_sum_of_what_its_processes_counted(sums: list[tuple[str, int]]) -> None:
    tally = Tally()
    for teller, total in sums:
        tally.take(Told("count", "orders", float(total), teller=teller))
    (values,) = tally.drain()
    assert isinstance(values, SeriesValues)
    assert values.values[0][1] == sum(dict(sums).values())


@pytest.mark.parametrize(
    ("word", "unit", "factor"),
    [
        ("", Unit.COUNT, 1.0), ("orders", Unit.COUNT, 1.0), ("ms", Unit.SECONDS, 1e-3), ("MB", Unit.BYTES, 1e6),
        ("%", Unit.PERCENT, 1.0), ("/s", Unit.PER_SECOND, 1.0), ("MiB/s", Unit.BYTES_PER_SECOND, float(1 << 20)),
        ("μs", Unit.SECONDS, 1e-6),
    ],
)  # fmt: skip
def test_units_are_told_by_their_word(word: str, unit: Unit, factor: float) -> None:
    assert unit_of(word) == (unit, factor)
