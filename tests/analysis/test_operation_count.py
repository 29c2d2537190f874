"""How many operations a run did, and where nobody can say."""

from __future__ import annotations

import pytest

from perftui.analysis.operation_count import count_words, operation_count, series_counts
from perftui.analysis.series_histories import SeriesHistories
from perftui.model.finding import OperationCount
from perftui.model.operation import Operation
from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.units import Unit

ROUNDS = Operation("", "recall", runs=((0.01, 0.02), (0.03,)), tool="pytest-benchmark")


def test_rounds_count_as_often_as_each_was_repeated() -> None:
    found = operation_count([ROUNDS])
    assert found is not None
    assert (found.number, found.of, found.tool) == (3, "recall", "pytest-benchmark")
    assert found.measured_s == pytest.approx(0.06)
    repeated = Operation("memory", "recall", runs=((0.01, 0.02),), weights=((100, 300),))
    found = operation_count([repeated])
    assert found is not None
    assert (found.number, found.of) == (400, "memory.recall")
    assert found.measured_s == pytest.approx(7.0)


def test_what_failed_was_done_as_well() -> None:
    counted = Operation("", "get", runs=((0.01,) * 5,), ok=5, failed=2)
    assert operation_count([counted]) == OperationCount(7, "get")


def test_of_several_operations_and_of_none_there_is_no_count() -> None:
    assert operation_count([]) is None
    assert operation_count([ROUNDS, ROUNDS]) is None
    # A value that is no time is not one execution; what is told beside times does not hide how often these were taken.
    sizes = Operation("", "recall B/op", unit=Unit.BYTES, runs=((512.0,) * 3,))
    assert operation_count([sizes]) is None
    assert operation_count([ROUNDS, sizes]) == operation_count([ROUNDS])
    # Of figures alone nobody knows how many executions stand behind them, nor which samples are theirs.
    told = Operation("", "told", told={"mean": 0.5})
    assert operation_count([told]) is None
    assert operation_count([ROUNDS, told]) is None


def test_a_count_is_said_with_who_counted_and_how_much_of_the_time_it_measured() -> None:
    assert count_words(OperationCount(20_000), 3.0) == (
        "Per operation: all that was sampled over 20,000 operations, as you counted."
    )
    assert count_words(OperationCount(934, "memory.recall", "pytest-benchmark", 0.98), 3.95) == (
        "Per operation: all that was sampled over 934 operations (memory.recall), as pytest-benchmark counted. "
        "It measured 980 ms of the 3.95 s sampled; the rest, as warming up, counts in."
    )
    one = operation_count([Operation("", "load", ok=0, failed=1, tool="hyperfine")])
    assert one is not None
    assert count_words(one, 9.0).endswith("over 1 operation (load), as hyperfine counted.")


def told(**counters: float) -> SeriesHistories:
    histories = SeriesHistories()
    for at_s in (1.0, 2.0):
        values = ((Series(name, kind=SeriesKind.COUNTER), value * at_s / 2) for name, value in counters.items())
        histories.add(SeriesValues(at_s, tuple(values)))
    return histories


def test_what_the_workload_counts_of_itself_are_operations_where_no_tool_counted() -> None:
    orders = told(orders=3662)
    assert operation_count([], orders) == OperationCount(3662, "orders", "the workload")
    assert operation_count([ROUNDS], orders) == operation_count([ROUNDS])
    assert operation_count([], told(orders=3662, mails=12)) is None
    assert operation_count([], told()) is None


def test_levels_bytes_and_counters_that_began_anew_count_nothing_and_scraped_ones_from_the_first_look_on() -> None:
    histories = SeriesHistories()
    web, anew = Series("requests_total", "web", SeriesKind.COUNTER), Series("anew", "web", SeriesKind.COUNTER)
    sent = Series("sent", kind=SeriesKind.COUNTER, unit=Unit.BYTES)
    progress = Series("progress_done")
    for at_s, level in ((1.0, 100.0), (2.0, 180.0)):
        read = ((web, 900 + level), (anew, 500 - level), (sent, level), (progress, level), (Series("queue"), level))
        histories.add(SeriesValues(at_s, read))
    assert list(series_counts(histories)) == [
        OperationCount(80, "requests_total", "web"),
        OperationCount(180, "progress_done", "the workload"),
    ]
    assert operation_count([], histories) == OperationCount(180, "progress_done", "the workload")
    # What was counted in the parts of a watch before was done there.
    later = operation_count([], histories, begins=False)
    assert later == OperationCount(80, "progress_done", "the workload")
