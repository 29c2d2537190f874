"""How long `perftui check` takes with 50 rules, from the start of the command to its end, beside a bare interpreter.

The session holds a minute of samples of 150 functions and of readings, and 20 operations of 5 runs; the budget has
limits of functions, meters and operations, and the check holds a baseline of the same shape beside it. Each check is
followed by `python -c pass`, so that a machine that becomes slower meanwhile does that to both.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from harness.command import PERFTUI, home
from harness.table import Figure, show

RULES, FUNCTIONS, OPERATIONS, RUNS, VALUES = 50, 150, 20, 5, 50
SAMPLES = 6_000
GOAL_S = 0.3


def write_profile(file: Path, chance: random.Random) -> None:
    """Write collapsed stacks of a minute at 100 Hz."""
    rows = [f"main;stage{at % 12};work{at}" for at in range(FUNCTIONS)]
    counts = [1] * FUNCTIONS
    for _ in range(SAMPLES - FUNCTIONS):
        counts[min(FUNCTIONS - 1, int(chance.expovariate(0.05)))] += 1
    file.write_text("".join(f"{row} {count}\n" for row, count in zip(rows, counts, strict=True)), encoding="utf-8")


def write_result(file: Path, chance: random.Random) -> None:
    """Write what a benchmark tool has measured, as hyperfine does."""
    results = []
    for number in range(OPERATIONS):
        times = [chance.gauss(0.01, 0.0005) for _ in range(VALUES)]
        results.append({"command": f"step{number}", "mean": statistics.fmean(times), "times": times})
    file.write_text(json.dumps({"results": results}), encoding="utf-8")


def write_budgets(directory: Path) -> tuple[Path, Path]:
    """Write a budget of 50 rules about functions, and one of 50 about operations and their changes."""
    functions, operations = directory / "functions.toml", directory / "operations.toml"
    functions.write_text(
        "".join(f"[functions.work{at}]\nmax_share_pct = 90\n" for at in range(RULES)), encoding="utf-8"
    )
    rows = [f"step{at} = {{ max_increase_pct = 50, p95_ms = 60 }}" for at in range(OPERATIONS)]
    rows += [f"step{at}_again = {{ max_increase_pct = 50 }}" for at in range(RULES - 2 * OPERATIONS)]
    operations.write_text("\n".join(["[operations.bench]", *rows]) + "\n", encoding="utf-8")
    return functions, operations


def took_s(command: Sequence[str], environment: dict[str, str], codes: tuple[int, ...] = (0,)) -> float:
    """Return how long a command takes; raises where it ends otherwise than it should."""
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode not in codes:
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=21, help="how often each is started")
    parser.add_argument("--session", type=Path, help="check this one by the rules about functions instead")
    options = parser.parse_args()
    chance = random.Random(1)
    with home() as place:
        environment = place.environment()
        profile, result = place.directory / "profile.txt", place.directory / "result.json"
        write_profile(profile, chance)
        took_s([PERFTUI, "import", str(profile), "--name", "profile"], environment)
        for name in ("before", "after"):
            write_result(result, chance)
            took_s([PERFTUI, "ingest", "hyperfine", str(result), "--name", name], environment)
        functions, operations = write_budgets(place.directory)
        checks = {
            "50 rules about functions": [str(options.session or "profile"), "--budget", str(functions)],
            "50 rules about operations, against a baseline": [
                *("after", "--budget", str(operations), "--baseline", "before"),
            ],
        }
        figures = []
        for title, words in checks.items():
            pairs = [
                (
                    took_s([PERFTUI, "check", *words, "--json"], environment, (0, 4)),
                    took_s([sys.executable, "-c", "pass"], environment),
                )
                for _ in range(options.runs)
            ]
            checked, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
            figures += [
                Figure(f"{title}, median", checked, "s", at_most=GOAL_S),
                Figure(f"{title}, worst", max(pair[0] for pair in pairs), "s"),
                Figure("a bare interpreter beside it, median", bare, "s"),
            ]
    return 0 if show("perftui check, from the start of the command to its end", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
