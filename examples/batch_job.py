"""A batch job: child processes compress and check pieces of text, the parent writes down what they found."""

from __future__ import annotations

import argparse
import multiprocessing
import random
import time
import zlib
from collections import Counter
from collections.abc import Iterator


def pieces(count: int) -> Iterator[str]:
    """Yield texts that are worth compressing, always the same ones."""
    source = random.Random(11)
    words = ["".join(source.choices("etaoinshrdlu", k=source.randint(2, 9))) for _ in range(2_000)]
    for _ in range(count):
        yield " ".join(source.choices(words, k=8_000))


def handle(piece: str) -> tuple[int, float]:
    """Return how many words a piece has, and how well it compresses."""
    return len(count_words(piece)), shrink(piece)


def count_words(piece: str) -> Counter[str]:
    """Count the words of a piece."""
    return Counter(word.strip(".,").lower() for word in piece.split())


def shrink(piece: str) -> float:
    """Return the share of its size that a piece has when it is compressed."""
    data = piece.encode()
    return len(zlib.compress(data, level=9)) / len(data)


def main() -> None:
    """Handle pieces in child processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, default=1_500)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    began = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for done, (words, share) in enumerate(pool.imap(handle, pieces(options.pieces), chunksize=4), start=1):
            if done % 100 == 0:
                print(f"{done}/{options.pieces}: {words} words, {100 * share:.0f} % left", flush=True)
    print(f"{options.pieces} pieces in {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
