"""The figures of the source document: what its budget was written for, and what its operations took."""

from __future__ import annotations

from collections.abc import Mapping

from perftui.model.run_figures import RunFigures
from tests.budgets.measured_sides import operation, quiet, side

BASELINE_S: Mapping[str, float] = {
    "memory.remember": 2.5e-3,
    "memory.recall": 45e-3,
    "memory.hybrid_search": 52e-3,
    "storage.set": 1.2e-3,
    "storage.get": 0.8e-3,
    "scheduler.build_dag_100": 12e-3,
    "scheduler.build_dag_1000": 145e-3,
    "scheduler.execute_dag_parallel": 850e-3,
    "trait.dispatch_overhead": 1150e-9,
}
"""Means, by the names of the budget."""
ALLOWED_PCT: Mapping[str, float] = {
    "memory.remember": 5,
    "memory.recall": 8,
    "memory.hybrid_search": 8,
    "storage.set": 5,
    "storage.get": 5,
    "scheduler.build_dag_100": 5,
    "scheduler.build_dag_1000": 5,
    "scheduler.execute_dag_parallel": 10,
    "trait.dispatch_overhead": 10,
}
WITHOUT_A_BUDGET: Mapping[str, float] = {"storage.batch_set[100]": 85e-3, "scheduler.topological_sort[1000]": 1e-2}


def one_run(changes_pct: Mapping[str, float]) -> RunFigures:
    """One run in which operations took so many percent more than they did."""
    return side(*(operation(key, [[BASELINE_S[key] * (1 + pct / 100)]]) for key, pct in changes_pct.items()))


def five_runs(change_pct: float, ref: str) -> RunFigures:
    """Five quiet runs in which every operation took so many percent more than it did."""
    factor = 1 + change_pct / 100
    return side(*(quiet(key, seconds * factor) for key, seconds in BASELINE_S.items()), ref=ref, runs=5)
