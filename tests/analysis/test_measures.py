"""The running figures: right for any readings, the same whoever looks how often."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.aggregate import tree_of
from perftui.analysis.measures import FunctionSubject, Measures, MeterFigures, SustainedLevel
from perftui.model.frame import Frame
from perftui.model.heap import HeapView
from perftui.model.reading import ResourceReading
from perftui.units import Unit
from tests.builders import profile, stack
from tests.heaps import heap_profile

_VALUES = st.lists(st.floats(0, 1e12, allow_subnormal=False), min_size=1, max_size=60)


def figures(*values: float | None) -> MeterFigures:
    result = MeterFigures()
    for value in values:
        result.add(value, 1.0)
    return result


@given(_VALUES)
def test_peak_and_last_are_exact_and_the_mean_lies_between(values: list[float]) -> None:
    found = figures(*values)
    assert found.peak == max(values)
    assert found.last == values[-1]
    assert found.mean is not None
    assert min(values) <= found.mean <= max(values)
    assert found.mean == pytest.approx(sum(values) / len(values), rel=1e-9, abs=1e-9)


@given(_VALUES)
def test_p95_was_read_and_is_at_most_a_percent_too_high(values: list[float]) -> None:
    exact = sorted(values)[-(-95 * len(values) // 100) - 1]
    found = figures(*values).p95
    assert found in values
    assert exact <= found <= exact * 1.0101 + 1e-9


@given(st.floats(0.001, 1e9), st.lists(st.floats(0.01, 10), min_size=1, max_size=30))
def test_figures_of_a_constant_are_that_constant_exactly(value: float, times: list[float]) -> None:
    found = MeterFigures()
    for for_s in times:
        found.add(value, for_s)
    assert found.mean == found.p95 == found.peak == value


def test_a_reading_counts_for_the_time_since_the_one_before() -> None:
    measures = Measures()
    for at_s, threads in ((0.0, 1.0), (9.0, 10.0), (10.0, 20.0)):
        measures.reading(ResourceReading(at_s, threads=threads))
    found = measures.figures("threads")
    assert found.mean == pytest.approx(11.0)
    assert found.p95 == 20.0
    assert measures.reading_count == 3
    assert measures.wall_s == 10.0


def test_one_reading_alone_is_its_own_mean() -> None:
    measures = Measures()
    measures.reading(ResourceReading(0.0, rss_bytes=5e6))
    assert measures.figures("rss_bytes").mean == 5e6
    assert measures.figures("rss_bytes").p95 == 5e6


def test_what_was_not_measured_is_none_and_moves_nothing() -> None:
    found = figures(None, float("nan"), float("inf"))
    assert (found.last, found.peak, found.mean, found.p95) == (None, None, None, None)
    later = figures(3.0, None)
    assert (later.last, later.peak, later.mean) == (None, 3.0, 3.0)


def test_a_copy_goes_its_own_way() -> None:
    first = figures(1.0)
    second = first.copy()
    second.add(9.0, 1.0)
    assert (first.peak, first.p95) == (1.0, 1.0)
    assert (second.peak, second.p95) == (9.0, 9.0)


def test_percentiles_keep_a_bounded_memory() -> None:
    found = MeterFigures()
    for exponent in range(-400, 400):
        found.add(1.07**exponent * 1e3, 1.0)
    for value in range(20_000):
        found.add(float(value), 1.0)
    assert len(found._buckets) < 7_000


def _held_over(limit: float, for_s: float, series: list[tuple[float, float | None]]) -> bool:
    """The stop watch that a person would hold: started above the limit, stopped at or below it."""
    since: float | None = None
    for at_s, value in series:
        if value is None or value <= limit:
            since = None
            continue
        since = at_s if since is None else since
        if at_s - since >= for_s:
            return True
    return False


@given(
    st.lists(st.tuples(st.integers(1, 4), st.none() | st.integers(0, 5)), max_size=40),
    st.integers(1, 12),
    st.integers(0, 5),
)
def test_a_sustained_level_is_over_a_limit_when_a_stop_watch_says_so(
    steps: list[tuple[int, int | None]], for_s: int, limit: int
) -> None:
    level, at_s = SustainedLevel(for_s), 0.0
    series: list[tuple[float, float | None]] = []
    for step, value in steps:
        at_s += step
        level.add(at_s, value)
        series.append((at_s, value))
    assert (level.level is not None and level.level > limit) == _held_over(limit, for_s, series)


def test_a_late_judge_gets_each_reading_once() -> None:
    measures = Measures()
    for number in range(1_000):
        measures.reading(ResourceReading(float(number)))
    assert [reading.at_s for reading in measures.readings_after(997)] == [997.0, 998.0, 999.0]
    assert list(measures.readings_after(1_000)) == []
    assert measures.oldest_kept == 400
    assert len(measures.readings_after(0)) == 600


@pytest.mark.parametrize(
    ("subject", "file", "matches"),
    [
        ("work", "/srv/app/search.py", True),
        ("search.py:work", "/srv/app/search.py", True),
        ("app/search.py:work", "/srv/app/search.py", True),
        ("/srv/app/search.py:work", "/srv/app/search.py", True),
        ("./app/search.py:work", "/srv/app/search.py", True),
        (r"app\search.py:work", r"C:\srv\app\search.py", True),
        (r"C:\srv\app\search.py:work", r"C:\srv\app\search.py", True),
        ("search.py:work", "/srv/app/research.py", False),
        ("app/search.py:work", "search.py", False),
        ("other.py:work", "/srv/app/search.py", False),
        ("<string>:work", "<string>", True),
        ("ork", "/srv/app/search.py", False),
        ("Index.work", "/srv/app/search.py", False),
    ],
)
def test_a_function_is_meant_by_its_whole_name_and_the_end_of_its_path(subject: str, file: str, matches: bool) -> None:
    assert FunctionSubject.parse(subject).matches(Frame("work", file)) is matches


def test_what_functions_of_one_name_cost_together_counts_no_sample_twice() -> None:
    measures = Measures(profile("main;get@a.py;get@b.py 3\nmain;get@b.py;leaf 4\nmain;other 3"))
    both = measures.function(FunctionSubject("get"))
    assert both is not None
    assert (both.self_weight, both.total_weight, both.total_count) == (3, 7, 7)
    one = measures.function(FunctionSubject("get", "b.py"))
    assert one is not None
    assert (one.self_weight, one.total_weight) == (3, 7)
    assert measures.function(FunctionSubject("gone")) is None


_STACKS = st.lists(
    st.lists(st.sampled_from(("f@a.py", "f@b.py", "f@c.py", "g", "h")), min_size=1, max_size=6), max_size=25
)


@given(_STACKS)
def test_a_tree_that_grows_tells_the_same_as_one_that_is_whole(stacks: list[list[str]]) -> None:
    frames = [stack(";".join(names)) for names in stacks]
    tree = tree_of([], Unit.SECONDS)
    growing, subject = Measures(tree), FunctionSubject("f")
    for one in frames:
        tree.add_stack(one, 1.0)
        tree.flush()
        growing.function(subject)
    found = growing.function(subject)
    holding = [one for one in frames if any(frame.function == "f" for frame in one)]
    assert (found.total_count if found else 0) == len(holding)
    assert (found.self_count if found else 0) == sum(one[-1].function == "f" for one in frames)


def test_another_tree_is_searched_anew() -> None:
    measures = Measures(profile("main;work 1"))
    subject = FunctionSubject("work")
    assert measures.function(subject) is not None
    measures.profile = profile("main;rest 1")
    assert measures.function(subject) is None
    measures.profile = None
    assert measures.function(subject) is None


@pytest.mark.parametrize(
    ("subject", "meant"),
    [
        ("query", "Index.query"),
        ("Index.qurey", "Index.query"),
        ("other.py:Index.query", "app/search.py:Index.query"),
        ("nothing_like_it", ""),
    ],
)
def test_a_name_that_was_never_seen_is_told_from_a_slip(subject: str, meant: str) -> None:
    measures = Measures(profile("main;Index.query@app/search.py:3 5"))
    assert measures.similar(FunctionSubject.parse(subject)) == meant


# What was allocated.


def test_the_first_value_is_that_of_the_first_reading_that_has_one() -> None:
    assert figures(None, 3.0, 9.0).first == 3.0
    assert figures().first is None
    assert figures(None, 3.0).copy().first == 3.0


def test_what_was_seen_allocating_is_known_and_may_have_been_meant() -> None:
    measures = Measures(profile("main;work 5"))
    assert not measures.is_traced
    measures.heap = {HeapView.HIGH_WATERMARK: heap_profile("main;load@io.py 900 1\nmain;tiny@io.py 1 1", listed_from=9)}
    assert measures.is_traced
    assert measures.has_seen(FunctionSubject("tiny"))
    assert measures.has_seen(FunctionSubject("work"))
    assert not measures.has_seen(FunctionSubject("lood"))
    assert not measures.has_seen(FunctionSubject("(smaller stacks)"))
    assert measures.similar(FunctionSubject.parse("lib.py:load")) == "io.py:load"
    assert measures.similar(FunctionSubject("loads")) == "load"


@pytest.mark.parametrize("metric", ["rss_bytes", "heap_bytes"])
def test_growth_is_followed_reading_by_reading(metric: str) -> None:
    measures = Measures()
    for at in range(40):
        measures.reading(ResourceReading(float(at), **{metric: 100.0 * at}))
    found = measures.growths[metric].slope()
    assert found is not None
    assert found.per_s == pytest.approx(100.0)
    assert sum(growth.is_measured for growth in measures.growths.values()) == 1
    assert measures.is_traced is (metric == "heap_bytes")
