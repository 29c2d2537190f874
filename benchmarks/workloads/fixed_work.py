"""Do a fixed amount of varied work and report what it cost: fixed_work.py ROUNDS REPORT.

The report (JSON) tells the processor and wall seconds between the first and the last line of the work.
"""

import json
import re
import sys
import time
from pathlib import Path

WORD = re.compile(r"[a-z]+")


def words(seed: int) -> str:
    """Make a text of pseudo-random words."""
    letters = []
    for _ in range(400):
        seed = (seed * 1_103_515_245 + 12_345) & 0x7FFF_FFFF
        letters.append("abcdefghijklmnopqrstuvwxyz "[(seed >> 16) % 27])
    return "".join(letters)


def count(text: str) -> dict[str, int]:
    """Count the words of a text."""
    counts: dict[str, int] = {}
    for word in WORD.findall(text):
        counts[word] = counts.get(word, 0) + 1
    return counts


def permute(items: list[int], depth: int) -> int:
    """Recurse through the orders of a few items."""
    if depth == 0:
        return items[0]
    return sum(permute(items[at:] + items[:at], depth - 1) for at in range(len(items)))


def work(rounds: int) -> int:
    """Do all rounds."""
    total = 0
    for number in range(rounds):
        total += len(json.dumps(count(words(number)), sort_keys=True))
        total += permute([1, 2, 3, 4], 3)
    return total


def main(rounds: int, report: Path) -> None:
    """Measure the work."""
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    work(rounds)
    cost = {"cpu_s": time.process_time() - cpu_s, "wall_s": time.perf_counter() - wall_s}
    report.write_text(json.dumps(cost), encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
