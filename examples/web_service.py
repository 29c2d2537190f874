"""A small web service with its own visitors: threads, templates, JSON, a slow page now and then."""

from __future__ import annotations

import argparse
import json
import random
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from string import Template

PAGE = Template("<html><body><h1>$title</h1><ul>$rows</ul></body></html>")


class Pages:
    """What the service answers."""

    def front(self) -> str:
        """Return the front page."""
        rows = "".join(f"<li>{self.row(number)}</li>" for number in range(80))
        return PAGE.substitute(title="Parcels", rows=rows)

    def row(self, number: int) -> str:
        """Return one line of the front page."""
        return Template("parcel $number, weight $weight kg").substitute(number=number, weight=number % 7)

    def parcels(self) -> str:
        """Return every parcel as JSON."""
        return json.dumps([{"number": number, "route": self.route(number)} for number in range(200)])

    def route(self, number: int) -> list[int]:
        """Return the towns that a parcel passes."""
        return sorted({number * prime % 97 for prime in (3, 5, 7, 11)})

    def statistics(self) -> str:
        """Return the slow page: figures over all pairs of parcels."""
        shared = sum(len({*self.route(a)} & {*self.route(b)}) for a in range(60) for b in range(60))
        return json.dumps({"shared": shared})


class Service(BaseHTTPRequestHandler):
    """Answers one connection."""

    pages = Pages()
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a request."""
        answers = {"/": self.pages.front, "/parcels": self.pages.parcels, "/statistics": self.pages.statistics}
        answer = answers.get(self.path)
        body = (answer() if answer else "").encode()
        self.send_response(200 if answer else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name of the base class)
        """Print nothing for each request."""


def visit(address: str, seed: int, until: float) -> None:
    """Ask for pages like a visitor does: mostly fast ones, with pauses."""
    source = random.Random(seed)
    while time.monotonic() < until:
        path = source.choices(("/", "/parcels", "/statistics"), weights=(6, 3, 1))[0]
        with urllib.request.urlopen(address + path, timeout=30) as answer:
            answer.read()
        time.sleep(source.uniform(0.0, 0.02))


def main() -> None:
    """Serve for a while, with visitors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--visitors", type=int, default=3)
    options = parser.parse_args()
    until = time.monotonic() + options.seconds
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, name="server", daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        print(f"serving {address} with {options.visitors} visitors", flush=True)
        visitors = [
            threading.Thread(target=visit, args=(address, number, until), name=f"visitor-{number}")
            for number in range(options.visitors)
        ]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        server.shutdown()
    print("closed")


if __name__ == "__main__":
    main()
