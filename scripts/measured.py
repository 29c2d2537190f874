"""Operations made by hand, as benchmark tools tell them: the same values at every run."""

from __future__ import annotations

from dataclasses import replace
from math import log
from random import Random

from perftui.model.operation import Operation
from perftui.units import Unit


def around(
    middle: float,
    *,
    n: int = 40,
    runs: int = 1,
    spread: float = 0.05,
    seed: object = 0,
    drift: float = 0.0,
    tail: float = 0.0,
) -> tuple[tuple[float, ...], ...]:
    """Runs of values around a middle, each one its own by a little; `tail` of them take three times as long."""
    dice = Random(f"{seed} {middle}")
    found = []
    for _ in range(runs):
        host = dice.lognormvariate(0, spread / 3)
        values = []
        for at in range(n):
            value = middle * host * dice.lognormvariate(0, spread) * (1 + drift * at / n)
            values.append(value * (3 if dice.random() < tail else 1))
        found.append(tuple(values))
    return tuple(found)


def operation(name: str, middle: float, *, group: str = "memory", parameter: str = "", **shape: float) -> Operation:
    """An operation that takes about so many seconds."""
    return Operation(
        group,
        name,
        parameter,
        runs=around(middle, seed=f"{group}.{name}[{parameter}]", **shape),  # type: ignore[arg-type]
        tool="pytest-benchmark",
        tool_version="5.1.0",
    )


def suite(*, slower: float = 1.0, seed: int = 0) -> tuple[Operation, ...]:
    """The operations of a store with a scheduler: three groups, sizes, failures, and one of which little is told."""
    counted = operation("batch_set", 0.085, parameter="100", n=30, runs=5, spread=0.08)
    sizes = (10, 100, 1_000, 10_000)
    found = (
        operation("remember", 0.0025, n=120, runs=5, spread=0.11),
        operation("recall", 0.045 * slower, n=120, runs=5, spread=0.14, tail=0.04),
        operation("hybrid_search", 0.052, n=18, runs=1, spread=0.2, drift=0.25),
        replace(counted, ok=148, failed=2, errors={"TimeoutError": 1, "ValueError: key is empty": 1}, work=100.0),
        operation("get", 0.0008, n=120, runs=5, tail=0.02),
        *(
            operation(
                "build_dag", 1.2e-6 * size * (1 + log(size) / 30), group="scheduler", parameter=f"{size}", n=24, runs=3
            )
            for size in sizes
        ),
        operation("topological_sort", 0.0121, group="scheduler", parameter="1000", n=24, runs=3, spread=0.03),
        Operation(
            "trait",
            "concrete_call",
            told={"median": 1.15e-6, "stddev": 1.2e-8},
            tool="bencher",
        ),
        Operation("trait", "trait_object_call", told={"median": 1.19e-6, "stddev": 1.4e-8}, tool="bencher"),
        replace(
            operation("decode", 3.4e8, group="wire", n=40, spread=0.03),
            unit=Unit.BYTES_PER_SECOND,
            lower_is_better=False,
        ),
    )
    if not seed:
        return found
    return tuple(
        replace(each, runs=around(_middle(each), n=len(each.runs[0]), runs=len(each.runs), seed=f"{seed}{each.key}"))
        if each.runs
        else each
        for each in found
    )


def _middle(operation: Operation) -> float:
    values = sorted(operation.values)
    return values[len(values) // 2]
