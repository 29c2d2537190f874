"""Application metrics of a recording: the same live and saved, judged by alerts, told in documents and reports."""

from __future__ import annotations

import json
from pathlib import Path

from perftui.cli.report import session_text
from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.model.session import Event, EventKind
from perftui.recording.playback import open_playback
from perftui.recording.redacted_series import redacted_series
from perftui.recording.replay import Replay
from perftui.recording.summary import document
from perftui.reports.session_csv import session_csv
from perftui.reports.session_sheet import session_sheet
from perftui.storage.session_file import open_session
from perftui.units import Unit
from tests.recording.test_recorder import recorded

QUEUE = Series("queue", unit=Unit.BYTES)
GOOD = Series("requests_total", "shop", SeriesKind.COUNTER, (("code", "200"),))
BUCKET = Series("seconds_bucket", "shop", SeriesKind.BUCKET, (("le", "0.1"),), Unit.SECONDS)
LOOKS = [
    SeriesValues(
        float(at), ((QUEUE, 100.0 * at), (GOOD, 10.0 * at), (BUCKET, float(at)), (Series("[red]\x1b[31m"), 1e90))
    )
    for at in range(1, 8)
]
MARK = Event(2.5, EventKind.MARK, "cache is warm")
BUDGET = """
[alerts.queue]
warn = 450
[alerts.'requests_total{code="200"}']
warn = 65
"""


def test_metrics_are_the_same_live_and_saved_and_alerts_judge_them(tmp_path: Path) -> None:
    file = tmp_path / "b.toml"
    file.write_text(BUDGET)
    recorder = recorded(tmp_path, [*LOOKS, MARK], budget=file)
    live = recorder.model.series
    assert recorder.path is not None
    playback = open_playback(recorder.path)
    saved = playback.model.series
    assert list(saved.all) == list(live.all)
    for series, history in saved.all.items():
        other = live.all[series]
        assert (history.count, history.last, history.peak) == (other.count, other.last, other.peak)
        assert history.columns(7, start_s=1.0, end_s=8.0) == other.columns(7, start_s=1.0, end_s=8.0)
    texts = [event.text for event in playback.model.events if event.kind is EventKind.ALERT]
    assert [text.partition(":")[0] for text in texts] == ["queue WARN", 'requests_total{code="200"} WARN']

    replay = Replay(open_session(recorder.path))
    replay.advance(4.0)
    update = replay.feed.take()
    assert update is not None
    assert tuple(update.series) == tuple(LOOKS[:4])

    told = document(playback.model, recorder.path)
    json.dumps(told, allow_nan=False)
    assert told["marks"] == [{"at_s": 2.5, "name": "cache is warm"}]
    assert told["metrics"][0] == {
        "name": "queue", "labels": {}, "origin": "workload", "kind": "gauge", "unit": "bytes", "n": 7, "last": 700.0,
        "min": 100.0, "mean": 400.0, "max": 700.0,
    }  # fmt: skip
    assert (told["metrics"][1]["last"], told["metrics"][1]["mean"]) == (70.0, None)

    text = session_text(playback.model, recorder.path, top=3)
    (queue,) = (line.split() for line in text.splitlines() if line.startswith("queue"))
    assert queue == ["queue", "workload", "7", "700", "B", "100", "B", "400", "B", "700", "B"]
    assert "1 histogram of 1 bucket not listed" in text
    assert "cache is warm" in text
    assert "\x1b" not in text
    sheet = session_sheet(playback.model, recorder.path, None, top=3)
    tables = {table.title: table.rows for table in sheet.tables}
    assert tables["Application metrics"][1].cells == (
        'requests_total{code="200"}',
        "shop",
        "7",
        "70",
        "",
        "counter",
        "",
    )
    assert tables["Marks"][0].cells == ("2.50 s", "cache is warm")
    assert "metric,queue,mean,400.0,bytes\n" in session_csv(playback.model, (), top=3)


def test_strangers_are_told_no_names_and_series_that_differed_stay_apart() -> None:
    hosts = tuple((Series("up", labels=(("host", name),)), float(at)) for at, name in enumerate(("ada", "eve")))
    told = redacted_series([SeriesValues(1.0, hosts)], lambda text: "***" if text in ("ada", "eve") else text)
    names = [series.text for series, _ in told[0].values]
    assert names == ['up{host="***"}', 'up{host="***",redacted="2"}']
