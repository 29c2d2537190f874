"""Derived series of a recording: stored with it, alerted of, and judged the same live and from the file."""

from __future__ import annotations

import os
from pathlib import Path

from perftui.budgets.load import load_budget, parse_budget
from perftui.model.derivation import DERIVED
from perftui.model.reading import ResourceReading
from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.model.session import Event, EventKind
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.plan import RecordingPlan
from perftui.recording.playback import open_playback
from perftui.recording.saved_verdicts import judge_saved
from perftui.sources.base import Source, SourceEvent
from perftui.sources.replay import ReplaySource
from perftui.storage.session_file import open_session
from tests.recording.test_recorder import Played, recorded

BUDGET = """
[metrics.p95]
quantile = { series = "latency_seconds", q = 0.95 }
over = "3s"
target_ms = 20
limit_ms = 80
[metrics.errors]
ratio = ["requests", "requests"]
labels = { code = "5.." }
over = "3s"
limit = "50%"
[metrics.qps]
rate = "requests"
min = 100
[metrics.cache]
ratio = ["hits", "requests"]
limit = "10%"
[metrics.step]
delta = "queue"
between = ["loading", "loaded"]
limit = 50
[alerts.errors]
warn_pct = 25
"""


def look(at_s: float, slow: float, failed: float) -> SeriesValues:
    counts = {"0.01": 40 * at_s - slow, "0.1": 40 * at_s, "+Inf": 40 * at_s}
    latency = (
        (Series("latency_seconds_bucket", "shop", SeriesKind.BUCKET, (("le", bound),)), count)
        for bound, count in counts.items()
    )
    requests = (
        (Series("requests_total", "shop", SeriesKind.COUNTER, (("code", code),)), count)
        for code, count in (("200", 40 * at_s - failed), ("500", failed))
    )
    return SeriesValues(at_s, (*latency, *requests, (Series("queue", "shop"), 10.0 * at_s)))


def seen() -> list[SeriesValues | Event]:
    looks: list[SeriesValues | Event] = [
        look(float(at), slow=5.0 * at, failed=max(0.0, 30.0 * (at - 4))) for at in range(1, 9)
    ]
    looks.insert(2, Event(2.5, EventKind.MARK, "loading"))
    looks.insert(6, Event(5.5, EventKind.MARK, "loaded"))
    return looks


def verdicts(found: list[RuleVerdict] | tuple[RuleVerdict, ...]) -> dict[str, tuple[Verdict, float | None]]:
    return {
        verdict.rule: (verdict.verdict, None if verdict.current is None else round(verdict.current, 6))
        for verdict in found
        if verdict.rule.startswith("metrics")
    }


def test_derived_series_are_judged_the_same_live_and_saved(tmp_path: Path) -> None:
    file = tmp_path / "b.toml"
    file.write_text(BUDGET)
    recorder = recorded(tmp_path, seen(), budget=file)
    assert recorder.path is not None
    live = recorder.model.verdicts
    assert verdicts(live) == {
        "metrics.p95": (Verdict.WARN, 0.064),
        "metrics.errors": (Verdict.FAIL, 75.0),
        "metrics.qps.min": (Verdict.FAIL, 40.0),
        "metrics.cache": (Verdict.MISSING, None),
        "metrics.step": (Verdict.PASS, 40.0),
    }
    saved = open_session(recorder.path)
    assert judge_saved([saved], parse_budget(BUDGET, file)) == [*live]
    model = open_playback(recorder.path).model
    derived = [series.name for series in model.series.all if series.origin == DERIVED]
    assert derived == ["p95", "errors", "qps", "step"]
    (alert,) = [event for event in model.events if event.kind is EventKind.ALERT]
    assert alert.text.startswith("errors WARN: 50.0 % > 25.0 %")

    other = parse_budget('[metrics.slow]\nrate = "requests"\nlabels = { code = "500" }\nover = "run"\nlimit = 10\n')
    (verdict,) = judge_saved([saved], other)
    assert (verdict.verdict, round(verdict.current or 0, 3)) == (Verdict.FAIL, round(120 / 7, 3))


class AsTheyCome(Played):
    """A recording of which some things come later than others of their time."""

    def _sources(self) -> list[Source]:
        (source,) = super()._sources()
        assert isinstance(source, ReplaySource)
        source._timed = [(0.0, event) for event in self._events]
        return [source]


def test_what_comes_late_has_the_same_verdict_live_and_saved(tmp_path: Path) -> None:
    file = tmp_path / "b.toml"
    file.write_text('[metrics.step]\ndelta = "rss"\nbetween = ["loading", "loaded"]\nlimit = "1MB"\n')
    readings = [ResourceReading(float(at), rss_bytes=at * at * 1_000_000) for at in range(1, 7)]
    loading, loaded = (Event(at_s, EventKind.MARK, name) for at_s, name in ((1.95, "loading"), (3.95, "loaded")))
    # Marks are on their way for a moment, in which the meters may be read.
    seen: list[SourceEvent] = [*readings[:2], loading, *readings[2:4], loaded, *readings[4:]]
    plan = RecordingPlan(tmp_path, attach_pid=os.getpid(), budget=load_budget(file), budget_path=file)
    recorder = AsTheyCome(plan, seen)
    recorder.start()
    assert recorder.wait(30)
    assert recorder.path is not None
    live = recorder.model.verdicts
    assert verdicts(live) == {"metrics.step": (Verdict.FAIL, 21_000_000.0)}
    assert judge_saved([open_session(recorder.path)], load_budget(file)) == [*live]
