"""What it costs to match and unite two call trees of 100,000 nodes each, up to the first picture of both.

Two pairs of trees: one program run twice, which has most paths on both sides, and two programs that have only their
upper parts in common, whose union is nearly twice as large. Files lie in two checkouts and two environments, so that
every name has to be made alike first. The figures are the median and the worst of a number of runs, in this process.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from harness.table import Figure, show
from perftui.analysis.call_tree import CallTree
from perftui.analysis.compare import Side
from perftui.analysis.delta_tree import DeltaTree
from perftui.analysis.derived_tree import recount
from perftui.analysis.flame_layout import layout
from perftui.analysis.matching import Functions, match
from perftui.analysis.normalise import normal_file
from perftui.model.frame import Frame

COLUMNS, ROWS = 160, 50
GOAL_MS = 100.0
_DEEPEST, _SHALLOWEST = 40, 12
_OWN_FILES, _INSTALLED_FILES = 60, 120


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took."""

    wall_s: float
    cpu_s: float


class Program:
    """A made-up program: functions in files, and stacks that share their beginnings."""

    def __init__(self, dice: random.Random, functions: int) -> None:
        self._dice = dice
        self._functions = functions
        self._paths: list[tuple[int, ...]] = []

    def path(self) -> tuple[int, ...]:
        """Return function numbers of a stack that is like those before it."""
        dice = self._dice
        before = self._paths[int(len(self._paths) * dice.random())] if self._paths else ()
        path = list(before[: int(len(before) * (0.75 + 0.25 * dice.random()))])
        depth = dice.randint(_SHALLOWEST, _DEEPEST)
        while len(path) < depth:
            path.append(int(self._functions * dice.random() ** 2))
        self._paths.append(tuple(path))
        return self._paths[-1]


def frames(functions: int, checkout: str, environment: str) -> list[Frame]:
    """Return the functions of a program as a sampler names them in a checkout and an environment."""

    def file_of(number: int) -> str:
        if number % 3:
            return f"{environment}/lib/python3.11/site-packages/package_{number % _INSTALLED_FILES}/core.py"
        return f"{checkout}/service/part_{number % _OWN_FILES}.py"

    return [Frame(f"Class{number % 97}.method_{number}", file_of(number), number % 900) for number in range(functions)]


def tree_of(paths: Sequence[tuple[int, ...]], functions: Sequence[Frame], nodes: int, dice: random.Random) -> CallTree:
    """Return the tree of as many of the paths as make so many nodes."""
    tree = CallTree()
    leaves = []
    for path in paths:
        if len(tree) > nodes:
            break
        node = 0
        for number in path:
            node = tree.child(node, tree.function_id(functions[number]))
        leaves.append(node)
    for leaf in leaves:
        count = 1 + int(200 * dice.random() ** 8)
        tree.self_weight[leaf] += count / 100
        tree.self_count[leaf] += count
    recount(tree)
    return tree


def pair(nodes: int, functions: int, *, shared: float) -> tuple[Side, Side]:
    """Return both sides of a comparison whose stacks are the same up to a share of them."""
    dice = random.Random(3)
    program = Program(dice, functions)
    many = [program.path() for _ in range(nodes // 2)]
    before = tree_of(many, frames(functions, "/home/a/service", "/home/a/venv"), nodes, dice)
    mixed = [path if dice.random() < shared else _diverted(path, functions, dice) for path in many]
    after = tree_of(mixed, frames(functions, "/srv/ci/work", "/opt/envs/ci"), nodes, dice)
    return Side(before, "/home/a/service"), Side(after, "/srv/ci/work")


def _diverted(path: tuple[int, ...], functions: int, dice: random.Random) -> tuple[int, ...]:
    """Return a stack that begins as another one does."""
    return (*path[: len(path) // 4], *dice.choices(range(functions), k=len(path) // 4))


def first_picture(before: Side, after: Side) -> DeltaTree:
    """Match and unite two sides and work out the boxes of the first screen with what is said of each."""
    found = match(Functions(before.tree.functions, (before.root,)), Functions(after.tree.functions, (after.root,)))
    tree = DeltaTree(replace(before, names=found.baseline), replace(after, names=found.current))
    for row in layout(tree, width=COLUMNS, rows=ROWS).rows:
        for box in row:
            tree.kind(box.node)
    return tree


def costs(work: Callable[[], object], runs: int) -> list[Cost]:
    """Return what each of several runs took, every one of them without names made before."""
    found = []
    for _ in range(runs):
        normal_file.cache_clear()
        gc.collect()
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        work()
        found.append(Cost(time.perf_counter() - wall_s, time.process_time() - cpu_s))
    return found


def figures(name: str, before: Side, after: Side, runs: int) -> list[Figure]:
    """Measure one pair of trees."""
    took = costs(lambda: first_picture(before, after), runs)
    wall, cpu = [1_000 * cost.wall_s for cost in took], [1_000 * cost.cpu_s for cost in took]
    return [
        Figure(f"{name}: nodes", len(before.tree), digits=0),
        Figure(f"{name}: nodes of the other", len(after.tree), digits=0),
        Figure(f"{name}: nodes of the union", len(DeltaTree(before, after)), digits=0),
        Figure(f"{name}: CPU, median", statistics.median(cpu), "ms", at_most=GOAL_MS, digits=0),
        Figure(f"{name}: wall, median", statistics.median(wall), "ms", at_most=GOAL_MS, digits=0),
        Figure(f"{name}: wall, worst", max(wall), "ms", digits=0),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=100_000, help="nodes of each tree")
    parser.add_argument("--functions", type=int, default=3_000, help="functions of both programs")
    parser.add_argument("--runs", type=int, default=15, help="runs of each measurement")
    options = parser.parse_args()
    found = []
    for name, shared in (("one program twice", 0.9), ("two programs", 0.0)):
        found += figures(name, *pair(options.nodes, options.functions, shared=shared), options.runs)
    return 0 if show("Two call trees matched and united, up to the first picture at 160x50", found) else 1


if __name__ == "__main__":
    sys.exit(main())
