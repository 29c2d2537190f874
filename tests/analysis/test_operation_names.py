"""Names of budgets and of tools: what agrees, what does not, and what is said of more than one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.operation_names import folded, match_operation, match_operations, unmatched
from perftui.model.operation import Operation

words = st.text("abcXYZ0189_-/[]. äß", max_size=12)


def measured(*names: tuple[str, str, str]) -> Mapping[str, Operation]:
    operations = [Operation(*name) for name in names]
    return {operation.key: operation for operation in operations}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("scheduler.build_dag_100", ("scheduler", "build_dag", "100")),
        ("scheduler.build_dag_100", ("", "test_build_dag", "100")),
        ("scheduler.build_dag_100", ("", "scheduler/build_dag/100", "")),
        ("scheduler.build_dag_100", ("Scheduler", "BuildDAG", "100")),
        ("scheduler.build_dag_100", ("test_scheduler", "test_build_dag_100", "")),
        ("scheduler.build_dag_100", ("", "BenchmarkBuildDag", "100")),
        ("scheduler.build_dag_100", ("", "scheduler::bench_build_dag_100", "")),
        ("memory.recall", ("memory", "recall", "")),
        ("memory.recall", ("", "recall", "")),
        ("trait.concrete_call", ("trait", "concrete call", "")),
        ("build_dag_100", ("scheduler", "build_dag", "100")),
        ("scheduler.größe_1.5", ("scheduler", "Größe", "1.5")),
    ],
)
def test_one_piece_of_work_is_known_in_every_spelling(written: str, name: tuple[str, str, str]) -> None:
    operations = measured(name, ("other", "thing", ""))
    found = match_operation(written, operations)
    assert found.operation is next(iter(operations.values())), found.reason


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("memory.recall", ("vector", "recall", "")),
        ("scheduler.build_dag", ("scheduler", "build_dag", "100")),
        ("scheduler.build_dag_10", ("scheduler", "build_dag", "100")),
        ("scheduler.build_15", ("scheduler", "build", "1.5")),
        ("scheduler.ament", ("scheduler", "testament", "")),
    ],
)
def test_another_group_size_or_name_is_another_operation(written: str, name: tuple[str, str, str]) -> None:
    assert match_operation(written, measured(name)).operation is None


def test_two_that_could_be_meant_are_named_and_neither_is_chosen() -> None:
    found = match_operation("scheduler.build_dag", measured(("", "test_build_dag", ""), ("", "bench_build_dag", "")))
    assert (found.operation, found.rivals) == (None, ("test_build_dag", "bench_build_dag"))
    assert found.reason == "ambiguous: test_build_dag, bench_build_dag"


def test_what_agrees_to_the_letter_goes_before_what_agrees_in_letters() -> None:
    operations = measured(("scheduler", "build-dag", ""), ("scheduler", "build_dag", ""))
    found = match_operation("scheduler.build_dag", operations)
    assert found.operation is operations["scheduler.build_dag"]
    assert match_operation("scheduler.BuildDag", operations).rivals == tuple(operations)


def test_an_operation_without_a_group_does_not_answer_to_two_names_of_a_budget() -> None:
    operations = measured(("", "run", ""), ("fast", "jump", ""))
    found = match_operations(["scheduler.run", "memory.run", "fast.jump"], operations)
    assert found["scheduler.run"].rivals == found["memory.run"].rivals == ("scheduler.run", "memory.run")
    assert found["fast.jump"].operation is operations["fast.jump"]


def test_what_was_not_measured_is_said_with_what_looks_like_it() -> None:
    operations = measured(("scheduler", "build_dag", "100"), ("memory", "recall", ""))
    assert match_operation("scheduler.build_dag_10", operations).similar == ("scheduler.build_dag[100]",)
    assert match_operation("memory.build_dog_100", operations).similar == ("scheduler.build_dag[100]",)
    assert match_operation("scheduler.zzz", operations).reason == "not measured"


def test_measured_without_a_budget_is_what_no_name_means() -> None:
    operations = measured(("a", "one", ""), ("a", "two", ""), ("b", "test_x", ""), ("b", "bench_x", ""))
    found = match_operations(["a.one", "b.x"], operations)
    assert unmatched(operations, found.values()) == ("a.two",)


@given(words, words, words)
def test_a_key_means_its_own_operation(group: str, name: str, parameter: str) -> None:
    operation = Operation(group, name or "x", parameter)
    found = match_operation(operation.key, {operation.key: operation, "other.thing": Operation("other", "thing")})
    if "." not in group and folded(operation.key):
        assert found.operation is operation or found.rivals


@given(words)
def test_folding_again_changes_nothing(name: str) -> None:
    assert folded(folded(name)) == folded(name)


@given(st.lists(words, max_size=6), st.lists(st.tuples(words, words, words), max_size=8))
def test_every_name_gets_one_operation_or_says_why_not(written: list[str], names: list[tuple[str, str, str]]) -> None:
    for name, match in match_operations(written, measured(*names)).items():
        assert match.written == name
        assert (match.operation is None) == bool(match.reason)
        assert not match.rivals or (match.operation is None and len(match.rivals) > 1)
