from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.run_counts import FunctionCounts, RunCounts
from perftui.analysis.run_weights import placed, weights_of

WORK = ("app.py", "work")
RUNS = [
    RunCounts({WORK: FunctionCounts(150), ("app.py", "rest"): FunctionCounts(50)}, interval_s=0.01),
    RunCounts({("app.py", "rest"): FunctionCounts(60)}, interval_s=0.02),
]


def test_a_function_weighs_its_samples_in_each_run_and_nothing_where_it_was_not_seen() -> None:
    assert weights_of(WORK, RUNS) == [1.5, 0.0]
    assert weights_of(None, RUNS) == [2.0, 1.2]


@given(st.lists(st.floats(0.0, 10.0)), st.integers(1, 80))
def test_every_run_has_a_place(values: list[float], cells: int) -> None:
    found = placed(values, cells, low=min(values, default=0.0), high=max(values, default=0.0))
    assert sum(found.values()) == len(values)
    assert all(0 <= cell < cells for cell in found)
