"""Application metrics over the axis of time: derived ones first, counters as rates, whatever a name holds."""

from __future__ import annotations

from perftui.analysis.series_histories import SeriesHistories
from perftui.analysis.time_index import TimeIndex
from perftui.analysis.timeline import Lane, Timeline, scale_of
from perftui.model.derivation import DERIVED
from perftui.model.reading import ResourceReading
from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.units import Unit

P95 = Series("p95", DERIVED, unit=Unit.SECONDS)
QUEUE = Series("queue")
SENT = Series("sent_bytes_total", "web", SeriesKind.COUNTER, unit=Unit.BYTES)
BUCKET = Series("latency_bucket", "web", SeriesKind.BUCKET, (("le", "1"),))

CREATED = Series("sent_bytes_created", "web")


def timeline(*looks: SeriesValues) -> Timeline:
    histories = SeriesHistories()
    made = Timeline(histories)
    for look in looks:
        histories.add(look)
        made.told(look)
    return made


def seen() -> Timeline:
    return timeline(
        *(
            SeriesValues(
                float(at), ((SENT, 100.0 * at), (BUCKET, 1.0), (CREATED, 1.8e9), (QUEUE, 10.0 + at), (P95, 0.1 * at))
            )
            for at in range(10)
        )
    )


def test_derived_series_stand_below_the_first_meters_and_the_others_at_the_end() -> None:
    made = seen()
    made.reading(ResourceReading(at_s=1.0, cpu_percent=5.0, threads=3))
    lanes = made.lanes()
    assert [lane.label for lane in lanes] == ["running", "CPU", "p95", "threads", "queue", "sent_bytes_total/s"]
    assert [lane.key for lane in lanes if lane.told] == ["metrics.p95", "series::queue", "series:web:sent_bytes_total"]


def lane_of(made: Timeline, label: str) -> Lane:
    return next(lane for lane in made.lanes() if lane.label == label)


def test_a_counter_is_drawn_as_what_it_grows_by() -> None:
    made, times = seen(), TimeIndex()
    sent = lane_of(made, "sent_bytes_total/s")
    assert sent.unit is Unit.BYTES_PER_SECOND
    assert made.columns(sent, 5, start_s=0.0, end_s=10.0, times=times).high == (100.0,) * 5
    assert made.latest(sent, times=times, now_s=9.5) == made.peak(sent) == 100.0


def test_a_share_that_is_small_is_seen() -> None:
    errors = Lane("metrics.errors", "errors", Unit.PERCENT, told=True)
    assert (scale_of(errors, 2.1), scale_of(Lane("cpu_percent", "CPU", Unit.PERCENT), 2.1)) == (3.0, 100.0)


def test_what_a_range_held_is_told() -> None:
    made = seen()
    assert made.span(lane_of(made, "queue"), 2.0, 5.0) == (12.0, 13.0, 14.0)
    assert made.span(lane_of(made, "running"), 2.0, 5.0) is None
    assert made.worst(lane_of(made, "queue"), 1.0, times=TimeIndex()) == ((8.0, 9.0), 9.0)
    assert made.worst(lane_of(made, "queue"), 1.0, times=TimeIndex(), beside=[(8.0, 9.0)]) is None


def test_a_lane_changes_with_what_comes_and_one_of_another_recording_is_empty() -> None:
    made = seen()
    queue = lane_of(made, "queue")
    assert made.stamp(queue) == made.stamp(lane_of(made, "p95"))
    other = timeline(SeriesValues(1.0, ((P95, 1.0),)))
    assert other.columns(queue, 2, start_s=0.0, end_s=2.0, times=TimeIndex()).high == (None, None)
    assert other.stamp(queue) != made.stamp(queue)


def test_a_name_from_outside_is_made_safe_to_draw() -> None:
    (lane,) = (lane for lane in timeline(SeriesValues(0.0, ((Series("a\x1b[31m"), 1.0),))).lanes() if lane.told)
    assert "\x1b" not in lane.label
