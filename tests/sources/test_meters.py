"""The meters keep their beat, say what is withheld, and end with their target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from perftui.model.reading import ResourceReading
from perftui.sources.base import SourceEvent, SourceState, SourceStatus
from perftui.sources.looks import MachineLook, ProcessLook
from perftui.sources.meters import Meters
from perftui.sources.tree_ledger import Count

TARGET = ProcessLook((7, 0.0), old=True, cpu_s=Count(1.0), rss_bytes=1.0, threads=1, open_files=3)
TARGET = replace(TARGET, read_bytes=Count(0), written_bytes=Count(0), switches={7: 1.0})


class World:
    """A clock, a way to sleep, and a process tree that shows what it is told to."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.tree: Sequence[ProcessLook] = [TARGET]
        self.slept_s: list[float] = []
        self.look_takes_s = 0.0

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_s += seconds

    def look(self) -> Sequence[ProcessLook]:
        self.now_s += self.look_takes_s
        return self.tree

    def meters(self, interval_s: float | Callable[[], float] = 1.0) -> Meters:
        meters = Meters(
            7, clock=self.clock, watch=self, machine=MachineLook, cores=2, interval_s=interval_s, sleep=self.sleep
        )
        meters.start()
        return meters


@pytest.fixture
def world() -> World:
    return World()


def readings(events: Sequence[SourceEvent]) -> list[float]:
    return [event.at_s for event in events if isinstance(event, ResourceReading)]


def states(events: Sequence[SourceEvent]) -> list[SourceState]:
    return [event.state for event in events if isinstance(event, SourceStatus)]


def test_the_first_reading_comes_at_once_with_word_that_it_works(world: World) -> None:
    events = world.meters().poll(0.5)
    assert states(events) == [SourceState.RUNNING]
    assert readings(events) == [0.0]
    assert world.slept_s == []


def test_the_next_reading_comes_after_the_interval_and_not_before(world: World) -> None:
    meters = world.meters()
    meters.poll(0)
    seen = [readings(meters.poll(0.3)) for _ in range(8)]
    assert seen == [[], [], [], [pytest.approx(1.0)], [], [], [], [pytest.approx(2.0)]]


def test_an_interval_that_becomes_another_one_moves_the_next_reading(world: World) -> None:
    pace = [30.0]
    meters = world.meters(lambda: pace[0])
    meters.poll(0)
    assert [readings(meters.poll(1.0)) for _ in range(10)] == [[]] * 10
    pace[0] = 1.0
    assert readings(meters.poll(0)) == [10.0], "a second has passed long ago"
    assert readings(meters.poll(1.0)) == [11.0]
    pace[0] = 30.0
    assert [readings(meters.poll(1.0)) for _ in range(29)] == [[]] * 29
    assert readings(meters.poll(1.0)) == [41.0]


def test_a_poll_never_waits_longer_than_asked(world: World) -> None:
    meters = world.meters()
    meters.poll(0)
    meters.poll(0.25)
    meters.poll(0)
    meters.poll(-1)
    assert world.slept_s == [0.25, 0.0, 0.0]


def test_a_late_reading_is_not_made_up_for_in_a_burst(world: World) -> None:
    meters = world.meters()
    meters.poll(0)
    world.now_s = 5.2
    assert readings(meters.poll(0)) == [5.2]
    assert readings(meters.poll(0)) == []
    assert readings(meters.poll(2)) == [pytest.approx(6.0)]


def test_a_reading_just_before_the_beat_skips_it(world: World) -> None:
    meters = world.meters()
    meters.poll(0)
    world.now_s = 1.8
    meters.poll(0)
    assert readings(meters.poll(5)) == [pytest.approx(3.0)]


def test_a_look_that_takes_longer_than_the_interval_leaves_the_beat_but_not_the_series(world: World) -> None:
    world.look_takes_s = 2.5
    meters = world.meters()
    at_s = [at for _ in range(4) for at in readings(meters.poll(10))]
    assert at_s == sorted(at_s)
    assert len(at_s) == 4


def test_the_series_ends_with_the_target(world: World) -> None:
    meters = world.meters()
    meters.poll(0)
    world.tree = []
    events = meters.poll(2)
    assert states(events) == [SourceState.ENDED]
    assert readings(events) == []
    assert meters.poll(1) == ()
    assert meters.stop() == ()


def test_after_the_end_a_poll_waits_so_that_its_caller_does_not_spin(world: World) -> None:
    world.tree = []
    meters = world.meters()
    meters.poll(0)
    meters.poll(0.4)
    assert world.slept_s == [0.4]


def test_a_target_that_is_gone_before_the_first_look_is_an_end_and_no_error(world: World) -> None:
    world.tree = []
    assert states(world.meters().poll(0)) == [SourceState.ENDED]


def test_stopping_brings_a_last_reading_once(world: World) -> None:
    meters = world.meters()
    meters.poll(0)
    world.now_s = 0.6
    events = meters.stop()
    assert readings(events) == [0.6]
    assert states(events) == [SourceState.ENDED]
    assert meters.stop() == ()


def test_stopping_right_after_a_reading_brings_no_second_one(world: World) -> None:
    meters = world.meters()
    meters.poll(0)
    world.now_s = 0.05
    assert readings(meters.stop()) == []


def test_stopping_before_the_first_poll_is_quiet(world: World) -> None:
    assert states(world.meters().stop()) == [SourceState.ENDED]


def test_what_the_system_withholds_is_said_once_and_taken_back(world: World) -> None:
    meters = world.meters()
    meters.poll(0)
    world.tree = [replace(TARGET, open_files=None, denied=True)]
    first, second = meters.poll(2), meters.poll(2)
    assert states(first) == [SourceState.DEGRADED]
    status = first[0]
    assert isinstance(status, SourceStatus)
    assert "open files" in status.message
    assert "sudo" in status.hint
    assert states(second) == []
    world.tree = [TARGET]
    assert states(meters.poll(2)) == [SourceState.RUNNING]


def test_what_the_system_does_not_have_is_not_worth_a_word(world: World) -> None:
    world.tree = [replace(TARGET, read_bytes=None, written_bytes=None)]
    meters = world.meters()
    meters.poll(0)
    assert states(meters.poll(2)) == []


def test_an_interval_of_nothing_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="interval_s"):
        world.meters(interval_s=0)
