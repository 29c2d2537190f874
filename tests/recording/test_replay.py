from __future__ import annotations

from scenes import DEMO

from perftui.analysis.alerting import standings
from perftui.budgets.load import parse_budget
from perftui.model.alert import AlertLevel
from perftui.recording.playback import open_playback
from perftui.recording.replay import Replay
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase
from perftui.storage.session_file import open_session


def test_a_replay_in_steps_ends_where_the_saved_session_is() -> None:
    replay = Replay(open_session(DEMO))
    model = SessionModel(replay.meta)
    for at_s in (1.0, 2.5, 9.0, 20.0):
        replay.advance(at_s)
        update = replay.feed.take()
        assert update is not None
        model.apply(update)
        assert model.elapsed_s == at_s
        assert model.aggregate.end_s <= at_s
        assert model.phase is Phase.RUNNING
    replay.finish()
    update = replay.feed.take()
    assert update is not None
    model.apply(update)
    whole = open_playback(DEMO).model
    assert list(model.aggregate.tree.total_count) == list(whole.aggregate.tree.total_count)
    assert len(model.readings) == len(whole.readings)
    assert model.meta == whole.meta


def test_a_replay_never_tells_of_what_is_to_come() -> None:
    replay = Replay(open_session(DEMO))
    replay.advance(3.0)
    update = replay.feed.take()
    assert update is not None
    assert all(reading.at_s <= 3.0 for reading in update.readings)
    assert all(chunk.at_s <= 3.0 for chunk in update.output)


def test_a_replay_tells_of_alerts_when_they_would_have_fired() -> None:
    replay = Replay(open_session(DEMO), budget=parse_budget('[alerts.rss]\nwarn = "150MB"\ncritical = "240MB"'))
    model = SessionModel(replay.meta)
    seen = []
    for at_s in (5.0, 12.0, 23.0):
        replay.advance(at_s)
        update = replay.feed.take()
        assert update is not None
        model.apply(update)
        seen.append([(change.level, change.number) for change in update.alerts])
        assert all(change.at_s <= at_s for change in update.alerts)
    assert seen == [[], [(AlertLevel.WARN, 1)], [(AlertLevel.CRITICAL, 2)]]
    (standing,) = standings(model.events)
    assert (standing.level, standing.fired) == (AlertLevel.CRITICAL, 2)
