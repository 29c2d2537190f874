"""A replay hands over what was recorded, when it was recorded."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.model.reading import ResourceReading
from perftui.model.sample import SampleWindow, ThreadLooks
from perftui.sources.base import Source, SourceEvent, SourceState, SourceStatus
from perftui.sources.replay import ReplaySource
from tests.builders import window

ENDED = SourceStatus("pyspy", SourceState.ENDED)


class Clock:
    """Time that passes only in sleep."""

    def __init__(self, now_s: float = 0.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now_s += seconds


def replay(*events: SourceEvent, clock: Clock | None = None, speed: float = 1.0) -> tuple[ReplaySource, Clock]:
    clock = clock or Clock()
    source = ReplaySource(events, clock=clock, speed=speed, sleep=clock.sleep)
    source.start()
    return source, clock


def reading(at_s: float) -> ResourceReading:
    return ResourceReading(at_s=at_s)


def played(source: Source, timeout_s: float = 0.25, polls: int = 100) -> list[SourceEvent]:
    return [event for _ in range(polls) for event in source.poll(timeout_s)]


def recorded(events: Sequence[SourceEvent]) -> list[SourceEvent]:
    return [event for event in events if not (isinstance(event, SourceStatus) and event.source == "replay")]


def test_events_come_when_their_time_has_come() -> None:
    source, clock = replay(reading(1.0), reading(2.0))
    assert [len(source.poll(0.5)) for _ in range(3)] == [0, 1, 0]
    assert clock.now_s == 1.5


def test_a_window_comes_at_its_end_and_looks_at_their_moment() -> None:
    first, second = window("main", start_s=0.0, end_s=0.5), ThreadLooks(0.2, ())
    source, _ = replay(first, second)
    assert recorded(played(source)) == [second, first]


def test_a_status_comes_with_the_event_before_it() -> None:
    status = SourceStatus("pyspy", SourceState.DEGRADED)
    source, clock = replay(status, reading(3.0), status)
    assert source.poll(0) == [status]
    source.poll(5)
    assert clock.now_s == 3.0


def test_twice_the_speed_takes_half_the_time_and_leaves_the_stamps() -> None:
    source, clock = replay(reading(4.0), speed=2.0)
    events = source.poll(10)
    assert clock.now_s == 2.0
    assert recorded(events) == [reading(4.0)]


def test_infinite_speed_plays_everything_at_once() -> None:
    source, clock = replay(reading(1.0), reading(1e6), ENDED, speed=math.inf)
    assert source.poll(1) == [reading(1.0), reading(1e6), ENDED]
    assert clock.now_s == 0.0


def test_time_runs_from_the_start_and_not_from_the_clock_s_own_beginning() -> None:
    source, clock = replay(reading(1.0), clock=Clock(50.0))
    assert recorded(source.poll(5)) == [reading(1.0)]
    assert clock.now_s == 51.0


def test_nothing_comes_before_the_start() -> None:
    clock = Clock(9.0)
    source = ReplaySource([reading(0.0)], clock=clock, sleep=clock.sleep)
    assert source.poll(1) == ()


def test_the_end_is_said_once_where_the_recording_does_not_say_it() -> None:
    source, _ = replay(reading(0.0))
    events = played(source)
    assert [event.state for event in events if isinstance(event, SourceStatus)] == [SourceState.ENDED]
    assert source.stop() == ()


def test_an_end_that_was_recorded_is_not_said_again() -> None:
    source, _ = replay(reading(0.0), ENDED)
    assert played(source) == [reading(0.0), ENDED]


def test_an_empty_recording_ends_at_once() -> None:
    source, clock = replay()
    assert len(source.poll(1)) == 1
    assert clock.now_s == 0.0


def test_stopping_says_so_once_and_keeps_back_what_was_not_due() -> None:
    source, _ = replay(reading(5.0))
    (status,) = source.stop()
    assert isinstance(status, SourceStatus)
    assert status.state is SourceState.ENDED
    assert source.stop() == ()
    assert played(source) == []


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan])
def test_a_speed_that_goes_nowhere_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        ReplaySource([], clock=Clock(), speed=speed)


moments = st.floats(0, 100, allow_nan=False)


@given(
    at_s=st.lists(moments, max_size=30),
    timeout_s=st.floats(0.01, 50),
    speed=st.floats(0.1, 1000),
)
def test_everything_comes_once_in_order_of_time_and_never_early(
    at_s: list[float], timeout_s: float, speed: float
) -> None:
    clock = Clock()
    source, _ = replay(*(reading(at) for at in at_s), clock=clock, speed=speed)
    seen: list[float] = []
    while not (events := source.poll(timeout_s)) or not isinstance(events[-1], SourceStatus):
        for event in events:
            assert isinstance(event, ResourceReading)
            assert event.at_s / speed <= clock.now_s
            seen.append(event.at_s)
    seen += [event.at_s for event in events if isinstance(event, ResourceReading)]
    assert seen == sorted(at_s)


@given(st.lists(st.one_of(st.builds(reading, st.floats()), st.just(ENDED)), max_size=20))
def test_hostile_times_lose_no_event(events: list[SourceEvent]) -> None:
    source, _ = replay(*events, speed=math.inf)
    assert len(recorded(source.poll(0))) == len(events)


def test_a_window_is_handed_over_as_it_was() -> None:
    whole = window("main;work", "main", end_s=0.5)
    source, _ = replay(whole)
    (event, *_) = played(source)
    assert isinstance(event, SampleWindow)
    assert event is whole


@pytest.mark.parametrize(
    ("message", "hint", "told"),
    [
        ("the disk is full", "free some space", "the disk is full: free some space"),
        ("It is slow.", "Wait.", "It is slow. Wait."),
        ("It is slow.", "", "It is slow."),
        ("", "", ""),
    ],
)
def test_a_status_and_its_remedy_are_told_apart(message: str, hint: str, told: str) -> None:
    assert SourceStatus("pyspy", SourceState.FAILED, message, hint).told == told
