"""The little shop's day: parse, index, serve, report, tidy up."""

from __future__ import annotations

import argparse
import random
import signal
import sys
import threading
import time
from collections.abc import Callable

from perftui.bundled.demo.catalogue import CatalogueParser, CategoryTree, Product, Supplier
from perftui.bundled.demo.index import SearchIndex
from perftui.bundled.demo.orders import Journal, Warehouse
from perftui.bundled.demo.pages import PageBuilder, PageCache, Renderer
from perftui.bundled.demo.ranking import QueryParser, Ranker, Speller, random_query
from perftui.bundled.demo.report import start_report

DEFAULT_SECONDS = 45.0
# Shares of the day, in order.
PARSE, INDEX, SERVE, REPORT, TIDY = 0.2, 0.18, 0.34, 0.16, 0.12
MOST_PRODUCTS = 20_000
CACHE_BYTES = 160 * 1024 * 1024
SEARCHERS = 3


class Shop:
    """Everything that the phases work on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.began = time.monotonic()
        self.products: list[Product] = []
        self.tree = CategoryTree()
        self.index = SearchIndex()
        self.cache = PageCache(CACHE_BYTES)
        self.journal = Journal()
        self.warehouse = Warehouse()
        self.searches = 0

    def run(self) -> None:
        """Run every phase for its share of the day."""
        for name, phase, share in (
            ("parse", self.parse, PARSE),
            ("index", self.build_index, INDEX),
            ("serve", self.serve, SERVE),
            ("report", self.report, REPORT),
            ("tidy up", self.tidy_up, TIDY),
        ):
            self.say(f"{name}...")
            phase(time.monotonic() + share * self.seconds)
            self.say(f"{name} done: {self.state()}")

    def say(self, text: str) -> None:
        """Print a line with the time."""
        print(f"[{time.monotonic() - self.began:5.1f} s] {text}", flush=True)

    def state(self) -> str:
        """Return how the shop stands."""
        held = self.cache.held_bytes / (1 << 20)
        return f"{len(self.products):,} products, {self.searches:,} searches, {held:.0f} MiB of pages"

    def together(self, workers: dict[str, Callable[[], None]]) -> None:
        """Run workers in threads of their names until all are done."""
        threads = [threading.Thread(target=work, name=name, daemon=True) for name, work in workers.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def parse(self, until: float) -> None:
        """Read price lists and sort the products into categories."""
        self.together({"importer": lambda: self.import_lists(until), "journal": lambda: self.keep_journal(until)})

    def import_lists(self, until: float) -> None:
        """Read one price list after the other."""
        supplier, parser = Supplier(), CatalogueParser()
        while time.monotonic() < until:
            for product in parser.parse(supplier.price_list(rows=200)):
                if len(self.products) < MOST_PRODUCTS:
                    self.products.append(product)
                    self.tree.insert(product)
            self.tree.roll_up()

    def build_index(self, until: float) -> None:
        """Index the products, while pages are rendered in advance: memory goes up."""
        self.together({"indexer": lambda: self.index_products(until), "pre-renderer": lambda: self.fill_cache(until)})

    def index_products(self, until: float) -> None:
        """Add every product to the index, again and again."""
        place = 0
        while time.monotonic() < until:
            self.index.add(self.products[place % len(self.products)])
            place += 1
        # However slow the machine, there is something to search in.
        for product in self.products[:500]:
            self.index.add(product)

    def fill_cache(self, until: float) -> None:
        """Keep pages at such a pace that the cache is full at the end."""
        began = time.monotonic()
        builder, renderer = PageBuilder(), Renderer()
        while (now := time.monotonic()) < until:
            titles = [product.title for product in self.products[:20]]
            while self.cache.held_bytes < CACHE_BYTES * (now - began) / (until - began) - PageCache.THUMBNAIL_BYTES:
                self.cache.keep(renderer.render(builder.results_page("new", titles)))
            time.sleep(0.02)

    def serve(self, until: float) -> None:
        """Answer searches in several threads, with orders on the side."""
        workers = {
            f"search-{number}": lambda number=number: self.answer_searches(until, number)
            for number in range(1, SEARCHERS + 1)
        }
        self.together(
            {
                **workers,
                "journal": lambda: self.keep_journal(until),
                "orders": lambda: self.send_orders(until),
                "warehouse": self.warehouse.serve,
            }
        )

    def answer_searches(self, until: float, seed: int) -> None:
        """Answer one search after the other."""
        source = random.Random(seed)
        ranker, builder, renderer = Ranker(self.index), PageBuilder(), Renderer()
        while time.monotonic() < until:
            text = random_query(source)
            best = ranker.best(QueryParser(self.index, text).parse(), text)
            titles = [self.index.titles[number] for _, number in best]
            renderer.render(builder.results_page(text, titles))
            self.searches += 1
            time.sleep(0.002)

    def keep_journal(self, until: float) -> None:
        """Write orders to the disk, and read them back."""
        number = 0
        while time.monotonic() < until:
            for _ in range(50):
                number += 1
                self.journal.append({"order": number, "product": number * 7919 % 10_007, "note": "gift " * 20})
            sum(1 for _ in self.journal.replay())
            self.journal.sync()
            time.sleep(0.05)

    def send_orders(self, until: float) -> None:
        """Send orders to the warehouse, then hang up."""
        while time.monotonic() < until:
            self.warehouse.order(b"order " * 5_000)
            time.sleep(0.01)
        self.warehouse.hang_up()

    def report(self, until: float) -> None:
        """Let a child process plan routes; mend spelling in the meantime."""
        child = start_report(until - time.monotonic())
        source, speller = random.Random(3), Speller()
        while time.monotonic() < until:
            speller.closest("".join(source.sample("chairtentlampbootkettle", 7)))
            time.sleep(0.005)
        child.join(timeout=5)

    def tidy_up(self, until: float) -> None:
        """Release the pages bit by bit, and add up the day."""
        while time.monotonic() < until:
            self.tree.roll_up()
            sum(len(category.products) for category in self.tree.walk())
            self.cache.drop_half()
            time.sleep(0.1)
        self.journal.close()


def main() -> int:
    """Run the shop's day."""
    parser = argparse.ArgumentParser(prog="python -m perftui.bundled.demo", description=__doc__)
    parser.add_argument("--seconds", type=float, default=DEFAULT_SECONDS, help="how long the day lasts (45)")
    seconds = parser.parse_args().seconds
    # An ordinary exit takes the child process along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shop = Shop(max(1.0, seconds))
    try:
        shop.run()
    except KeyboardInterrupt:
        return 130
    finally:
        shop.journal.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
