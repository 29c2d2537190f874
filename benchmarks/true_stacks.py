"""Whether sampled stacks are true: each caller and callee in them is held against a trace of the same work.

The trace knows every pair of Python functions that called each other, generators resumed and modules imported
included; a sample with a pair that it never saw shows a stack that never was. Functions are told apart by file and
qualified name. Both runs do the same documents over and over, so that a pair of one run can occur in the other.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from harness.command import WORKLOADS, Home, home, workload
from harness.table import Figure, show

Function = tuple[str, str]
Stack = tuple[Function, ...]
ROOT_FUNCTION = "<module>"


def traced_pairs(place: Home, rounds: int) -> set[tuple[Function, Function]]:
    """Run the work under a trace and return every pair of caller and callee."""
    output = place.directory / "pairs.json"
    tracer = Path(__file__).parent / "harness" / "tracer.py"
    command = [sys.executable, str(tracer), str(output), *workload("documents", 0, rounds)[1:]]
    subprocess.run(command, env=place.environment(), stdin=subprocess.DEVNULL, check=True)
    pairs = json.loads(output.read_text(encoding="utf-8"))
    return {((caller[0], caller[1]), (callee[0], callee[1])) for caller, callee in pairs}


def sampled_stacks(speedscope: dict[str, Any]) -> Counter[Stack]:
    """Return the stacks of a speedscope document, root first, with the number of samples of each."""
    frames: list[Function] = [(frame.get("file", ""), frame["name"]) for frame in speedscope["shared"]["frames"]]
    stacks: Counter[Stack] = Counter()
    for profile in speedscope["profiles"]:
        smallest = min((weight for weight in profile["weights"] if weight > 0), default=1.0)
        for sample, weight in zip(profile["samples"], profile["weights"], strict=True):
            stacks[tuple(frames[index] for index in sample)] += round(weight / smallest)
    return stacks


def impossible_pairs(stack: Stack, known: set[tuple[Function, Function]]) -> Iterator[tuple[Function, Function]]:
    """Yield the pairs of a stack that the trace never saw."""
    for pair in pairwise(stack):
        if pair not in known:
            yield pair


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long the work is sampled")
    parser.add_argument("--rate", type=int, default=100, help="samples a second")
    parser.add_argument("--rounds", type=int, default=4, help="how often the traced run goes round the documents")
    parser.add_argument("--sampling", default="blocking", help="`nonblocking` shows that torn stacks would be found")
    parser.add_argument("--worst", type=int, default=0, help="list so many of the impossible pairs")
    options = parser.parse_args()
    with home() as place:
        known = traced_pairs(place, options.rounds)
        command = workload("documents", options.seconds)
        summary = place.record(
            command, seconds=options.seconds, rate_hz=options.rate, options=["--sampling", options.sampling]
        )
        stacks = sampled_stacks(place.json("export", summary["id"], "--format", "speedscope"))
    samples = stacks.total()
    torn: Counter[tuple[Function, Function]] = Counter()
    impossible = 0
    for stack, count in stacks.items():
        strange = list(impossible_pairs(stack, known))
        impossible += count if strange else 0
        torn.update(dict.fromkeys(strange, count))
    root = (str(WORKLOADS / "documents.py"), ROOT_FUNCTION)
    rooted = sum(count for stack, count in stacks.items() if stack and stack[0] == root)
    figures = [
        Figure("samples", samples, digits=0),
        Figure("pairs of functions that the trace knows", len(known), digits=0),
        Figure("samples with a pair never traced", 100 * impossible / max(1, samples), "%", at_most=0.5),
        Figure("samples below the root function", 100 * rooted / max(1, samples), "%", at_least=99),
    ]
    met = show(f"True stacks at {options.rate} Hz on jinja2, markdown-it and rich", figures)
    for (caller, callee), count in torn.most_common(options.worst):
        print(f"  {count} x {caller[1]} ({caller[0]}) -> {callee[1]} ({callee[0]})")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
