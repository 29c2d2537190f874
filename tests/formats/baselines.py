"""Figures of a side, made by hand and at random, for tests of committed baselines."""

from __future__ import annotations

from hypothesis import strategies as st

from perftui.model.operation import Operation
from perftui.model.run_figures import FigureRuns, FunctionRuns, RunFigures
from perftui.units import Unit

RECALL = Operation(
    "memory",
    "recall",
    runs=((0.045, 0.0471), (0.0449, 0.046)),
    told={"mean": 0.04575},
    ok=4,
    failed=1,
    errors={"timeout": 1},
    tool="pytest-benchmark",
    tool_version="5.1.0",
)
FIGURES = RunFigures(
    ref="baseline:main",
    name="bench",
    created="2026-01-02T03:04:05+0000",
    runs=2,
    samples=(600, 610),
    seconds=(6.0, 6.1),
    operations={RECALL.key: RECALL},
    figures={"wall_s": FigureRuns(Unit.SECONDS, (6.2, 6.3)), "rss_bytes.max": FigureRuns(Unit.BYTES, (1e6,))},
    functions=(FunctionRuns("Index.query", "app/search.py", (300, 310), (3.0, 3.1), (1.0, 1.1), 1.5),),
    environment={"cpu": "Some CPU", "cores": "4"},
)

_words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
_numbers = st.floats(0, 1e12, allow_nan=False).map(lambda value: float(f"{value:.12g}"))


@st.composite
def _operations(draw: st.DrawFn) -> Operation:
    runs = tuple(draw(st.lists(st.lists(_numbers, max_size=6).map(tuple), max_size=4)))
    weighed = draw(st.booleans()) and any(runs)
    weights = tuple(tuple(draw(st.integers(1, 100)) for _ in run) for run in runs) if weighed else ()
    return Operation(
        draw(_words | st.just("")),
        draw(_words),
        draw(_words | st.just("")),
        unit=draw(st.sampled_from(Unit)),
        runs=runs if any(runs) else (),
        weights=weights,
        told=draw(st.dictionaries(st.sampled_from(["mean", "median", "p95"]), _numbers, max_size=2)),
        ok=draw(st.none() | st.integers(0, 1000)),
        failed=draw(st.none() | st.integers(0, 1000)),
        errors=draw(st.dictionaries(_words, st.integers(0, 9), max_size=2)),
        work=draw(st.none() | _numbers),
        work_unit=draw(st.sampled_from([Unit.COUNT, Unit.BYTES])),
        lower_is_better=draw(st.booleans()),
        tool=draw(_words | st.just("")),
    )


@st.composite
def run_figures(draw: st.DrawFn) -> RunFigures:
    """Figures of one to four runs."""
    runs = draw(st.integers(1, 4))

    def row(values: st.SearchStrategy[float]) -> tuple[float, ...]:
        return tuple(draw(values) for _ in range(runs))

    def counted() -> tuple[int, ...]:
        return tuple(draw(st.integers(0, 10**6)) for _ in range(runs))

    keys = sorted(draw(st.sets(st.tuples(_words, _words), max_size=3)))
    names = draw(st.sets(_words, max_size=3))
    operations = draw(st.lists(_operations(), max_size=3))
    return RunFigures(
        ref="x.json",
        name=draw(_words | st.just("")),
        created=draw(_words | st.just("")),
        runs=runs,
        samples=counted() if draw(st.booleans()) else (),
        seconds=row(_numbers) if draw(st.booleans()) else (),
        operations={operation.key: operation for operation in operations},
        figures={name: FigureRuns(draw(st.sampled_from(Unit)), row(_numbers)) for name in names},
        functions=tuple(
            FunctionRuns(function, file, counted(), row(_numbers), row(_numbers), 1.0 + draw(st.integers(0, 9)))
            for file, function in keys
        ),
        environment=draw(st.dictionaries(_words, _words, max_size=3)),
    )
