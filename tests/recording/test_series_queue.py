"""Application metrics on their way to a viewer that may have stalled."""

from __future__ import annotations

import pytest

from perftui.model.series import Series, SeriesValues
from perftui.model.session import SessionMeta
from perftui.recording import series_queue
from perftui.recording.feed import Feed
from perftui.recording.series_queue import SeriesQueue
from perftui.recording.update import Phase, Update
from tests.storage.sessions import meta

QUEUE = Series("queue")


def look(at: int) -> SeriesValues:
    return SeriesValues(float(at), ((QUEUE, float(at)),))


def update(session: SessionMeta, *at: int) -> Update:
    return Update(session, Phase.RUNNING, 1.0, series=tuple(map(look, at)))


def test_what_a_viewer_has_not_taken_is_merged_in_order() -> None:
    feed = Feed()
    session = meta("20260102-030405-abcd")
    feed.publish(update(session, 1, 2))
    feed.publish(update(session, 3))
    taken = feed.take()
    assert taken is not None
    assert [one.at_s for one in taken.series] == [1.0, 2.0, 3.0]
    feed.publish(update(session))
    later = feed.take()
    assert later is not None
    assert list(later.series) == []


def test_a_stalled_viewer_gets_fewer_moments_over_all_of_the_time_and_the_newest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(series_queue, "MOST_PENDING", 10)
    queue = SeriesQueue()
    for at in range(100):
        queue.extend([look(at)])
    moments = [one.at_s for one in queue.take()]
    assert len(moments) <= 10
    assert moments[-1] == 99.0
    assert moments[0] < 30.0
    assert moments == sorted(moments)
    assert queue.take() == ()
