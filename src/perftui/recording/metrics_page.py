"""The page /metrics of a recording: one thread, one answer at a time, nothing that a visitor could hold up."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from perftui.errors import UsageError
from perftui.recording.own_metrics import OwnFigures, OwnMetric
from perftui.recording.plan import RecordingPlan, ServeAt
from perftui.recording.update import Update
from perftui.sources.meters_psutil import own_cost

PATH = "/metrics"
_LONGEST_REQUEST = 8_192
_REQUEST_S = 2.0
"""A visitor who has not asked by then is turned away: others may wait."""
_BACKLOG = 16
_WORDS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}


class MetricsPage:
    """Answers GET /metrics; `take` belongs to the recording's thread, answering to the page's own."""

    def __init__(self, plan: RecordingPlan, where: ServeAt) -> None:
        """Listen, but answer nothing yet; raises `UsageError` where that is not possible."""
        self._figures = OwnFigures((*(plan.budget.alerts if plan.budget else ()), *plan.usual_alerts))
        self._lock = threading.Lock()
        self._closed = False
        self._listener = _listen(where)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Figures(self))
        self._thread = threading.Thread(target=self._answer_all, name="metrics page", daemon=True)

    @property
    def url(self) -> str:
        """Where it is."""
        host, port = self._listener.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def take(self, update: Update) -> None:
        """Take in what is new."""
        with self._lock:
            self._figures.take(update)

    def close(self) -> None:
        """Answer no longer."""
        self._closed = True
        with contextlib.suppress(OSError):
            # Closing alone would leave the thread waiting.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._thread.is_alive():
            self._thread.join(_REQUEST_S)

    def metrics(self) -> list[OwnMetric]:
        """Return everything as of now."""
        _, own_rss_bytes = own_cost()
        with self._lock:
            return self._figures.metrics(own_rss_bytes)

    def _answer_all(self) -> None:
        while True:
            try:
                visitor, _ = self._listener.accept()
            except OSError:
                if self._closed:
                    return
                # No descriptors are left, or the visitor was gone at once.
                time.sleep(_REQUEST_S / 10)
                continue
            with visitor, contextlib.suppress(OSError):
                self._answer(visitor)

    def _answer(self, visitor: socket.socket) -> None:
        method, path = _asked(visitor)
        status = 400 if not method else 405 if method not in ("GET", "HEAD") else 200 if path == PATH else 404
        body = generate_latest(self._registry) if status == 200 else f"this answers GET {PATH}\n".encode()
        kind = CONTENT_TYPE_LATEST if status == 200 else "text/plain; charset=utf-8"
        head = [f"HTTP/1.1 {status} {_WORDS[status]}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        head += ["Allow: GET, HEAD"] * (status == 405) + ["Connection: close", "", ""]
        visitor.settimeout(_REQUEST_S)
        visitor.sendall("\r\n".join(head).encode() + (b"" if method == "HEAD" else body))


@dataclass(frozen=True, slots=True)
class _Figures(Collector):
    page: MetricsPage

    def collect(self) -> Iterator[Metric]:
        for metric in self.page.metrics():
            names = [name for name, _ in metric.values[0][0]]
            kind = CounterMetricFamily if metric.counts else GaugeMetricFamily
            family = kind(metric.name, metric.help, labels=names)
            for labels, value in metric.values:
                family.add_metric([text for _, text in labels], value)
            yield family


def _asked(visitor: socket.socket) -> tuple[str, str]:
    """Return the method and the path of a request; empty words where it is none, or does not come in time."""
    until_s, got = time.monotonic() + _REQUEST_S, b""
    while b"\r\n\r\n" not in got and b"\n\n" not in got:
        left_s = until_s - time.monotonic()
        if left_s <= 0 or len(got) > _LONGEST_REQUEST:
            return "", ""
        visitor.settimeout(left_s)
        part = visitor.recv(_LONGEST_REQUEST)
        if not part:
            return "", ""
        got += part
    words = got.split(b"\n", 1)[0].decode("latin-1").split()
    return (words[0], words[1].partition("?")[0]) if len(words) == 3 else ("", "")


def _listen(where: ServeAt) -> socket.socket:
    try:
        family, kind, _, _, address = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
    except OSError as error:
        raise _refused(where, error) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _refused(where, error) from None
    return listener


def _refused(where: ServeAt, error: OSError) -> UsageError:
    reason = error.strerror or str(error)
    return UsageError(
        f"--serve-metrics: cannot listen on {where.host} port {where.port}: {reason}",
        hint="another port, or 0 for one that is free",
    )
