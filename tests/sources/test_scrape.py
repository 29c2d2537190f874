"""Endpoints of metrics: what they tell becomes series, and however they misbehave the reading goes on."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.errors import ObserveError
from perftui.model.scrape import Scrape, address_of
from perftui.model.series import Series, SeriesKind, SeriesValues, is_value
from perftui.sources import exposition, scrape
from perftui.sources.base import SourceEvent, SourceState, SourceStatus
from perftui.sources.exposition import read_exposition
from perftui.sources.scrape import Scraper
from perftui.units import Unit
from tests.sources.exposing import METRICS, exposing

COUNTER, BUCKET = SeriesKind.COUNTER, SeriesKind.BUCKET
KEPT = {
    Series("requests_total", "shop", COUNTER, (("code", "200"), ("path", "/\\x1b"))): 5.0,
    Series("queue_size", "shop"): 3.0,
    Series("latency_seconds_bucket", "shop", BUCKET, (("le", "0.1"),)): 2.0,
    Series("latency_seconds_bucket", "shop", BUCKET, (("le", "+Inf"),)): 3.0,
    Series("latency_seconds_count", "shop", COUNTER): 3.0,
    Series("latency_seconds_sum", "shop", COUNTER): 0.7,
    Series("untyped_total", "shop", COUNTER): 9.0,
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with exposing() as address:
        yield address


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrape, "_GRACE_S", 0.0)
    monkeypatch.setattr(scrape, "_MOST_LIMIT_S", 0.4)


def scraper(url: str, **settings: object) -> Scraper:
    return Scraper(Scrape("shop", url, 0.05, **settings), clock=time.monotonic)  # type: ignore[arg-type]


def events_of(source: Scraper, most_s: float = 20.0) -> Sequence[SourceEvent]:
    """The first events that a source tells."""
    until = time.monotonic() + most_s
    while time.monotonic() < until:
        if events := source.poll(0.1):
            return events
    raise AssertionError("nothing came")


@pytest.mark.parametrize("path", ["metrics", "chunked", "until_closed", "moved"])
def test_however_it_is_answered_series_are_told(server: str, path: str) -> None:
    source = scraper(f"{server}/{path}")
    source.start()
    (values,) = events_of(source)
    assert list(source.stop()) == []
    assert isinstance(values, SeriesValues)
    assert dict(values.values) == KEPT
    units = {series.name: series.unit for series, _ in values.values}
    assert units["latency_seconds_bucket"] is units["latency_seconds_sum"] is Unit.SECONDS
    assert units["latency_seconds_count"] is Unit.COUNT
    assert abs(values.at_s - time.monotonic()) < 10


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("error", "it answers 500"), ("missing", "it answers 404"),
        ("html", "it answers a page of HTML, and no metrics"), ("empty", "it answers no metrics"),
        ("nonsense", "what it answers is not in the text format of Prometheus"),
        ("zipped", "it answers in the encoding gzip, which was not asked for"),
        ("no_http", "the answer is no HTTP, or was cut off"), ("cut_off", "the answer is no HTTP, or was cut off"),
        ("slow", "no whole answer within 400 ms"), ("endless_head", "the answer is no HTTP"),
        ("elsewhere", "it leads to another host, which is not followed"), ("in_circles", "it leads on and on"),
    ],
)  # fmt: skip
def test_trouble_is_said_once_and_the_reading_goes_on(server: str, path: str, said: str) -> None:
    source = scraper(f"{server}/{path}")
    (status,) = events_of(source)
    assert isinstance(status, SourceStatus)
    assert (status.state, status.message) == (SourceState.DEGRADED, f"{server}/{path}: {said}")
    assert status.hint == "it is tried again every 50.0 ms"
    until = time.monotonic() + 0.2
    while time.monotonic() < until:
        assert list(source.poll(0.05)) == []
    source.stop()


def test_an_endless_answer_is_not_taken_in(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrape, "MOST_BYTES", 1 << 20)
    monkeypatch.setattr(scrape, "_MOST_LIMIT_S", 30.0)
    source = Scraper(Scrape("shop", f"{server}/endless", 30.0), clock=time.monotonic)
    (status,) = events_of(source)
    source.stop()
    assert isinstance(status, SourceStatus)
    assert status.message == f"{server}/endless: the answer is larger than 1.00 MiB"


def test_a_service_that_comes_later_and_goes_away_is_followed() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        source = scraper(f"http://127.0.0.1:{port}/metrics")
        (absent,) = events_of(source)
    assert isinstance(absent, SourceStatus)
    assert absent.message == f"http://127.0.0.1:{port}/metrics: nobody listens there"
    with exposing(port):
        values, well = events_of(source)
        assert isinstance(values, SeriesValues)
        assert well == SourceStatus("scrape shop", SourceState.RUNNING)
    gone = next(event for event in iter(lambda: events_of(source)[0], None) if isinstance(event, SourceStatus))
    assert gone.state is SourceState.DEGRADED
    source.stop()


def test_a_service_has_time_to_begin(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrape, "_GRACE_S", 1_000.0)
    source = scraper(f"{server}/error")
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        assert list(source.poll(0.05)) == []
    source.stop()


def test_an_alert_hastens_it_at_once(server: str) -> None:
    interval_s = 600.0
    source = Scraper(Scrape("shop", f"{server}/metrics"), clock=time.monotonic, interval_s=lambda: interval_s)
    assert events_of(source)
    assert not source.poll(0.01)
    interval_s = 0.001
    assert events_of(source)


def test_a_server_that_never_answers_holds_nobody_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        source = Scraper(
            Scrape("shop", f"http://127.0.0.1:{silent.getsockname()[1]}/metrics"), clock=time.monotonic, interval_s=1.0
        )
        began = time.monotonic()
        assert list(source.poll(0.05)) == []
        assert list(source.stop()) == []
        assert time.monotonic() - began < 5.0


def test_tls_with_somebody_who_does_not_speak_it_is_trouble(server: str) -> None:
    (status,) = events_of(scraper(server.replace("http:", "https:") + "/metrics"))
    assert isinstance(status, SourceStatus)
    assert ": " in status.message


def test_only_what_matches_is_kept() -> None:
    def names(*match: str) -> list[str]:
        return [series.name for series, _ in read_exposition(METRICS, origin="", match=match).values]

    assert names("queue_*") == ["queue_size"]
    assert set(names("latency_seconds")) == {
        "latency_seconds_bucket", "latency_seconds_count", "latency_seconds_sum",
    }  # fmt: skip
    assert names("requests") == names("requests_total") == names("requests*") == ["requests_total"]
    assert names("process_*", "python_gc_*") == ["python_gc_collections_total", "process_cpu_seconds_total"]
    (bucket, _) = read_exposition(METRICS, origin="", match=("*_bucket",)).values
    assert bucket[0].kind is BUCKET


def test_beyond_the_bound_series_are_left_out_and_that_is_said_once(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exposition, "MOST_SERIES", 3)
    source = scraper(f"{server}/metrics")
    values, status = events_of(source)
    assert isinstance(values, SeriesValues)
    assert [series.name for series, _ in values.values] == [series.name for series in list(KEPT)[:3]]
    assert isinstance(status, SourceStatus)
    assert status.message == "the first 3 series are kept, 4 are not"
    assert len(events_of(source)) == 1
    source.stop()


def test_lines_beyond_the_bound_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposition, "_MOST_LINES", 10)
    found = read_exposition("\n".join(f"m{i} 1" for i in range(100)), origin="")
    assert (len(found.values), found.left_out) == (10, 90)


@given(
    st.text() | st.lists(st.sampled_from([*METRICS.splitlines(), 'a{b="', "x{=} 1", "# TYPE x", "é 1"])).map("\n".join)
)
def test_any_text_is_values_or_a_complaint(text: str) -> None:
    try:
        found = read_exposition(text, origin="shop")
    except ObserveError:
        return
    assert all(is_value(value) for _, value in found.values)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("localhost:8000", "http://localhost:8000/metrics"), ("https://a.example", "https://a.example/metrics"),
        (" http://[::1]:9/x?y=1#z ", "http://[::1]:9/x?y=1"), ("shop", "http://shop/metrics"),
    ],
)  # fmt: skip
def test_addresses_may_be_short(written: str, address: str) -> None:
    assert address_of(written) == address


@pytest.mark.parametrize(
    "written",
    ["", "ftp://a", "http://", "http://a b", "http://a:x", "http://a:0", "file:///etc", "http://ä", "http://a\r\nX: 1"],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no address of http"):
        address_of(written)


def test_an_endpoint_is_called_as_it_is_told_or_by_its_address() -> None:
    assert Scrape.parse("localhost:8000").name == "localhost:8000"
    assert Scrape.parse("shop=localhost:8000/m?a=b") == Scrape("shop", "http://localhost:8000/m?a=b")
    assert Scrape.parse("http://h/m?a=b").url == "http://h/m?a=b"
    with pytest.raises(ValueError, match="a user or a password"):
        Scrape.parse("http://me:secret@h/")
