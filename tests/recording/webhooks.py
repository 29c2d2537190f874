"""A real server of webhooks, with each of the faults that one can have."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hook(BaseHTTPRequestHandler):
    """Answers as its path asks for."""

    seen: list[tuple[str, dict[str, object]]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).seen.append((self.path, body))
        match self.path:
            case "/slow":
                time.sleep(4)
            case "/endless":
                self.send_response(200)
                self.end_headers()
                with suppress(OSError):
                    while True:
                        self.wfile.write(b"x" * 65536)
            case "/elsewhere":
                self.send_response(302)
                self.send_header("Location", "/ok")
                self.end_headers()
            case "/silent":
                self.close_connection = True
            case path:
                self.send_response(500 if path == "/broken" else 204)
                self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the library's)
        pass


@contextmanager
def webhooks() -> Iterator[str]:
    """Serve for a while; the address, to which a path is added."""
    Hook.seen = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as running:
        running.daemon_threads, running.block_on_close = True, False
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
