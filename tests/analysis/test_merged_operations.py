"""Operations of several sessions: every raw value is kept, and a tool's own figures stand for its session alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.merged_operations import merged_operations
from perftui.model.operation import Operation
from perftui.units import Unit

RECALL = Operation("memory", "recall", runs=((0.045, 0.047),), told={"mean": 0.046}, ok=2)


def test_one_session_keeps_what_its_tool_told() -> None:
    assert merged_operations([[RECALL]]) == {"memory.recall": RECALL}


def test_runs_follow_each_other_and_executions_add_up() -> None:
    other = Operation("memory", "recall", runs=((0.05,), (0.051,)), ok=1, failed=1, errors={"timeout": 1})
    merged = merged_operations([[RECALL], [other]])["memory.recall"]
    assert merged.runs == ((0.045, 0.047), (0.05,), (0.051,))
    assert (merged.ok, merged.failed, merged.errors, merged.told) == (3, 1, {"timeout": 1}, {})


def test_a_session_without_raw_values_counts_as_the_one_that_its_tool_told() -> None:
    told = Operation("memory", "recall", told={"mean": 0.048, "p95": 0.06})
    merged = merged_operations([[RECALL], [told]])["memory.recall"]
    assert merged.runs == ((0.045, 0.047), (0.048,))


def test_weights_are_those_of_the_values_where_only_one_session_has_some() -> None:
    weighed = Operation("memory", "recall", runs=((0.044,),), weights=((100,),))
    merged = merged_operations([[RECALL], [weighed]])["memory.recall"]
    assert merged.weights == ((1, 1), (100,))


def test_what_counts_something_else_is_another_operation() -> None:
    bytes_of = Operation("memory", "recall", unit=Unit.BYTES, runs=((1e6,),))
    assert merged_operations([[RECALL], [bytes_of]]) == {"memory.recall": RECALL}


@given(st.lists(st.lists(st.floats(0, 10), max_size=5), min_size=1, max_size=5))
def test_no_raw_value_is_lost(sessions: list[list[float]]) -> None:
    operations = [[Operation("", "x", runs=(tuple(values),))] for values in sessions]
    merged = merged_operations(operations)["x"]
    assert merged.values == tuple(value for values in sessions for value in values)
