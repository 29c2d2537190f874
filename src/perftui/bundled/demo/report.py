"""The yearly report: a child process tries routes for the delivery vans by recursion."""

from __future__ import annotations

import math
import multiprocessing
import os
import random
import time


class RoutePlanner:
    """Finds a short way through a few towns."""

    def __init__(self, towns: int, seed: int) -> None:
        source = random.Random(seed)
        self._towns = [(source.random(), source.random()) for _ in range(towns)]
        self.best = float("inf")

    def plan(self) -> float:
        """Return the length of the shortest way."""
        self.visit(0, frozenset(range(1, len(self._towns))), 0.0)
        return self.best

    def visit(self, here: int, left: frozenset[int], length: float) -> None:
        """Go on from a town to each one that is left, as long as there is hope."""
        if length >= self.best:
            return
        if not left:
            self.best = length
            return
        for town in self.nearest_first(here, left):
            self.visit(town, left - {town}, length + self.distance(here, town))

    def nearest_first(self, here: int, left: frozenset[int]) -> list[int]:
        """Return the towns that are left, the nearest first."""
        return sorted(left, key=lambda town: self.distance(here, town))

    def distance(self, start: int, end: int) -> float:
        """Return the way between two towns as the crow flies."""
        (a, b), (c, d) = self._towns[start], self._towns[end]
        return math.hypot(a - c, b - d)


def plan_routes(seconds: float, parent: int) -> None:
    """Plan routes for so many seconds, or until the shop is gone."""
    until = time.monotonic() + seconds
    seed = 0
    while time.monotonic() < until and os.getppid() == parent:
        seed += 1
        RoutePlanner(towns=8, seed=seed).plan()


def start_report(seconds: float) -> multiprocessing.process.BaseProcess:
    """Start the child process that makes the report."""
    # A fresh interpreter: forking a process that has threads is no safe thing to show.
    process = multiprocessing.get_context("spawn").Process(
        target=plan_routes, args=(seconds, os.getpid()), name="route-planner", daemon=True
    )
    process.start()
    return process
