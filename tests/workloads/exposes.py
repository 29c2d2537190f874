"""Serves metrics on loopback as a service does, a little after it has begun, and prints a line for `--lines`."""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

ANSWERS = 0


class Metrics(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        global ANSWERS
        ANSWERS += 1
        body = f'# TYPE requests_total counter\nrequests_total{{code="200"}} {ANSWERS}\nqueue_size 3\n'.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


time.sleep(0.3)
server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Metrics)
Thread(target=server.serve_forever, daemon=True).start()
until = time.monotonic() + 30
while ANSWERS < 4 and time.monotonic() < until:
    time.sleep(0.05)
print("perftui: gauge answers", ANSWERS, flush=True)
