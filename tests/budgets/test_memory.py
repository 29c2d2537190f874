"""Verdicts on memory: exact, sampled, incomplete and missing are told apart, live and over a saved session."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.heap_profile import HeapProfile
from perftui.analysis.measures import Measures
from perftui.budgets.evaluate import Evaluator, evaluate
from perftui.budgets.judges import NOT_METERED, NOT_TRACED
from perftui.budgets.load import load_budget, parse_budget
from perftui.budgets.spec import RSS_NOTE
from perftui.model.heap import Capture, HeapTimeline, HeapView
from perftui.model.reading import ResourceReading
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.units import Unit
from tests.budgets.test_load import ROOT
from tests.heaps import heap_profile

MB = 1e6
Heap = Mapping[HeapView, HeapProfile]


def capture(pid: int = 100, **facts: float | str | bool) -> Capture:
    """A capture that was read to its end."""
    usual: dict[str, float | str | bool] = {
        "complete": True,
        "high_watermark_bytes": 90_000_000,
        "high_watermark_at_s": 3.5,
        "total_allocated_bytes": 600_000_000,
        "allocations": 20_000,
        "leaked_bytes": 8_000_000,
    }
    return Capture(pid, **(usual | facts))  # type: ignore[arg-type]


UNREAD = Capture(101, trouble="the file is empty")


def readings(*heap: float | None, rss: Iterable[float] = ()) -> list[ResourceReading]:
    held = list(rss) or [0.0] * len(heap)
    return [
        ResourceReading(float(at), rss_bytes=resident, heap_bytes=size)
        for at, (size, resident) in enumerate(zip(heap, held, strict=True))
    ]


def growing(per_min: float, *, seconds: int = 60, of: str = "heap_bytes") -> list[ResourceReading]:
    return [ResourceReading(float(at), **{of: 5e7 + per_min / 60 * at}) for at in range(seconds)]


def judged(
    text: str,
    seen: Iterable[ResourceReading] = (),
    *captures: Capture,
    heap: Heap | None = None,
    timelines: tuple[HeapTimeline, ...] = (),
    table: str = "[memory]",
) -> RuleVerdict:
    """The only verdict of a budget over a whole run of a hundred seconds."""
    (only,) = evaluate(
        parse_budget(f"{table}\n{text}"),
        readings=seen,
        heap=heap,
        captures=captures,
        timelines=timelines,
        wall_s=100.0,
    )
    return only


def live(
    text: str, seen: Iterable[ResourceReading] = (), heap: Heap | None = None, *, table: str = "[memory]"
) -> RuleVerdict:
    """The only verdict while the run lasts."""
    measures = Measures()
    measures.heap = heap or {}
    for reading in seen:
        measures.reading(reading)
    (only,) = Evaluator(parse_budget(f"{table}\n{text}")).update(measures, measures.wall_s)
    return only


# The peak.


def test_the_peak_of_the_heap_is_that_of_the_capture_at_its_own_moment() -> None:
    text = 'source = "heap"\nwarn_runtime_peak_mb = 80\nruntime_peak_mb = 100'
    found = judged(text, readings(1e7, 7e7, 2e7), capture())
    assert (found.verdict, found.current, found.reason) == (Verdict.WARN, 90e6, "")
    assert (found.breached_at_s, found.metric, found.subject) == (3.5, "heap_bytes", "peak heap")


def test_a_sampled_peak_says_so_live_and_at_the_end() -> None:
    text = 'source = "heap"\nruntime_peak_mb = 100'
    now = live(text, readings(1e7, 7e7, 2e7))
    assert (now.verdict, now.current) == (Verdict.PASS, 7e7)
    assert now.reason == "sampled, exact when the capture has been read"
    over = judged(text, readings(1e7, 1.1e8, 2e7), UNREAD)
    assert (over.verdict, over.current, over.breached_at_s) == (Verdict.FAIL, 1.1e8, 1.0)
    assert over.reason == "only sampled: the capture was not read"


def test_a_sampled_picture_that_is_higher_than_every_reading_counts() -> None:
    heap = {HeapView.HIGH_WATERMARK: heap_profile("main 95000000 3", exact=False)}
    assert live('source = "heap"\nruntime_peak_mb = 100', readings(7e7), heap).current == 95e6


def test_peaks_of_several_processes_are_added_up_and_said_to_be() -> None:
    found = judged(
        'source = "heap"\nruntime_peak_mb = 100', (), capture(1), capture(2, high_watermark_bytes=20_000_000)
    )
    assert (found.verdict, found.current, found.reason) == (Verdict.FAIL, 110e6, "2 processes added up")


def test_one_capture_that_was_not_read_makes_the_peak_a_sampled_one() -> None:
    found = judged('source = "heap"\nruntime_peak_mb = 100', readings(7e7), capture(), UNREAD)
    assert (found.current, found.reason) == (7e7, "only sampled: the capture was not read")


def test_an_exact_picture_does_for_a_capture() -> None:
    heap = {HeapView.HIGH_WATERMARK: heap_profile("main 95000000 3", at_s=2.5)}
    found = judged('source = "heap"\nruntime_peak_mb = 90', (), heap=heap)
    assert (found.verdict, found.current, found.breached_at_s, found.reason) == (Verdict.FAIL, 95e6, 2.5, "")


@pytest.mark.parametrize(
    "text",
    [
        'source = "heap"\nruntime_peak_mb = 1',
        'source = "heap"\nmemory_per_task_mb = 1\ntasks = 2',
        'source = "heap"\nmax_growth_mb_per_min = 1',
        "max_allocated_mb = 1",
        "max_allocations = 1",
        "max_allocated_mb_per_s = 1",
        "max_allocations_per_s = 1",
        "max_leaked_mb = 1",
    ],
)
def test_what_was_not_traced_is_missing_with_the_remedy(text: str) -> None:
    found = judged(text, [ResourceReading(float(at), rss_bytes=9e9) for at in range(60)])
    assert (found.verdict, found.current, found.reason) == (Verdict.MISSING, None, NOT_TRACED)
    assert "--mode memory" in found.reason


@pytest.mark.parametrize("text", ["max_heap_mb = 1", "max_heap_count = 1", "max_allocated_mb = 1"])
def test_a_function_of_a_run_that_was_not_traced_is_missing_with_the_remedy(text: str) -> None:
    assert judged(text, table="[functions.work]").reason == NOT_TRACED
    assert live(text, table="[functions.work]").verdict is Verdict.MISSING


def test_rss_is_the_systems_figure_wherever_it_is_judged() -> None:
    seen = [ResourceReading(float(at), rss_bytes=5e7 + at) for at in range(60)]
    for text in ("runtime_peak_mb = 100", "memory_per_task_mb = 1\ntasks = 5", "max_growth_mb_per_min = 1"):
        found = judged(text, seen)
        assert found.verdict is Verdict.PASS
        assert RSS_NOTE in found.reason
    for extra in ("", 'aggregation = "mean"', 'for = "5s"'):
        assert judged(f'limit = "1GB"\n{extra}', seen, table="[resources.rss]").reason == RSS_NOTE


def test_the_meter_of_the_heap_is_judged_as_a_meter() -> None:
    found = judged('limit = "50MB"', readings(1e7, 6e7), table="[resources.heap]")
    assert (found.verdict, found.current, found.breached_at_s) == (Verdict.FAIL, 6e7, 1.0)
    assert "[memory] judges the exact peak" in found.reason
    assert judged('limit = "50MB"', readings(None), table="[resources.heap]").reason == NOT_TRACED
    assert judged('limit = "50MB"', readings(None), capture(), table="[resources.heap]").reason == NOT_METERED


# Tasks.


def test_each_task_may_add_so_much_to_what_there_was_before_it() -> None:
    seen = readings(None, None, None, rss=(2e7, 7e7, 3e7))
    found = judged("memory_per_task_mb = 0.5\ntasks = 100", seen)
    assert (found.verdict, found.current) == (Verdict.PASS, 0.5e6)
    assert judged("warn_memory_per_task_mb = 0.4\nmemory_per_task_mb = 1\ntasks = 100", seen).verdict is Verdict.WARN
    over = judged("memory_per_task_mb = 0.5\ntasks = 99", seen)
    assert (over.verdict, over.breached_at_s) == (Verdict.FAIL, 1.0)


def test_without_the_number_of_tasks_it_is_missing() -> None:
    found = judged("memory_per_task_mb = 0.5", readings(None, rss=(2e7,)))
    assert (found.verdict, found.reason) == (
        Verdict.MISSING,
        "the number of tasks is not known: write tasks = N beside it, or ingest what a benchmark tool counted",
    )


def test_tasks_on_the_heap_use_the_exact_peak() -> None:
    text = 'source = "heap"\nmemory_per_task_mb = 1\ntasks = 100'
    seen = readings(None, 1e7, 5e7)
    found = judged(text, seen, capture())
    assert (found.current, found.reason) == (0.8e6, "")
    now = live(text, seen)
    assert (now.current, now.reason) == (0.4e6, "sampled, exact when the capture has been read")
    assert judged(text, (), capture()).reason == NOT_METERED


def test_tasks_of_a_run_that_no_meter_saw_begin_with_the_capture() -> None:
    began = HeapTimeline(100, array("d", [0.1, 0.2]), array("d", [1e7, 9e7]), array("d", [0.0, 0.0]))
    text = 'source = "heap"\nmemory_per_task_mb = 1\ntasks = 100'
    found = judged(text, (), capture(), timelines=(began,))
    assert (found.verdict, found.current, found.breached_at_s) == (Verdict.PASS, 0.8e6, None)
    assert judged(text, (), UNREAD, timelines=(began,)).verdict is Verdict.MISSING


# What the whole run allocated.


@pytest.mark.parametrize(
    ("key", "current", "unit"),
    [
        ("max_allocated_mb", 600e6, Unit.BYTES),
        ("max_allocations", 20_000, Unit.COUNT),
        ("max_allocated_mb_per_s", 6e6, Unit.BYTES_PER_SECOND),
        ("max_allocations_per_s", 200, Unit.PER_SECOND),
        ("max_leaked_mb", 8e6, Unit.BYTES),
    ],
)
def test_totals_are_known_when_the_capture_has_been_read(key: str, current: float, unit: Unit) -> None:
    limit = current / 1e6 if "mb" in key else current
    found = judged(f"{key} = {limit:g}", (), capture())
    assert (found.verdict, found.current, found.unit, found.reason) == (Verdict.PASS, current, unit, "")
    assert judged(f"{key} = {limit * 0.9:g}", (), capture()).verdict is Verdict.FAIL
    warned = judged(f"{key.replace('max_', 'warn_')} = {limit * 0.9:g}", (), capture())
    assert (warned.verdict, warned.breached_at_s) == (Verdict.WARN, 100.0)
    now = live(f"{key} = 1", readings(1e7))
    assert now.verdict is Verdict.MISSING
    assert now.reason == (
        "is judged when the workload has ended" if "leaked" in key else "is known when the capture has been read"
    )


def test_what_some_captures_do_not_tell_is_at_least_what_the_others_say() -> None:
    found = judged("max_leaked_mb = 10", (), capture(), UNREAD)
    assert (found.verdict, found.current) == (Verdict.INCONCLUSIVE, 8e6)
    assert "at least so much" in found.reason
    assert judged("max_leaked_mb = 7", (), capture(), UNREAD).verdict is Verdict.FAIL


def test_a_capture_that_was_not_read_says_why() -> None:
    found = judged("max_leaked_mb = 10", (), UNREAD)
    assert (found.verdict, found.reason) == (Verdict.MISSING, "the capture was not read: the file is empty")


def test_views_do_for_captures() -> None:
    heap = {view: heap_profile("main 5000000 7") for view in (HeapView.LEAKED, HeapView.ALLOCATED)}
    assert judged("max_leaked_mb = 10", heap=heap).current == 5e6
    assert judged("max_allocations = 7", heap=heap).verdict is Verdict.PASS


# Growth.


def test_what_surely_grows_too_fast_fails_and_what_surely_does_not_passes() -> None:
    text = "warn_growth_mb_per_min = 2\nmax_growth_mb_per_min = 10"
    for rate, verdict in ((1, Verdict.PASS), (5, Verdict.WARN), (20, Verdict.FAIL)):
        found = judged(text, growing(rate * MB))
        assert (found.verdict, found.unit) == (verdict, Unit.BYTES_PER_MINUTE)
        assert found.current == pytest.approx(rate * MB)
    assert found.breached_at_s is not None
    assert found.breached_at_s < 25, "it was told long before the end"


def test_a_growth_whose_interval_holds_the_limit_is_inconclusive() -> None:
    seen = [ResourceReading(float(at), heap_bytes=5e7 + at * 1e4 + (at * 7919 % 13) * 1e6) for at in range(60)]
    found = judged("max_growth_mb_per_min = 0.5", seen)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.reason.startswith("too close to 488 KiB/min: ")


@pytest.mark.parametrize("seconds", [2, 8])
def test_a_short_run_is_inconclusive(seconds: int) -> None:
    found = judged("max_growth_mb_per_min = 1", growing(9e9, seconds=seconds))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, "too short a run to tell")
    assert live("max_growth_mb_per_min = 1", growing(9e9, seconds=seconds)).reason == "too early to tell"


def test_growth_is_the_heaps_where_it_is_traced_and_what_the_file_says_otherwise() -> None:
    seen = [ResourceReading(float(at), rss_bytes=5e7 + 1e6 * at, heap_bytes=5e7) for at in range(60)]
    assert judged("max_growth_mb_per_min = 1", seen).verdict is Verdict.PASS
    assert judged('source = "heap"\nmax_growth_mb_per_min = 1', seen).verdict is Verdict.PASS
    found = judged('source = "rss"\nmax_growth_mb_per_min = 1', seen)
    assert found.verdict is Verdict.FAIL
    assert found.current == pytest.approx(60e6)
    assert judged("max_growth_mb_per_min = 1", growing(6e7, of="rss_bytes")).verdict is Verdict.FAIL


def test_a_capture_tells_growth_better_than_readings_do() -> None:
    at_s = array("d", [at / 10 for at in range(200)])
    rising = HeapTimeline(100, at_s, array("d", [1e5 * at for at in at_s]), array("d", [0.0] * 200))
    found = judged("max_growth_mb_per_min = 1", readings(1e7, 1e7), capture(), timelines=(rising,))
    assert found.verdict is Verdict.FAIL
    assert found.current == pytest.approx(6e6)


# Two runs.


def of_second_run(text: str, table: str = "[memory]") -> RuleVerdict:
    """The verdict on memory that was traced for ten seconds, in the second of two runs; the first took two."""
    measures = Measures()
    measures.memory_apart = True
    at_s = array("d", [at / 10 for at in range(101)])
    measures.timelines = [HeapTimeline(100, at_s, array("d", [1e6 * at for at in at_s]), array("d", [0.0] * 101))]
    measures.captures = [capture()]
    measures.heap = {HeapView.HIGH_WATERMARK: heap_profile(TREE, at_s=3.5), HeapView.ALLOCATED: heap_profile(TREE)}
    measures.wall_s = 2.0
    (only,) = Evaluator(parse_budget(f"{table}\n{text}")).update(measures, 2.0, final=True)
    return only


@pytest.mark.parametrize(
    ("text", "table", "at_s"),
    [
        ('source = "heap"\nruntime_peak_mb = 1', "[memory]", 3.5),
        ('source = "heap"\nmemory_per_task_mb = 1\ntasks = 4', "[memory]", 3.5),
        ("max_allocated_mb = 1", "[memory]", 10.0),
        ("max_leaked_mb = 1", "[memory]", 10.0),
        ("max_growth_mb_per_min = 1", "[memory]", 10.0),
        ("max_heap_mb = 1", '[functions."parse"]', 3.5),
        ("max_allocated_mb = 1", '[functions."parse"]', 10.0),
    ],
)
def test_the_moments_of_a_second_run_are_said_to_be_of_it(text: str, table: str, at_s: float) -> None:
    found = of_second_run(text, table)
    assert (found.verdict, found.breached_at_s) == (Verdict.FAIL, at_s)
    assert "in the second run" in found.reason


def test_what_is_not_broken_in_a_second_run_needs_no_word_of_it() -> None:
    found = of_second_run("max_allocated_mb = 700")
    assert (found.verdict, found.breached_at_s, found.reason) == (Verdict.PASS, None, "")


def test_the_meter_of_the_heap_is_not_read_in_a_second_run() -> None:
    found = of_second_run('limit = "1MB"', "[resources.heap]")
    assert found.verdict is Verdict.MISSING
    assert found.reason.startswith("memory was traced in the second run, which is not metered")


# Functions.

TREE = "main;load 60000000 1\nmain;parse 30000000 900\nmain;parse;token 5000000 5000"


def of_function(text: str, name: str = "parse", *, heap: Heap | None = None, final: bool = True) -> RuleVerdict:
    views = heap or {HeapView.HIGH_WATERMARK: heap_profile(TREE), HeapView.ALLOCATED: heap_profile(TREE)}
    if final:
        return judged(text, heap=views, table=f'[functions."{name}"]')
    return live(text, heap=views, table=f'[functions."{name}"]')


@pytest.mark.parametrize(
    ("key", "current", "subject"),
    [
        ("max_heap_mb = 35", 35e6, "parse heap"),
        ("max_heap_count = 5900", 5900, "parse heap count"),
        ("max_allocated_mb = 35", 35e6, "parse allocated"),
    ],
)
def test_a_function_holds_what_it_and_what_it_calls_hold(key: str, current: float, subject: str) -> None:
    found = of_function(key)
    assert (found.verdict, found.current, found.subject, found.reason) == (Verdict.PASS, current, subject, "")
    name, limit = key.split(" = ")
    assert of_function(f"{name} = {int(limit) - 1}").verdict is Verdict.FAIL
    assert of_function(f"{name.replace('max_', 'warn_')} = {int(limit) - 1}").verdict is Verdict.WARN


def test_what_a_function_held_at_the_peak_is_told_at_the_moment_of_the_peak() -> None:
    views = {HeapView.HIGH_WATERMARK: heap_profile(TREE, at_s=3.5), HeapView.ALLOCATED: heap_profile(TREE, at_s=60.0)}
    assert of_function("max_heap_mb = 1", heap=views).breached_at_s == 3.5
    assert of_function("max_allocated_mb = 1", heap=views).breached_at_s == 100.0


def test_functions_of_one_name_are_not_counted_twice_where_one_calls_the_other() -> None:
    nested = heap_profile("work@a.py 10000000 1\nwork@a.py;work@b.py 20000000 1\nwork@b.py 5000000 1")
    assert of_function("max_heap_mb = 99", "work", heap={HeapView.HIGH_WATERMARK: nested}).current == 35e6
    assert of_function("max_heap_mb = 99", "b.py:work", heap={HeapView.HIGH_WATERMARK: nested}).current == 25e6


def test_a_function_that_holds_nothing_passes_and_one_that_was_never_seen_is_missing() -> None:
    views = {HeapView.HIGH_WATERMARK: heap_profile(TREE), HeapView.ALLOCATED: heap_profile(f"{TREE}\nmain;tidy 9 1")}
    assert (of_function("max_heap_mb = 1", "tidy", heap=views).current) == 0
    missing = of_function("max_heap_mb = 1", "Loader.lood", heap=views)
    assert (missing.verdict, missing.reason) == (Verdict.MISSING, "was not seen allocating")
    assert of_function("max_heap_mb = 1", "x.py:parse").reason == "was not seen allocating; did you mean app.py:parse?"
    assert of_function("max_heap_mb = 1", "nobody", final=False).reason == "not seen allocating yet"


def test_a_function_of_a_sampled_peak_says_so() -> None:
    views = {HeapView.HIGH_WATERMARK: heap_profile(TREE, exact=False)}
    assert of_function("max_heap_mb = 50", heap=views, final=False).reason.startswith("sampled, exact when")
    assert of_function("max_heap_mb = 50", heap=views).reason == "only sampled: the capture was not read"
    now = of_function("max_allocated_mb = 50", heap=views, final=False)
    assert (now.verdict, now.reason) == (Verdict.MISSING, "is known when the capture has been read")


def test_what_a_function_calls_is_not_taken_for_nothing_where_its_stacks_were_not_kept() -> None:
    places = heap_profile("load 60000000 1\nparse 30000000 900\ntoken 5000000 5000")
    views = {HeapView.HIGH_WATERMARK: heap_profile(TREE), HeapView.ALLOCATED: places}
    found = of_function("max_allocated_mb = 31", heap=views)
    assert (found.verdict, found.current) == (Verdict.INCONCLUSIVE, 30e6)
    assert of_function("max_allocated_mb = 29", heap=views).verdict is Verdict.FAIL


# The whole.


@given(
    st.lists(st.tuples(st.none() | st.integers(0, 10**8), st.integers(0, 10**8)), max_size=40),
    st.lists(st.booleans(), min_size=40, max_size=40),
    st.booleans(),
)
def test_live_and_saved_verdicts_on_memory_are_the_same(
    sizes: list[tuple[int | None, int]], looks: list[bool], was_read: bool
) -> None:
    budget = load_budget(ROOT / "budgets" / "memory.toml")
    captures = (capture(),) if was_read else (UNREAD,)
    heap = {view: heap_profile(TREE, exact=was_read) for view in (HeapView.HIGH_WATERMARK, HeapView.ALLOCATED)}
    seen = [
        ResourceReading(float(at), rss_bytes=float(rss), heap_bytes=None if size is None else float(size))
        for at, (size, rss) in enumerate(sizes)
    ]
    measures, evaluator = Measures(), Evaluator(budget)
    for reading, look in zip(seen, looks, strict=False):
        measures.reading(reading)
        if look:
            evaluator.update(measures, measures.wall_s)
    measures.heap, measures.captures, measures.wall_s = heap, captures, 50.0
    finished = evaluator.update(measures, 50.0, final=True)
    saved = evaluate(budget, readings=seen, heap=heap, captures=captures, wall_s=50.0)
    facts = [
        [(v.rule, v.verdict, v.current, v.reason.split("; was above")[0]) for v in found] for found in (finished, saved)
    ]
    assert facts[0] == facts[1]
    for verdict in finished:
        if verdict.verdict in (Verdict.WARN, Verdict.FAIL):
            assert verdict.breached_at_s is not None
            assert verdict.current is not None
