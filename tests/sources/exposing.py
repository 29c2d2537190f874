"""A server of metrics on loopback that misbehaves in every way, one a path."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

METRICS = """\
# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{code="200",path="/\\x1b"} 5
requests_total{code="500"} NaN
# TYPE queue_size gauge
queue_size 3
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.1"} 2
latency_seconds_bucket{le="+Inf"} 3
latency_seconds_count 3
latency_seconds_sum 0.7
latency_seconds_created 1.7e9
python_gc_collections_total{generation="0"} 1
process_cpu_seconds_total 2
untyped_total 9
depth +Inf
"""


class Handler(BaseHTTPRequestHandler):
    """Answers what its path asks for."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        with suppress(OSError):
            getattr(self, f"{self.path.strip('/').partition('?')[0].replace('/', '_')}", self._nothing)()

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Type": "text/plain; version=0.0.4", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def metrics(self) -> None:
        self.answer(METRICS.encode())

    def chunked(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in METRICS.encode().splitlines(keepends=True):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")
        time.sleep(0.5)

    def until_closed(self) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + METRICS.encode())
        self.close_connection = True

    def error(self) -> None:
        self.answer(b"no", 500)

    def html(self) -> None:
        self.answer(b"<!doctype html><p>hello", Content_Type="text/html")

    def nonsense(self) -> None:
        self.answer(b"{not} metrics = at all\n" * 3)

    def empty(self) -> None:
        self.answer(b"")

    def zipped(self) -> None:
        self.answer(gzip.compress(METRICS.encode()), Content_Encoding="gzip")

    def no_http(self) -> None:
        self.wfile.write(b"\x16\x03\x01 hello\r\n\r\n")
        self.close_connection = True

    def cut_off(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"queue_size 3\n")
        self.close_connection = True

    def slow(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"queue_size 3\n")
            time.sleep(0.05)

    def endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"queue_size 3\n" * 5_000)

    def endless_head(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            self.wfile.write(b"X-More: " + b"x" * 10_000 + b"\r\n")

    def moved(self) -> None:
        self.answer(b"", 307, Location="/metrics")

    def in_circles(self) -> None:
        self.answer(b"", 302, Location="/in_circles")

    def elsewhere(self) -> None:
        self.answer(b"", 302, Location="http://192.0.2.1/metrics")

    def _nothing(self) -> None:
        self.answer(b"", 404)


@contextmanager
def exposing(port: int = 0) -> Iterator[str]:
    """Serve, and yield the address without a path."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
