"""Growth with size: the slope of known laws, its interval, the sizes that names carry."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from perftui.analysis.scaling import scalings, size_of
from perftui.model.operation import Operation


def sized(sizes: list[float], times: list[float], *, name: str = "sort") -> list[Operation]:
    return [Operation("g", name, f"{size:g}", runs=((time,),)) for size, time in zip(sizes, times, strict=True)]


@given(st.floats(-2, 4), st.floats(1e-9, 1e3), st.integers(2, 6))
def test_a_power_law_gives_its_exponent(exponent: float, factor: float, count: int) -> None:
    sizes = [10.0**power for power in range(count)]
    (found,) = scalings(sized(sizes, [factor * size**exponent for size in sizes]))
    assert found.exponent == pytest.approx(exponent, abs=1e-6)
    assert found.has_interval is (count > 2)
    assert found.value_at(100) == pytest.approx(factor * 100**exponent, rel=1e-5)


@given(st.lists(st.floats(0.01, 100), min_size=4, max_size=8, unique=True))
def test_slope_and_interval_are_those_of_scipy(times: list[float]) -> None:
    sizes = [2.0**power for power in range(len(times))]
    (found,) = scalings(sized(sizes, times))
    line = stats.linregress([log(size) for size in sizes], [log(time) for time in times])
    half = stats.t.ppf(0.975, len(times) - 2) * line.stderr
    assert found.exponent == pytest.approx(line.slope, abs=1e-9)
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([3.0, 3.0, 3.0, 3.0], "about constant"),
        ([1.0, 10.0, 100.0, 1000.0], "about linear"),
        ([1.0, 31.6, 1000.0, 31600.0], "between linear and quadratic"),
        ([1.0, 1e2, 1e4, 1e6], "about quadratic"),
        ([1.0, 1e5, 1e10, 1e15], "steeper than cubic"),
        ([1.0, 0.1, 0.01, 0.001], "falls with size"),
        ([1.0, 100.0, 1.0, 100.0], "not clear"),
    ],
)
def test_growth_is_said_in_words_and_left_open_where_it_is_not_clear(times: list[float], words: str) -> None:
    (found,) = scalings(sized([1.0, 10.0, 100.0, 1000.0], times))
    assert found.words == words


@pytest.mark.parametrize(
    ("name", "parameter", "size"),
    [
        ("sort", "100", ("sort", 100.0)),
        ("sort", "1_000", ("sort", 1000.0)),
        ("sort", "1e3", ("sort", 1000.0)),
        ("sort", "size=4KiB", ("sort[size]", 4096.0)),
        ("sort", "json-1000", ("sort[json]", 1000.0)),
        ("sort", "0.5", ("sort", 0.5)),
        ("build_dag_100", "", ("build_dag", 100.0)),
        ("sort", "128x128", None),
        ("sort", "10-20", None),
        ("sort", "utf8", None),
        ("sort", "-5", None),
        ("sort", "fast", None),
        ("sort", "", None),
        ("v1.2.3", "", None),
    ],
)
def test_a_size_is_read_only_where_it_is_the_only_number(
    name: str, parameter: str, size: tuple[str, float] | None
) -> None:
    assert size_of(Operation("", name, parameter)) == size


def test_families_keep_apart_and_one_size_grows_nothing() -> None:
    rest = [Operation("g", "sort", "fast", runs=((1.0,),)), Operation("g", "sort", "100")]
    found = scalings(
        [*sized([1, 10], [1, 10]), *sized([1, 10], [1, 100], name="join"), *sized([5], [1], name="one"), *rest]
    )
    assert [(scaling.key, len(scaling.points)) for scaling in found] == [("g.sort", 2), ("g.join", 2)]
    assert [point.key for point in found[0].points] == ["g.sort[1]", "g.sort[10]"]


@given(st.lists(st.tuples(st.text("0123456789kK.e-_=x", max_size=12), st.floats(0, 1e300)), max_size=6))
def test_any_parameter_gives_a_finite_slope_or_none(pairs: list[tuple[str, float]]) -> None:
    for scaling in scalings([Operation("", "x", text, runs=((value,),)) for text, value in pairs]):
        assert scaling.low <= scaling.exponent <= scaling.high
        assert scaling.words
