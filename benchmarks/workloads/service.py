"""Fixed requests, served by threads from a queue: service.py REQUESTS HEAVIER.

HEAVIER is how often `signed` (about 8 % of the time) does its work, as a factor: 1 or 1.5. Requests are of several
kinds, some short and some a hundred times as long, and what is asked for changes in the course of time.
"""

import json
import queue
import random
import re
import sys
import threading

WORKERS = 3
BURST = 4_000
SIGN_STEPS = 130
ROUTE = re.compile(r"^/(?P<kind>item|list|report)/(?P<number>\d+)(?:\?(?P<query>.*))?$")


def routed(path: str) -> tuple[str, int]:
    """Tell what a path asks for."""
    found = ROUTE.match(path)
    assert found is not None
    return found["kind"], int(found["number"])


def item(number: int) -> dict[str, object]:
    """Make one thing up."""
    return {"id": number, "name": f"item {number}", "tags": [f"tag{tag}" for tag in range(number % 7)]}


def listing(number: int) -> list[dict[str, object]]:
    """Make many, in order."""
    items = [item(number + offset) for offset in range(40)]
    items.sort(key=lambda one: str(one["name"]))
    return items


def report(number: int) -> dict[str, object]:
    """Add up a table, which takes long."""
    sums = [0] * 50
    for row in range(24_000):
        sums[row % 50] += (row * number) % 1009
    return {"report": number, "sums": sums}


def signed(body: str, steps: int) -> int:
    """Mix the text of an answer into a number."""
    value = len(body)
    for step in range(steps):
        value = (value * 33 + step) & 0xFFFFFFFF
    return value


def filled(template: str, values: dict[str, str]) -> str:
    """Put values into a text."""
    text = template
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def answered(path: str, steps: int) -> int:
    """Serve one request."""
    kind, number = routed(path)
    body: object = item(number) if kind == "item" else listing(number) if kind == "list" else report(number)
    text = json.dumps(body, sort_keys=True)
    back = json.loads(text)
    page = filled("<p>{kind} {size} {number}</p>" * 20, {"kind": kind, "size": str(len(back)), "number": str(number)})
    return signed(page, steps) + len(text)


def work(requests: "queue.SimpleQueue[str | None]", steps: int, results: list[int]) -> None:
    """Serve until there is nothing more to come."""
    total = 0
    while (path := requests.get()) is not None:
        total += answered(path, steps)
    results.append(total)


def main(count: int, heavier: float) -> None:
    """Let requests come in and wait until all are answered."""
    steps = round(SIGN_STEPS * heavier)
    chance = random.Random(7)
    requests: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    for number in range(count):
        # What is asked for changes in the course of time.
        weights = (70, 27, 3) if number // BURST % 3 else (40, 58, 2)
        kind = chance.choices(("item", "list", "report"), weights)[0]
        requests.put(f"/{kind}/{chance.randrange(10_000)}?page={number}")
    results: list[int] = []
    workers = [
        threading.Thread(target=work, args=(requests, steps, results), name=f"worker-{n}") for n in range(WORKERS)
    ]
    for _ in workers:
        requests.put(None)
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(sum(results))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
