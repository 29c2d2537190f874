"""The page /metrics of a recording: one thread, one answer at a time, and no visitor who holds another up."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from perftui.errors import UsageError
from perftui.recording.own_metrics import OwnFigures, OwnMetric
from perftui.recording.plan import RecordingPlan, ServeAt
from perftui.recording.update import Update
from perftui.sources.meters_psutil import own_cost
from perftui.text import printable

PATH = "/metrics"
_LONGEST_REQUEST = 8_192
_REQUEST_S = 2.0
"""A visitor who has not asked by then is turned away: others may wait."""
_MOST_VISITORS = 64
"""Beyond them the one who came first is turned away."""
_WAKE_S = 0.5
_BACKLOG = 16
_WORDS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}


class MetricsPage:
    """Answers GET /metrics; `take` belongs to the recording's thread, answering to the page's own."""

    def __init__(self, plan: RecordingPlan, where: ServeAt) -> None:
        """Listen, but answer nothing yet; raises `UsageError` where that is not possible."""
        self._figures = OwnFigures((*(plan.budget.alerts if plan.budget else ()), *plan.usual_alerts))
        self._lock = threading.Lock()
        self._closed = False
        self._listener = _listen(where)
        self._ready = selectors.DefaultSelector()
        self._ready.register(self._listener, selectors.EVENT_READ)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Figures(self))
        self._thread = threading.Thread(target=self._answer_all, name="metrics page", daemon=True)

    @property
    def url(self) -> str:
        """Where it is."""
        host, port = self._listener.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}"

    @property
    def _is_loopback(self) -> bool:
        return ip_address(self._listener.getsockname()[0].partition("%")[0]).is_loopback

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
        if not self._thread.is_alive():
            for left in self._visitors():
                left.socket.close()
            self._ready.close()

    def metrics(self) -> list[OwnMetric]:
        """Return everything as of now."""
        _, own_rss_bytes = own_cost()
        with self._lock:
            return self._figures.metrics(own_rss_bytes)

    def _answer_all(self) -> None:
        """Hear all visitors side by side: one who says nothing keeps nobody waiting."""
        while not self._closed:
            for key, _ in self._ready.select(_WAKE_S):
                if key.data is None:
                    self._welcome()
                elif key.data.has_asked():
                    self._say_farewell(key.data)
            for late in [one for one in self._visitors() if time.monotonic() >= one.until_s]:
                self._say_farewell(late)

    def _visitors(self) -> list[_Visitor]:
        """Return who waits, the one who came first at the beginning."""
        return [key.data for key in self._ready.get_map().values() if key.data is not None]

    def _welcome(self) -> None:
        try:
            visitor, _ = self._listener.accept()
            visitor.setblocking(False)
        except OSError:
            if not self._closed:
                # No descriptors are left, or the visitor was gone at once.
                time.sleep(_WAKE_S / 10)
            return
        waiting = self._visitors()
        if len(waiting) >= _MOST_VISITORS:
            self._say_farewell(waiting[0])
        self._ready.register(visitor, selectors.EVENT_READ, _Visitor(visitor, time.monotonic() + _REQUEST_S))

    def _say_farewell(self, visitor: _Visitor) -> None:
        self._ready.unregister(visitor.socket)
        # Whatever becomes of one answer, the next visitor has one.
        with visitor.socket, contextlib.suppress(OSError, ValueError):
            self._answer(visitor)

    def _answer(self, visitor: _Visitor) -> None:
        method, path = visitor.asked
        status = 400 if not method else 405 if method not in ("GET", "HEAD") else 200 if path == PATH else 404
        if status == 200 and self._is_loopback and not _is_here(visitor.host):
            # A web page whose name was turned into this address may not read what a browser here could.
            status = 403
        body = generate_latest(self._registry) if status == 200 else f"this answers GET {PATH}\n".encode()
        kind = CONTENT_TYPE_LATEST if status == 200 else "text/plain; charset=utf-8"
        head = [f"HTTP/1.1 {status} {_WORDS[status]}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        head += ["Allow: GET, HEAD"] * (status == 405) + ["Connection: close", "", ""]
        visitor.socket.settimeout(_REQUEST_S)
        visitor.socket.sendall("\r\n".join(head).encode() + (b"" if method == "HEAD" else body))


@dataclass(slots=True)
class _Visitor:
    """Somebody who is connected, and what was said so far."""

    socket: socket.socket
    until_s: float
    """When nobody waits for the request any more, on the monotonic clock."""
    said: bytes = b""

    def has_asked(self) -> bool:
        """Hear what has come; say whether there is nothing more to wait for."""
        try:
            part = self.socket.recv(_LONGEST_REQUEST)
        except BlockingIOError:
            return False
        except OSError:
            part = b""
        self.said += part
        return not part or self._is_whole or len(self.said) > _LONGEST_REQUEST

    @property
    def asked(self) -> tuple[str, str]:
        """The method and the path of the request; empty words where it is none, or did not come in time."""
        words = self.said.split(b"\n", 1)[0].decode("latin-1").split()
        return (words[0], words[1].partition("?")[0]) if self._is_whole and len(words) == 3 else ("", "")

    @property
    def host(self) -> str:
        """Whom the request is addressed to, without a port; empty where it does not say."""
        for line in self.said.decode("latin-1").splitlines()[1:]:
            name, _, value = line.partition(":")
            if name.strip().lower() == "host":
                try:
                    return urlsplit(f"//{value.strip()}").hostname or ""
                except ValueError:
                    return value.strip()
        return ""

    @property
    def _is_whole(self) -> bool:
        return b"\r\n\r\n" in self.said or b"\n\n" in self.said


@dataclass(frozen=True, slots=True)
class _Figures(Collector):
    page: MetricsPage

    def collect(self) -> Iterator[Metric]:
        for metric in self.page.metrics():
            names = [name for name, _ in metric.values[0][0]]
            kind = CounterMetricFamily if metric.counts else GaugeMetricFamily
            family = kind(metric.name, metric.help, labels=names)
            for labels, value in metric.values:
                # A file may be named with bytes that no text has.
                family.add_metric([printable(text) for _, text in labels], value)
            yield family


def _is_here(host: str) -> bool:
    """Say whether a request names this machine by its loopback address, or names nobody."""
    if host in ("", "localhost") or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


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
