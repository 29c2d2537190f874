"""The counts of recorded runs, kept as JSON, and 5 of them drawn against 5 again and again."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.run_counts import FunctionCounts, RunCounts

Sides = Mapping[str, Sequence[RunCounts]]
"""Runs by side: baseline, again (the same code), heavier."""
Judge = Callable[[Sequence[RunCounts], Sequence[RunCounts]], Mapping[FunctionKey, int]]
"""Returns of two sides 1 for each function that is called slower, -1 for each that is called faster."""
# What was seen less often makes no difference, and would make the file long.
_LEAST_SAMPLES = 3
_REST: FunctionKey = ("", "everything else")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule said of so many drawn comparisons."""

    draws: int
    alarms: int
    """Of identical code, with any function called changed."""
    found: int
    """Of code with a heavier function, which was called slower."""
    others: int
    """Of these, with any other function called slower."""
    blamed: Mapping[str, int]
    """Functions of identical code by how often they were called changed."""


def drawn(sides: Sides, heavier: str, judge: Judge, *, draws: int, runs: int = 5, seed: int = 1) -> Outcome:
    """Judge so many runs a side, drawn without replacement, identical code and the heavier one each time."""
    dice = random.Random(seed)
    alarms = found = others = 0
    blamed: Counter[str] = Counter()
    for _ in range(draws):
        before, again, after = (dice.sample(sides[side], runs) for side in ("baseline", "again", "heavier"))
        false = judge(before, again)
        alarms += bool(false)
        blamed.update(name for _, name in false)
        slower = {name for (_, name), way in judge(before, after).items() if way > 0}
        found += heavier in slower
        others += bool(slower - {heavier})
    return Outcome(draws, alarms, found, others, blamed)


def write_counts(path: Path, works: Mapping[str, Sides]) -> None:
    """Write the counts of runs as JSON; file names are cut to their last part."""
    document = {
        work: {side: [_document(run) for run in runs] for side, runs in sides.items()} for work, sides in works.items()
    }
    lines = [
        f'"{work}": {{' + ",\n".join(f'"{side}": {_packed(runs)}' for side, runs in sides.items()) + "}"
        for work, sides in document.items()
    ]
    path.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


def read_counts(path: Path) -> dict[str, dict[str, list[RunCounts]]]:
    """Read what `write_counts` wrote."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return {work: {side: list(map(_run, runs)) for side, runs in sides.items()} for work, sides in document.items()}


def _packed(runs: Sequence[Any]) -> str:
    return "[\n" + ",\n".join(json.dumps(run, separators=(",", ":")) for run in runs) + "]"


def _document(run: RunCounts) -> dict[str, Any]:
    rows: dict[str, list[Any]] = {}
    rest = 0
    for (file, name), counts in sorted(run.functions.items()):
        if counts.samples < _LEAST_SAMPLES or (file, name) == _REST:
            rest += counts.samples
        else:
            rows[f"{name}@{file.rpartition('/')[2]}"] = [counts.samples, list(counts.blocks)]
    return {
        "interval_s": round(run.interval_s, 6),
        "cpu_s": run.cpu_s and round(run.cpu_s, 6),
        "blocks": run.block_count,
        "rest": rest,
        "functions": rows,
    }


def _run(row: Mapping[str, Any]) -> RunCounts:
    functions = {
        _key(name): FunctionCounts(samples, tuple(blocks)) for name, (samples, blocks) in row["functions"].items()
    }
    functions[_REST] = FunctionCounts(row["rest"])
    return RunCounts(functions, row["interval_s"], row["blocks"], row["cpu_s"])


def _key(text: str) -> FunctionKey:
    name, _, file = text.rpartition("@")
    return file, name
