"""What a part of a watch takes over from the part before: moments on its own clock, and the processes that run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.processes import ProcessRecords
from perftui.model.process import Process, ProcessReading, ProcessReadings
from perftui.model.reading import ResourceReading
from perftui.model.sample import SampleWindow
from perftui.recording.watch_plan import LiveProcesses, moved


def test_a_moment_is_on_the_clock_of_its_part_and_a_little_early_is_at_its_beginning() -> None:
    reading = moved(ResourceReading(12.5, cpu_percent=3.0), 10.0)
    assert reading == ResourceReading(2.5, cpu_percent=3.0)
    assert moved(ResourceReading(9.99), 10.0) == ResourceReading(0.0)
    window = moved(SampleWindow(9.9, 12.0, 0.01, frames=(), threads=()), 10.0)
    assert isinstance(window, SampleWindow)
    assert (window.start_s, window.end_s) == (0.0, 2.0)


@given(st.lists(st.sets(st.integers(1, 6)), min_size=2, max_size=12), st.data())
def test_a_part_knows_every_process_that_it_has_readings_of(alive: list[set[int]], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(alive) - 1))
    live, part, began_s, told = LiveProcesses(), ProcessRecords(), 0.0, set[int]()
    for i, pids in enumerate(alive):
        if i == cut:
            live.cut()
            part, began_s = ProcessRecords(), i - 0.5
        at_s = float(i)
        news = [Process(pid, 0.25, name=f"p{pid}") for pid in pids - told]
        news += [Process(pid, 0.25, ended_s=at_s) for pid in told - pids]
        readings = tuple(ProcessReading((pid, 0.25), rss_bytes=1.0) for pid in pids)
        look = moved(live.seen(ProcessReadings(at_s, tuple(news), readings)), began_s)
        assert isinstance(look, ProcessReadings)
        part.apply(look)
        told = pids
        for pid in pids:
            record = part.newest()[pid]
            assert record.last is not None
            assert record.process.name == f"p{pid}" or i < cut
