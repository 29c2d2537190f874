"""A feed of orders that gets slow for five seconds: a workload to explore.

Messages come as JSON and are taken apart in three places; a heartbeat keeps one thread busy beside them; and from the
eighth second on an index is built anew, which nobody asked for.

    perftui run -- python examples/feed.py --seconds 20
"""

from __future__ import annotations

import argparse
import json
import random
import threading
import time
from collections import Counter

WORDS = (
    "apple",
    "pear",
    "plum",
    "cherry",
    "grape",
    "melon",
    "lemon",
    "lime",
    "fig",
    "date",
    "quince",
    "peach",
    "olive",
)
REINDEX_AT_S, REINDEX_FOR_S = 8.0, 5.0


class Stop:
    """When everything ends."""

    def __init__(self, seconds: float) -> None:
        self.began_s = time.monotonic()
        self.seconds = seconds

    @property
    def elapsed_s(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began_s

    def __bool__(self) -> bool:
        return self.elapsed_s >= self.seconds


def pause(seconds: float) -> None:
    """Wait; a thread that waits so is idle, however loaded the machine is."""
    threading.Event().wait(seconds)


def message(rng: random.Random, lines: int) -> str:
    """Return an order as it comes over the wire."""
    items = [{"name": rng.choice(WORDS), "count": rng.randint(1, 9), "price": rng.random()} for _ in range(lines)]
    return json.dumps({"id": rng.randrange(10**9), "items": items})


class Orders:
    """Takes orders and adds them up."""

    def __init__(self) -> None:
        self.sums: Counter[str] = Counter()
        self.wire = [message(random.Random(seed), 60) for seed in range(50)]

    def take(self, text: str) -> None:
        """Take one order."""
        order = json.loads(text)
        self.check(order)
        self.add(order)

    def check(self, order: dict[str, object]) -> None:
        """Refuse what makes no sense."""
        for item in order["items"]:  # type: ignore[attr-defined]
            if item["name"] not in WORDS or item["count"] < 1:
                raise ValueError(item)

    def add(self, order: dict[str, object]) -> None:
        """Add an order to the sums."""
        for item in order["items"]:  # type: ignore[attr-defined]
            self.sums[item["name"]] += item["count"] * item["price"]


class Prices:
    """Keeps a list of prices, of which each refresh brings all."""

    def __init__(self) -> None:
        self.wire = [message(random.Random(seed), 400) for seed in range(10)]
        self.known: dict[str, float] = {}

    def refresh(self, text: str) -> None:
        """Read all prices again."""
        for item in json.loads(text)["items"]:
            self.known[item["name"]] = min(item["price"], self.known.get(item["name"], 1.0))


class Index:
    """Finds orders by what is in them."""

    def __init__(self) -> None:
        self.places: dict[str, list[int]] = {}

    def rebuild(self, texts: list[str]) -> None:
        """Read every order again."""
        self.places.clear()
        for number, text in enumerate(texts):
            for item in json.loads(text)["items"]:
                for start in stems(item["name"]):
                    self.places.setdefault(start, []).append(number)


def stems(name: str) -> list[str]:
    """Return all beginnings of a word, without the doubles that nobody has seen yet."""
    found: list[str] = []
    for end in range(1, len(name) + 1):
        if name[:end] not in found and not any(each == name[:end] for each in found):
            found.append(name[:end])
    return found


def read_orders(orders: Orders, stop: Stop) -> None:
    """Take orders as they come, fifty at a time."""
    while not stop:
        for text in orders.wire:
            orders.take(text)
        pause(0.02)


def watch_prices(prices: Prices, stop: Stop) -> None:
    """Refresh the prices several times a second."""
    while not stop:
        for text in prices.wire:
            prices.refresh(text)
        pause(0.05)


def keep_index(index: Index, orders: Orders, stop: Stop) -> None:
    """Build the index anew for some seconds, although nothing has changed."""
    while not stop:
        if REINDEX_AT_S <= stop.elapsed_s < REINDEX_AT_S + REINDEX_FOR_S:
            index.rebuild(orders.wire)
        else:
            pause(0.05)


def beat(stop: Stop) -> None:
    """Tell that all is well, far too often."""
    while not stop:
        sum(ord(sign) for sign in "still alive" * 5_000)
        pause(0.02)


def main() -> None:
    """Run everything for so long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    stop = Stop(parser.parse_args().seconds)
    orders, prices, index = Orders(), Prices(), Index()
    threads = [
        threading.Thread(target=watch_prices, args=(prices, stop), name="prices"),
        threading.Thread(target=keep_index, args=(index, orders, stop), name="index"),
        threading.Thread(target=beat, args=(stop,), name="heartbeat"),
    ]
    for thread in threads:
        thread.start()
    read_orders(orders, stop)
    for thread in threads:
        thread.join()
    print(f"{sum(orders.sums.values()):.0f} sold, {len(prices.known)} prices, {len(index.places)} beginnings of words")


if __name__ == "__main__":
    main()
