"""Whether the bytes of functions are those that memray's own reader finds in the same capture.

A workload holds 200 MB in arrays, 50 MB in small objects and leaks 30 MB. The live table is compared at each of its
stages with what was held at that moment, the saved session with the same view of the kept capture.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.command import Home, home, workload
from harness.live import Look, Watched, at_rest, watch
from harness.memray_truth import View, truth
from harness.table import Figure, show

FUNCTIONS = tuple(f"stages.py:{name}" for name in ("load", "parse", "cache"))
LOAD, PARSE, CACHE = FUNCTIONS
STAGES = ({LOAD}, {LOAD, PARSE}, {LOAD, PARSE, CACHE}, {PARSE, CACHE}, {CACHE})
VIEWS = ("high_watermark", "leaked", "allocated")
TOLERANCE_PERCENT = 2.0
# What a function holds beside what it is made for: the lists of it. Less than that is nothing.
NOTHING_SHARE = 0.002
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Pair:
    """The bytes of one function in one view, as perftui and as memray say."""

    view: str
    function: str
    seen: int
    true: int

    @property
    def apart_percent(self) -> float:
        """How far perftui is from memray, of what memray says."""
        return 100 * abs(self.seen - self.true) / max(1, self.true)


def live_pairs(looks: Mapping[str, Look], said: Mapping[str, View], nothing: float) -> Iterator[Pair]:
    """Compare what the live table said with what was held at those moments."""
    for view, look in looks.items():
        yield from compared(view, look.self_bytes, said[view], nothing)


def saved_pairs(memory: Mapping[str, Any], said: Mapping[str, View], nothing: float) -> Iterator[Pair]:
    """Compare what a saved session says with the same views of its capture."""
    for view in VIEWS:
        rows = {
            f"{Path(row['file']).name}:{row['function']}": row["self_bytes"] for row in memory["views"][view]["top"]
        }
        yield from compared(view, rows, said[view], nothing)


def compared(view: str, seen: Mapping[str, int], said: View, nothing: float) -> Iterator[Pair]:
    """Yield the functions that hold something in a view, by whoever's account."""
    for function in FUNCTIONS:
        pair = Pair(view, function.partition(":")[2], seen.get(function, 0), said.self_bytes(function))
        if max(pair.seen, pair.true) > nothing:
            yield pair


class Signs:
    """Lets the workload go on as soon as a stage of it was seen at rest."""

    def __init__(self, folder: Path, nothing: float) -> None:
        self._folder, self._nothing = folder, nothing
        self._stage = 0

    def saw(self, looks: Sequence[Look]) -> None:
        """Hear of every look up to now."""
        rests = list(at_rest(looks))
        if not rests or self._stage == len(STAGES):
            return
        seen = rests[-1][1].self_bytes
        if {name for name in FUNCTIONS if seen.get(name, 0) > self._nothing} == STAGES[self._stage]:
            (self._folder / str(self._stage)).touch()
            self._stage += 1


def measured(
    place: Home, seconds: float, share: float, signs: Path | None = None
) -> tuple[Watched, list[Pair], list[Pair]]:
    """Record the workload; return live and saved bytes beside the true ones. With `signs` stages wait to be seen."""
    nothing = NOTHING_SHARE * 280 * MB * share
    command = workload("stages", seconds, share, *([signs] if signs else []))
    watched = watch(place, command, pymalloc=True, on_look=Signs(signs, nothing).saw if signs else lambda _: None)
    memory = place.json("show", str(watched.session), "--json", "--top", "1000")["memory"]
    rests = list(at_rest(watched.looks))
    looks = {f"held@{number}": look for number, (_, look) in enumerate(rests)}
    moments = [watched.began_epoch_s + moment_s for moment_s, _ in rests]
    said = truth(Path(memory["capture"]), moments)
    return watched, list(live_pairs(looks, said, nothing)), list(saved_pairs(memory, said, nothing))


def figures(pairs: list[Pair]) -> list[Figure]:
    """Return a line for each pair."""
    found = []
    for pair in pairs:
        name = f"{pair.view}, {pair.function}: {pair.true / MB:.3f} MB by memray, seen"
        found.append(Figure(name, pair.seen / MB, "MB", digits=3))
        found.append(Figure("  apart", pair.apart_percent, "%", at_most=TOLERANCE_PERCENT, digits=3))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4, help="how long each of the five stages lasts")
    parser.add_argument("--share", type=float, default=1, help="of the amounts")
    options = parser.parse_args()
    with home() as place:
        _, live, saved = measured(place, options.seconds, options.share)
    stages = len({pair.view for pair in live})
    whole = [Figure("stages seen live", stages, at_least=5, digits=0), *figures(live)]
    met = show("Known bytes, live: what is held", whole)
    met &= show("Known bytes, saved: the views of the capture", figures(saved))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
