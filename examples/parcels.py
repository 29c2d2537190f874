"""A small web service that tells Prometheus how it does, and visitors for it: `serve`, and `visit` in another process.

After a while the visitors ask for the slow page too, and a few of their requests fail: latency, errors and processor
time rise, and fall again.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from flask import Flask, Response, g, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from werkzeug.serving import WSGIRequestHandler, make_server

HOST = "127.0.0.1"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Upper bounds of the histogram's buckets, in seconds."""
QUERY_S = 0.08
"""What the slow page waits for before it computes, however fast the machine is."""


class Quiet(WSGIRequestHandler):
    """Prints no line for each request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 (the name of the base class)
        """Say nothing."""


def towns(number: int) -> list[int]:
    """Return the towns that a parcel passes."""
    return sorted({number * prime % 97 for prime in (3, 5, 7, 11)})


def shared_towns(parcels: int) -> int:
    """Return how many towns all pairs of parcels share: the slow page."""
    routes = [towns(number) for number in range(parcels)]
    return sum(len({*one} & {*other}) for one in routes for other in routes)


def serve(port: int, seconds: float) -> None:
    """Answer visitors for a while."""
    requests = Counter("requests", "Requests that were answered.", ["path", "code"])
    latency = Histogram("request_seconds", "What a request took.", buckets=BOUNDS)
    answering = Gauge("requests_answering", "Requests that are being answered.")
    app = Flask("parcels")
    kept: list[bytes] = []

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        answering.inc()

    @app.after_request
    def end(answer: Response) -> Response:
        answering.dec()
        if g.path != "/metrics":
            latency.observe(time.perf_counter() - g.began)
            requests.labels(g.path, answer.status_code).inc()
        return answer

    def page(path: str, make: Callable[[], Response]) -> None:
        def answer() -> Response:
            g.path = path
            return make()

        app.add_url_rule(path, path, answer)

    def statistics() -> Response:
        kept.append(bytes(1 << 20))
        time.sleep(QUERY_S)
        return jsonify(shared=shared_towns(200))

    page("/", lambda: jsonify(parcels=[{"number": number, "towns": towns(number)} for number in range(20)]))
    page("/statistics", statistics)
    page("/broken", lambda: Response("no such parcel", status=500))
    page("/metrics", lambda: Response(generate_latest(), mimetype=CONTENT_TYPE_LATEST))
    server = make_server(HOST, port, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, name="server", daemon=True).start()
    print(f"serving http://{HOST}:{port}", flush=True)
    time.sleep(seconds)
    server.shutdown()


def visit(port: int, seconds: float, visitors: int) -> None:
    """Ask for pages with pauses, a bounded load, as soon as the service answers."""
    while not ask(port, "/"):
        time.sleep(0.1)
    began = time.monotonic()

    def walk(seed: int) -> None:
        source = random.Random(seed)
        while (since := time.monotonic() - began) < seconds:
            busy = 0.3 < since / seconds < 0.5
            paths, weights = ("/", "/statistics", "/broken"), (6, 4, 1) if busy else (1, 0, 0)
            answered = ask(port, source.choices(paths, weights)[0])
            time.sleep(source.uniform(0.02, 0.06) if answered else 0.2)

    walking = [threading.Thread(target=walk, args=(seed,), name=f"visitor-{seed}") for seed in range(visitors)]
    for thread in walking:
        thread.start()
    for thread in walking:
        thread.join()


def ask(port: int, path: str) -> bool:
    """Ask for one page; say whether there was an answer."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=10) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True


def main() -> None:
    """Serve, or visit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["serve", "visit"])
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--visitors", type=int, default=3)
    options = parser.parse_args()
    if options.what == "serve":
        serve(options.port, options.seconds)
    else:
        visit(options.port, options.seconds, options.visitors)


if __name__ == "__main__":
    main()
