"""A real web service under a bounded load from another process: what it tells of itself beside what is seen of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from perftui.budgets.load import load_budget
from perftui.model.verdict import Verdict
from perftui.recording.playback import open_playback
from perftui.recording.saved_verdicts import judge_saved
from perftui.storage.session_file import open_session

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "examples" / "parcels.py"
VISIT_S = 9.0
BUDGET = """
[scrape.parcels]
url = "http://127.0.0.1:{port}/metrics"
interval = "500ms"
match = ["request*"]
[metrics.p95]
quantile = {{ series = "request_seconds", q = 0.95 }}
over = "2s"
target = "1ms"
limit = "10s"
[metrics.requests_per_s]
rate = "requests"
over = "2s"
min = 1
[metrics.errors]
ratio = ["requests", "requests"]
labels = {{ code = "5.." }}
over = "run"
limit = "0.01%"
[metrics.misspelt]
rate = "reqests"
limit = 1
[alerts.p95]
warn = "50ms"
for = "1s"
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def text_at(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def test_a_web_service_under_load_is_seen_from_both_sides(tmp_path: Path) -> None:
    port, page = free_port(), free_port()
    file = tmp_path / "budget.toml"
    file.write_text(BUDGET.format(port=port))
    environment = os.environ | {"PERFTUI_HOME": str(tmp_path / "home")}
    words = ["record", "--mode", "both", "--json", "--quiet", "--budget", str(file), "--serve-metrics", str(page)]
    serve = [sys.executable, str(SERVICE), "serve", "--port", str(port), "--seconds", "100"]
    recording = subprocess.Popen(
        [sys.executable, "-m", "perftui", *words, "--", *serve],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        visit = [sys.executable, str(SERVICE), "visit", "--port", str(port), "--seconds", str(VISIT_S)]
        subprocess.run(visit, check=True, timeout=VISIT_S * 10)
        own = text_at(f"http://127.0.0.1:{page}/metrics")
    finally:
        recording.send_signal(signal.SIGINT)
        out, err = recording.communicate(timeout=60)
    told = json.loads(out)
    path = Path(told["path"])
    assert path.is_file(), err.decode()

    assert 'perftui_metric{name="p95",unit="s"}' in own
    assert 'perftui_verdict{rule="metrics.errors",verdict="fail"} 1.0' in own

    model = open_playback(path).model
    lanes = {lane.label for lane in model.timeline.lanes()}
    assert {"running", "CPU", "RSS", "heap", "p95", "requests_per_s", "errors", "requests_answering"} <= lanes
    names = {frame.function for frame in model.aggregate.tree.functions}
    assert any(name.startswith("shared_towns") for name in names)

    verdicts = {verdict.rule: verdict for verdict in model.verdicts}
    p95, errors = verdicts["metrics.p95"], verdicts["metrics.errors"]
    assert (p95.verdict, errors.verdict) == (Verdict.WARN, Verdict.FAIL)
    assert p95.current is not None
    assert 0.05 < p95.current < 10
    assert "p95 of request_seconds over 2 s (bucketed estimate)" in p95.reason
    assert verdicts["metrics.requests_per_s.min"].verdict is Verdict.PASS
    assert verdicts["metrics.misspelt"].verdict is Verdict.MISSING
    again = judge_saved([open_session(path)], load_budget(file))
    assert [(verdict.rule, verdict.verdict, verdict.current) for verdict in again] == [
        (verdict.rule, verdict.verdict, verdict.current) for verdict in model.verdicts
    ]

    alerts = [event for event in model.events if event.subject.startswith("alerts.p95")]
    assert (alerts[0].subject, alerts[-1].subject) == ("alerts.p95=warn", "alerts.p95=ok")
    (history,) = model.series.named("p95").values()
    fired_s, cleared_s = alerts[0].at_s, alerts[-1].at_s
    # It held for a second before it fired, and was calm for three readings before it cleared.
    held = history.between(fired_s - 0.9, fired_s + 0.1)
    calm = history.between(cleared_s - 0.9, cleared_s + 0.1)
    assert held is not None
    assert calm is not None
    assert held.low > 0.05 >= calm.high
