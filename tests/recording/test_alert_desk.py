"""The alerts of a recording: events in the session, notices on the screen, and what is said at the end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from perftui.analysis.alerting import standings
from perftui.budgets.load import parse_budget
from perftui.model.alert import AlertLevel
from perftui.model.reading import ResourceReading
from perftui.model.session import Event, EventKind
from perftui.recording.alert_actions import AlertActions
from perftui.recording.alert_desk import AlertDesk
from perftui.recording.alerts import AlertWatch, Severity
from perftui.recording.playback import open_playback
from perftui.recording.session_model import SessionModel
from perftui.recording.summary import document
from perftui.recording.update import Phase, Update
from tests.recording.test_recorder import recorded
from tests.storage.sessions import meta

BUDGET = """
[alerts.cpu]
warn = 70
critical = 90
for = "1s"
action = ["notify", "bell"]
warn_action = []
[alerts.queue_size]
warn = 500
"""


def readings(*cpu: float) -> list[ResourceReading]:
    return [ResourceReading(float(i), cpu_percent=each) for i, each in enumerate(cpu)]


def test_an_alert_is_an_event_of_the_session_and_in_its_document(tmp_path: Path) -> None:
    file = tmp_path / "b.toml"
    file.write_text(BUDGET)
    recorder = recorded(tmp_path, readings(95, 95, 95, 10, 10, 10), budget=file)
    assert recorder.path is not None
    model = open_playback(recorder.path).model
    alerts = [event for event in model.events if event.kind is EventKind.ALERT]
    assert [(event.at_s, event.text) for event in alerts[:2]] == [
        (1.0, "CPU CRITICAL: 95.0 % > 90.0 % for 1.00 s"),
        (5.0, "CPU clear: 10.0 %, after 4.00 s critical"),
    ]
    assert alerts[2].text == "alert of queue_size: nothing measured it, so it was not judged"
    told = document(model, recorder.path)
    assert told["alerts"] == [{"alert": "cpu", "level": "ok", "since_s": 5.0, "fired": 1}]
    assert {"at_s": 1.0, "kind": "alert", "subject": "alerts.cpu=critical", "text": alerts[0].text} in told["events"]


def test_notices_are_as_the_actions_ask_for_them() -> None:
    log: list[Event] = []
    desk = AlertDesk(parse_budget(BUDGET).alerts, log=log.append, actions=AlertActions(stop=str))
    model, watch = SessionModel(meta()), AlertWatch()
    told = []
    for reading in readings(80, 80, 95, 95, 10, 10, 10):
        model.apply(replace(Update(meta(), Phase.RUNNING, reading.at_s), alerts=tuple(desk.reading(reading, meta()))))
        told += [(alert.severity, alert.noticed, alert.rings) for alert in watch.news(model)]
    assert told == [
        (Severity.WARNING, False, False),
        (Severity.ERROR, True, True),
        (Severity.INFORMATION, True, False),
    ]
    assert len(log) == 3


def test_an_end_is_always_explained() -> None:
    rules = parse_budget('[alerts.cpu]\ncritical = 90\naction = "stop"').alerts
    desk = AlertDesk(rules, log=lambda _: None, actions=AlertActions(stop=str))
    model, watch = SessionModel(meta()), AlertWatch()
    changes = tuple(desk.reading(ResourceReading(1.0, cpu_percent=95.0), meta()))
    model.apply(replace(Update(meta(), Phase.RUNNING, 1.0), alerts=changes))
    assert [(alert.noticed, alert.text) for alert in watch.news(model)] == [
        (True, "alert: CPU CRITICAL: 95.0 % > 90.0 %")
    ]


def test_an_alert_that_an_edit_of_the_file_left_alone_stands_as_it_stood() -> None:
    desk = AlertDesk(parse_budget(BUDGET).alerts, log=lambda _: None, actions=AlertActions(stop=str))
    assert [change.level for reading in readings(95, 95) for change in desk.reading(reading, meta())] == [
        AlertLevel.CRITICAL
    ]
    desk.reload(parse_budget(BUDGET.replace("500", "600")).alerts, 1.5)
    assert desk.reading(ResourceReading(2.0, cpu_percent=95.0), meta()) == []
    assert [change.rule.warn for change in desk.value("queue_size", 3.0, 700, meta())] == [600]


def test_an_alert_that_an_edit_changed_or_took_away_does_not_stand_for_ever() -> None:
    log: list[Event] = []
    desk = AlertDesk(parse_budget(BUDGET).alerts, log=log.append, actions=AlertActions(stop=str))
    for reading in readings(95, 95):
        desk.reading(reading, meta())
    desk.reload(parse_budget(BUDGET.replace("90", "98")).alerts, 1.5)
    assert [(stand.level, stand.fired) for stand in standings(log)] == [(AlertLevel.OK, 1)]
    assert log[-1].text == "CPU no longer CRITICAL: an edit of the budget changed this alert, or took it away"
    desk.reload((), 1.7)
    assert len(log) == 2, "what is calm needs no word"


def test_what_is_usual_and_measured_by_nothing_is_not_spoken_of() -> None:
    log: list[Event] = []
    desk = AlertDesk(parse_budget("[alerts]\ndefaults = true").alerts, log=log.append, actions=AlertActions(stop=str))
    desk.finish(9.0, lambda: True)
    assert log == []
