"""The page /metrics of a recording: what it says, what it refuses, and that nobody can hold it up."""

from __future__ import annotations

import socket
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from perftui.errors import UsageError
from perftui.model.alert import AlertChange, AlertLevel, AlertRule
from perftui.model.derivation import DERIVED
from perftui.model.reading import ResourceReading
from perftui.model.sample import ProfileDelta
from perftui.model.series import Series, SeriesValues
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.metrics_page import MetricsPage
from perftui.recording.plan import RecordingPlan, ServeAt
from perftui.recording.update import Phase, Update
from perftui.units import Unit

META = SessionMeta(id="abc", name="shop", kind=SessionKind.LAUNCHED, state=SessionState.RECORDING, created="")
QUEUE = AlertRule("queue", "queue", Unit.COUNT, 5.0, 9.0)
CALM = AlertRule("cpu", "cpu_percent", Unit.PERCENT, 70.0, 90.0)
JUDGED = RuleVerdict('functions."a.py:f"', "f", "share", Unit.PERCENT, 1.0, None, 2.0, Verdict.PASS)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[MetricsPage]:
    made = MetricsPage(RecordingPlan(tmp_path, usual_alerts=(QUEUE, CALM)), ServeAt(0))
    made.start()
    yield made
    made.close()


def update(at_s: float, **news: object) -> Update:
    return Update(META, Phase.RUNNING, at_s, **news)  # type: ignore[arg-type]


def read(page: MetricsPage) -> dict[str, float]:
    """Every value, by the way Prometheus writes its name."""
    with urllib.request.urlopen(page.url, timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        text = answer.read().decode()
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sample.labels.items())
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def test_target_recording_alerts_and_verdicts_are_told_under_their_names(page: MetricsPage) -> None:
    first = ResourceReading(at_s=1.0, cpu_percent=50.0, rss_bytes=1e6, open_files=7, threads=3)
    page.take(update(1.0, readings=(first,), delta=ProfileDelta(weights={(1, 1): (0.5, 40)}, failed=2, late_s=0.1)))
    second = ResourceReading(at_s=3.0, cpu_percent=200.0, rss_bytes=2e6, open_files=8)
    fired = AlertChange(QUEUE, 1, 3.0, 7.0, AlertLevel.WARN, AlertLevel.OK, 0.0)
    told = SeriesValues(3.0, ((Series("p95", DERIVED, unit=Unit.SECONDS), 0.02), (Series("queue"), 7.0)))
    page.take(update(3.0, readings=(second,), alerts=(fired,), verdicts=(JUDGED,), series=(told,), own_cpu_percent=4.0))
    found = read(page)
    assert found.pop("perftui_own_resident_memory_bytes") > 1e6
    assert found == {
        "process_cpu_seconds_total": 4.5,
        "process_resident_memory_bytes": 2e6,
        "process_open_fds": 8,
        "perftui_recording{session=abc,workload=shop}": 1,
        "perftui_recording_seconds": 3,
        "perftui_samples_total": 40,
        "perftui_sampled_seconds_total": 0,
        "perftui_failed_samples_total": 2,
        "perftui_late_seconds_total": 0.1,
        "perftui_own_cpu_ratio": 0.04,
        "perftui_alert_level{alert=queue}": 1,
        "perftui_alert_level{alert=cpu}": 0,
        'perftui_verdict{rule=functions."a.py:f",verdict=pass}': 1,
        "perftui_metric{name=p95,unit=s}": 0.02,
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/metrics", 405),
        ("GET", "/etc/passwd", 404),
        ("GET", "/metrics?name=x", 200),
        ("HEAD", "/metrics", 200),
    ],
)
def test_nothing_else_is_answered(page: MetricsPage, method: str, path: str, status: int) -> None:
    host, port = page._listener.getsockname()
    asking = HTTPConnection(host, port, timeout=10)
    asking.request(method, path)
    answer = asking.getresponse()
    assert answer.status == status
    assert bool(answer.read()) is (method != "HEAD")
    asking.close()


def test_who_says_nothing_or_nonsense_keeps_nobody_from_reading(
    page: MetricsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perftui.recording.metrics_page._REQUEST_S", 0.2)
    where = page._listener.getsockname()
    silent = [socket.create_connection(where) for _ in range(3)]
    with socket.create_connection(where) as visitor:
        visitor.sendall(b"\x16\x03\x01 what\r\n\r\n")
        assert visitor.recv(100).startswith(b"HTTP/1.1 400")
    assert "perftui_recording_seconds" in read(page)
    for each in silent:
        each.close()


def test_silent_visitors_hold_nobody_up_and_names_that_are_no_text_are_told(
    page: MetricsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Longer than anybody reads.
    monkeypatch.setattr("perftui.recording.metrics_page._REQUEST_S", 100.0)
    page.take(Update(replace(META, name="caf\udce9.py"), Phase.RUNNING, 1.0))
    silent = [socket.create_connection(page._listener.getsockname()) for _ in range(70)]
    assert read(page)["perftui_recording{session=abc,workload=caf\ufffd.py}"] == 1.0
    assert read(page)["perftui_recording_seconds"] == 1.0
    for each in silent:
        each.close()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:9100", 200),
        ("localhost", 200),
        ("[::1]:9100", 200),
        ("a.localhost:80", 200),
        ("", 200),
        ("rebound.example:9100", 403),
        ("192.0.2.1", 403),
        ("[::1", 403),
        ("localhost.example", 403),
    ],
)
def test_on_loopback_a_page_of_another_name_reads_nothing(page: MetricsPage, host: str, status: int) -> None:
    address, port = page._listener.getsockname()
    connection = HTTPConnection(address, port, timeout=10)
    connection.putrequest("GET", "/metrics", skip_host=True)
    connection.putheader("Host", host)
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == status
    assert (b"perftui" in answer.read().partition(b"# TYPE")[2]) == (status == 200)
    connection.close()


def test_a_port_that_is_taken_is_said_before_anything_starts(page: MetricsPage, tmp_path: Path) -> None:
    port = page._listener.getsockname()[1]
    with pytest.raises(UsageError, match=f"cannot listen on 127.0.0.1 port {port}"):
        MetricsPage(RecordingPlan(tmp_path), ServeAt(port))
    with pytest.raises(UsageError, match="cannot listen on no such host"):
        MetricsPage(RecordingPlan(tmp_path), ServeAt(0, "no such host"))


def test_the_end_of_the_recording_ends_the_page(tmp_path: Path) -> None:
    page = MetricsPage(RecordingPlan(tmp_path), ServeAt(0))
    page.start()
    assert page.url.startswith("http://127.0.0.1:")
    page.close()
    assert not any(thread.name == "metrics page" and thread is page._thread for thread in threading.enumerate())
