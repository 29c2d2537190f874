"""What waits for a viewer gets coarser and not shorter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.backlog import fewer_looks, fewer_readings
from perftui.model.reading import ResourceReading
from perftui.model.sample import Thread, ThreadLook, ThreadLooks

value = st.one_of(st.none(), st.floats(0.0, 1e6))


@given(st.lists(st.tuples(value, value), max_size=60), st.integers(1, 40))
def test_of_fewer_readings_the_peaks_and_the_latest_are_the_same(
    values: list[tuple[float | None, float | None]], most: int
) -> None:
    readings = [ResourceReading(float(i), cpu_percent=cpu, heap_bytes=heap) for i, (cpu, heap) in enumerate(values)]
    kept = fewer_readings(readings, most)
    assert len(kept) <= most
    assert len(readings) > most or kept == readings
    for metric in ("cpu_percent", "heap_bytes", "rss_bytes"):
        peaks = [
            max((known for each in these if (known := getattr(each, metric)) is not None), default=None)
            for these in (readings, kept)
        ]
        assert peaks[0] == peaks[1]
    assert [each.at_s for each in kept[-1:]] == [each.at_s for each in readings[-1:]]
    assert sorted(kept, key=lambda each: each.at_s) == kept


def test_of_very_many_looks_the_old_ones_are_fewer_and_the_new_ones_all_there() -> None:
    looks = [ThreadLooks(float(i), ()) for i in range(100)]
    kept = fewer_looks(looks, 80)
    assert kept[-50:] == looks[-50:]
    assert [each.at_s for each in kept[:3]] == [1.0, 3.0, 5.0]
    assert len(kept) == 75


def test_looks_at_many_threads_are_fewer_than_looks_at_few() -> None:
    thread = ThreadLook(Thread(1, 1), active=True, holds_gil=False)
    looks = [ThreadLooks(float(i), (thread,) * 128) for i in range(100)]
    kept = fewer_looks(looks, 80, most_threads=40 * 128)
    assert len(kept) <= 40
    assert kept[-1] == looks[-1]
    assert fewer_looks(looks[:1], 80, most_threads=1) == looks[:1]
