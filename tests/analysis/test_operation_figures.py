"""Figures of operations against numpy and the standard library, and what is refused."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.operation_figures import (
    FIGURES,
    PERCENTILES,
    executions,
    is_of_means,
    operation_figure,
    operation_figures,
    percentile,
)
from perftui.model.operation import Operation
from perftui.units import Unit

values = st.lists(st.floats(1e-12, 1e6), min_size=1, max_size=150)


def of(numbers: list[float]) -> Operation:
    return Operation("g", "work", runs=(tuple(numbers),))


@given(values, st.floats(0, 100))
def test_percentiles_are_those_of_numpy(numbers: list[float], percent: float) -> None:
    assert percentile(sorted(numbers), percent) == pytest.approx(float(np.percentile(numbers, percent)), rel=1e-9)


@given(values)
def test_mean_and_deviation_are_those_of_the_standard_library(numbers: list[float]) -> None:
    figures = operation_figures(of(numbers))
    assert figures["mean"].value == pytest.approx(statistics.fmean(numbers), rel=1e-9)
    assert figures["median"].value == pytest.approx(statistics.median(numbers), rel=1e-9)
    assert (figures["min"].value, figures["max"].value) == (min(numbers), max(numbers))
    if len(numbers) > 1:
        assert figures["stddev"].value == pytest.approx(statistics.stdev(numbers), rel=1e-6, abs=1e-12 * max(numbers))


@given(values)
def test_figures_lie_between_the_least_and_the_greatest_in_order(numbers: list[float]) -> None:
    figures = operation_figures(of(numbers))
    assert list(figures) == list(FIGURES)
    told = [figures[name].value for name in ("min", *PERCENTILES, "max")]
    rising = [value for value in told if value is not None]
    assert rising == sorted(rising)


@pytest.mark.parametrize(
    ("name", "n", "shown"),
    [
        ("p90", 9, False),
        ("p90", 10, True),
        ("p95", 19, False),
        ("p95", 20, True),
        ("p99", 99, False),
        ("p99", 100, True),
    ],
)
def test_a_percentile_is_refused_where_the_sample_is_too_small(name: str, n: int, *, shown: bool) -> None:
    figure = operation_figure(of([float(i) for i in range(1, n + 1)]), name)
    assert (figure.value is not None) is shown
    assert figure.reason == ("" if shown else f"n/a (n={n})")


def test_values_beyond_every_measurement_still_have_figures() -> None:
    figures = operation_figures(of([1.5e308, 1.6e308, -1.7e308]))
    assert all(figure.value is None or figure.value == figure.value for figure in figures.values())
    assert figures["mean"].value == pytest.approx(0.4667e308, rel=1e-3)
    assert operation_figure(of([5e-324, 1e-323]), "stddev").value is not None


def test_runs_are_one_sample_and_each_value_counts_once_whatever_it_is_the_mean_of() -> None:
    both = Operation("g", "work", runs=((1.0, 2.0), (6.0,)), weights=((10, 20), (30,)))
    assert operation_figure(both, "mean").value == 3.0
    assert (executions(both), is_of_means(both)) == (60, True)
    assert (executions(of([1, 2])), is_of_means(of([1, 2]))) == (2, False)


def test_what_a_tool_told_serves_where_there_are_no_raw_values_and_is_said_to_be_told() -> None:
    told = Operation("", "sort", told={"median": 2e-6, "stddev": 1e-7})
    median = operation_figure(told, "median")
    assert (median.value, median.told, median.n) == (2e-6, True, 0)
    assert operation_figure(told, "p50").value == 2e-6
    assert operation_figure(told, "mean").reason == "not told"
    assert operation_figure(told, "throughput").value == pytest.approx(5e5)
    assert not operation_figure(Operation("", "sort", runs=((1.0,),), told={"mean": 9.0}), "mean").told


def test_success_is_counted_over_all_executions() -> None:
    assert operation_figure(Operation("", "x", ok=199, failed=1), "success_pct").value == 99.5
    assert operation_figure(Operation("", "x", ok=3), "success_pct").value == 100
    assert operation_figure(Operation("", "x"), "success_pct").reason == "not counted"
    assert operation_figure(Operation("", "x", ok=0, failed=0), "success_pct").reason == "n/a (n=0)"


def test_throughput_is_work_over_the_mean_time() -> None:
    copied = Operation("", "copy", runs=((0.5, 1.5),), work=1000, work_unit=Unit.BYTES)
    figure = operation_figure(copied, "throughput")
    assert (figure.value, figure.unit, figure.n) == (1000.0, Unit.BYTES_PER_SECOND, 2)
    assert operation_figure(of([0.25]), "throughput").value == 4
    served = Operation("", "qps", unit=Unit.PER_SECOND, runs=((900.0, 1100.0),), lower_is_better=False)
    assert operation_figure(served, "throughput").value == 1000
    assert operation_figure(Operation("", "heap", unit=Unit.BYTES, runs=((1.0,),)), "throughput").reason == "not a time"
    assert operation_figure(of([0.0]), "throughput").value is None


def test_a_figure_that_is_none_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        operation_figure(of([1.0]), "p42")
