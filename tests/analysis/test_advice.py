"""Advice: what rules say of profiles and meters that are made for them, and where they keep silent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.advice import advice
from perftui.analysis.aggregate import Aggregate
from perftui.analysis.bottlenecks import bottlenecks, whole_after
from perftui.analysis.gil_turns import crowd_of
from perftui.analysis.measures import Measures
from perftui.analysis.work_kinds import WorkKind, kind_of, shares_of_kinds
from perftui.model.finding import Finding, Severity
from perftui.model.frame import Frame
from perftui.model.reading import ResourceReading
from perftui.model.sample import ProfileDelta, Thread, ThreadLook, ThreadLooks
from perftui.units import Unit

LIB = "/usr/lib/python3.11"
MAIN = Frame("main", "/srv/app/main.py", 10)
SAVE = Frame("save", "/srv/app/store.py", 20)
LOAD = Frame("load", "/srv/app/store.py", 30)
WORK = Frame("work", "/srv/app/work.py", 40)
DUMPS = Frame("dumps", f"{LIB}/json/__init__.py", 231)
ENCODE = Frame("JSONEncoder.encode", f"{LIB}/json/encoder.py", 200)
COMPILE = Frame("compile", f"{LIB}/re/_compiler.py", 740)
IMPORT = Frame("_find_and_load", "<frozen importlib._bootstrap>", 1170)
MODULE = Frame("<module>", f"{LIB}/site-packages/big/__init__.py", 1)
Rows = list[tuple[tuple[Frame, ...], int]]


def aggregate(
    rows: Rows, *, unit: Unit = Unit.SECONDS, threads: int = 1, pids: int = 1, sampled_s: float = 10.0
) -> Aggregate:
    """Return a profile of (stack, samples), 10 ms a sample, dealt out to so many threads."""
    frames = list(dict.fromkeys(frame for stack, _ in rows for frame in stack))
    nodes: list[tuple[int, int]] = []
    weights: dict[tuple[int, int], tuple[float, int]] = {}
    for number, (stack, count) in enumerate(rows):
        parent = 0
        for frame in stack:
            nodes.append((parent, frames.index(frame)))
            parent = len(nodes)
        weights[number % threads, parent] = (count / 100, count)
    made = Aggregate(unit)
    workers = tuple(Thread(1 + number % pids, 100 + number, f"worker-{number}") for number in range(threads))
    delta = ProfileDelta(frames=tuple(frames), nodes=tuple(nodes), threads=workers, weights=weights, end_s=sampled_s)
    made.apply(delta)
    made.sampled_s, made.looks = sampled_s, 100 * sampled_s
    return made


def meters(**figures: float) -> Measures:
    measures = Measures()
    for at_s in range(20):
        measures.reading(ResourceReading(float(at_s), **figures))
    return measures


def rules(found: tuple[Finding, ...]) -> list[str]:
    return [finding.rule for finding in found]


def test_a_kind_of_work_is_named_with_the_own_line_that_most_of_it_comes_from() -> None:
    rows: Rows = [
        ((MAIN, SAVE, DUMPS, ENCODE), 300),
        ((MAIN, LOAD, DUMPS, ENCODE), 100),
        ((MAIN, WORK), 600),
    ]
    (found,) = advice(aggregate(rows), meters(cpu_percent=99.0))
    assert (found.rule, found.severity, found.place) == ("serialisation", Severity.HIGH, SAVE)
    assert found.share == pytest.approx(0.4)
    assert found.place_share == pytest.approx(0.75)
    assert found.samples == 400
    assert "400 samples" in found.evidence
    assert "through dumps" in found.evidence


def test_the_work_of_a_child_is_not_the_cost_of_starting_it() -> None:
    spawn, process = f"{LIB}/multiprocessing/spawn.py", f"{LIB}/multiprocessing/process.py"
    start = Frame("BaseProcess.start", process, 121)
    begun = (Frame("spawn_main", spawn, 122), Frame("BaseProcess._bootstrap", process, 314))
    rows: Rows = [
        ((*begun, Frame("BaseProcess.run", process, 108), WORK), 500),
        ((MAIN, start, Frame("BaseProcess._bootstrap", process, 314), WORK, DUMPS), 100),
        ((MAIN, start, Frame("Popen._launch", f"{LIB}/multiprocessing/popen_fork.py", 66)), 30),
        ((MAIN, WORK), 370),
    ]
    weights = {share.kind: share.samples for share in shares_of_kinds(aggregate(rows))}
    assert weights == {WorkKind.STARTING: 30, WorkKind.SERIALISATION: 100}


def test_what_runs_while_a_module_is_imported_is_import_time() -> None:
    rows: Rows = [((MAIN, LOAD, IMPORT, MODULE, COMPILE), 400), ((MAIN, WORK), 600)]
    (share,) = shares_of_kinds(aggregate(rows))
    assert (share.kind, share.place, share.doer) == (WorkKind.IMPORTS, LOAD, IMPORT)


def test_a_share_that_may_be_chance_is_no_finding() -> None:
    def of(serialised: int, of_all: int) -> list[str]:
        rows: Rows = [((MAIN, SAVE, DUMPS), serialised), ((MAIN, WORK), of_all - serialised)]
        return rules(advice(aggregate(rows), meters(cpu_percent=99.0)))

    assert of(7, 60) == []
    assert of(700, 6000) == ["serialisation"]
    # Too thin to say anything, however large the share.
    assert of(40, 45) == []


def test_of_anything_but_seconds_nothing_is_said_of_time() -> None:
    assert advice(aggregate([((MAIN, SAVE, DUMPS), 900)], unit=Unit.SAMPLES), Measures()) == ()


@given(st.lists(st.tuples(st.lists(st.sampled_from([MAIN, SAVE, DUMPS, ENCODE, COMPILE, IMPORT, WORK]), min_size=1),
                          st.integers(1, 50)), min_size=1, max_size=8))  # fmt: skip
def test_each_sample_is_of_one_kind_at_most_and_its_own_lines_are_part_of_the_whole(
    rows: list[tuple[list[Frame], int]],
) -> None:
    made = aggregate([(tuple(stack), count) for stack, count in rows])
    found = shares_of_kinds(made)
    assert sum(share.samples for share in found) <= made.samples
    expected = sum(count for stack, count in rows if any(kind_of(frame) is not None for frame in stack))
    assert sum(share.samples for share in found) == expected
    assert all(0 <= share.place_weight <= share.weight + 1e-9 for share in found)


def looked(made: Aggregate, active: int, *, holder: bool = True, looks: int = 8) -> None:
    threads = list(made.threads)
    for number in range(looks):
        seen = tuple(
            ThreadLook(share.thread, i < active, holder and i == number % len(threads))
            for i, share in enumerate(threads)
        )
        made.look(ThreadLooks(float(number), seen))


def test_threads_that_run_python_by_turns_are_named_and_one_thread_on_a_busy_machine_is_not() -> None:
    rows: Rows = [((MAIN, WORK), 500)] * 3
    made = aggregate(rows, threads=3)
    looked(made, 2)
    (found,) = advice(made, meters(cpu_percent=95.0), cores=4)
    assert (found.rule, found.place) == ("gil", WORK)
    # A third of the time by the samples, and surely 27 %.
    assert found.severity is Severity.MEDIUM
    assert found.share == pytest.approx(1 / 3)
    assert "1.50 of them (1.41 to 1.59) were ready at a time for 10.0 s (1500 samples)" in found.evidence
    assert advice(made, meters(cpu_percent=95.0), cores=1) == ()
    assert advice(made, meters(cpu_percent=290.0), cores=4) == ()

    # Nobody holds the GIL: they wait for processors.
    native = aggregate(rows, threads=3)
    looked(native, 2, holder=False)
    assert advice(native, meters(cpu_percent=95.0), cores=4) == ()
    alone = aggregate([((MAIN, WORK), 1050)])
    looked(alone, 1)
    assert advice(alone, meters(cpu_percent=50.0), cores=4) == ()


def test_threads_that_never_met_and_those_of_other_processes_do_not_wait_for_each_other() -> None:
    rows: Rows = [((MAIN, WORK), 800), ((MAIN, WORK), 800)]
    one_process = aggregate(rows, threads=2)
    two_processes = aggregate(rows, threads=2, pids=2)
    for made, expected in ((one_process, ["gil"]), (two_processes, [])):
        looked(made, 2)
        assert rules(advice(made, meters(cpu_percent=95.0), cores=4)) == expected

    one_after_the_other = aggregate(rows, threads=2)
    first, second = list(one_after_the_other.threads)
    for number in range(10):
        alive = (first if number < 5 else second).thread
        one_after_the_other.look(ThreadLooks(float(number), (ThreadLook(alive, active=True, holds_gil=True),)))
    assert crowd_of(one_after_the_other) is None
    # The second one came late: the seconds before are not those of the two.
    late = aggregate([((MAIN, WORK), 900), ((MAIN, WORK), 300)], threads=2)
    for number in range(10):
        alive_then = late.threads[: 1 if number < 6 else 2]
        late.look(
            ThreadLooks(
                float(number), tuple(ThreadLook(each.thread, True, each is late.threads[0]) for each in alive_then)
            )
        )
    crowd = crowd_of(late)
    assert crowd is not None
    assert (len(crowd.threads), crowd.span_s) == (2, 10.0)


def test_how_many_were_ready_is_said_with_an_interval_that_holds_it() -> None:
    made = aggregate([((MAIN, WORK), 600), ((MAIN, WORK), 580)], threads=2)
    looked(made, 2)
    crowd = crowd_of(made)
    assert crowd is not None
    low, high = crowd.interval
    assert crowd.ready == pytest.approx(1.18)
    assert low < 1.18 < high
    # 1.18 may be less than 1.15 by chance, so nothing is said.
    assert low < 1.15
    assert advice(made, meters(cpu_percent=95.0), cores=4) == ()


def test_one_thread_that_works_beside_waiting_ones_is_named() -> None:
    made = aggregate([((MAIN, WORK), 950), ((MAIN, LOAD), 20)], threads=2)
    (found,) = advice(made, meters(cpu_percent=97.0, threads=5.0), cores=4)
    assert (found.rule, found.place) == ("serial", WORK)
    assert "4 others" in found.title
    assert advice(made, meters(cpu_percent=97.0, threads=2.0), cores=4) == ()
    assert advice(made, meters(cpu_percent=230.0, threads=5.0), cores=4) == ()
    # On a machine that is busy with others it gets less, and is ready all the same; one that rests is not.
    assert rules(advice(made, meters(cpu_percent=40.0, threads=5.0), cores=4)) == ["serial"]
    resting = aggregate([((MAIN, WORK), 480)], threads=1)
    assert advice(resting, meters(cpu_percent=48.0, threads=5.0), cores=4) == ()
    # Of 60 samples 57 are of one thread: by chance it may have a good deal less than all of the work.
    few = aggregate([((MAIN, WORK), 57), ((MAIN, LOAD), 3)], threads=2, sampled_s=0.6)
    assert advice(few, meters(cpu_percent=97.0, threads=5.0), cores=4) == ()


def test_memory_that_goes_on_growing_is_told_with_its_interval() -> None:
    measures = Measures()
    for at_s in range(60):
        measures.reading(ResourceReading(float(at_s), rss_bytes=50e6 + 1e6 * at_s))
    (found,) = advice(aggregate([((MAIN, WORK), 10)]), measures)
    assert found.rule == "growth"
    assert found.share is None
    assert found.place is None
    assert "--mode memory" in found.suggestion
    steady = meters(rss_bytes=50e6)
    assert advice(aggregate([((MAIN, WORK), 10)]), steady) == ()


def test_a_third_that_is_five_times_faster_leaves_440_of_600_seconds() -> None:
    assert whole_after(600.0, 1 / 3, 5.0) == pytest.approx(440.0)
    made = aggregate([((MAIN, SAVE), 20_000), ((MAIN, WORK), 40_000)])
    rows = {row.frame.function: row for row in bottlenecks(made, top=5, times=5.0)}
    assert rows["save"].whole_after_s == pytest.approx(440.0)
    assert rows["save"].gain == pytest.approx(160 / 600)


@given(st.floats(0, 1e9), st.floats(0, 1), st.floats(1, 1e6))
def test_a_faster_part_never_makes_the_whole_slower_nor_faster_than_without_it(
    whole: float, share: float, times: float
) -> None:
    after = whole_after(whole, share, times)
    assert whole * (1 - share) * (1 - 1e-12) <= after <= whole * (1 + 1e-12)


def test_what_only_passes_on_is_no_bottleneck_and_recursion_counts_once() -> None:
    inner = Frame("inner", "/srv/app/work.py", 50)
    top = Frame("<module>", "/srv/app/main.py", 1)
    made = aggregate(
        [((top, MAIN, WORK, inner, inner, inner), 600), ((top, MAIN, WORK, inner), 200), ((top, SAVE, DUMPS), 200)]
    )
    rows = bottlenecks(made, top=5)
    assert [row.frame.function for row in rows] == ["inner", "save"]
    assert rows[0].total_share == pytest.approx(0.8)


def test_the_program_itself_is_no_bottleneck_whatever_its_name_unless_nothing_of_its_own_stands_below() -> None:
    made = aggregate([((MAIN, SAVE, DUMPS), 600), ((MAIN, WORK), 390), ((MAIN,), 10)])
    assert [row.frame for row in bottlenecks(made, top=5)] == [SAVE, WORK]
    # Half of it is its own doing, or that of a library: then it is what can be made faster.
    for rest in ((MAIN,), (MAIN, DUMPS)):
        made = aggregate([((MAIN, SAVE, DUMPS), 500), (rest, 500)])
        assert [row.frame for row in bottlenecks(made, top=5)] == [MAIN, SAVE]


def test_what_passes_all_on_through_a_library_is_no_bottleneck_either() -> None:
    runner = Frame("Fixture.__call__", f"{LIB}/site-packages/pytest_benchmark/fixture.py", 160)
    rows: Rows = [((MAIN, SAVE), 100), ((LOAD, runner, WORK), 700), ((LOAD, runner), 10)]
    assert [row.frame for row in bottlenecks(aggregate(rows), top=5)] == [WORK, SAVE]
    rows.append(((LOAD,), 200))
    assert [row.frame for row in bottlenecks(aggregate(rows), top=5)] == [LOAD, WORK, SAVE]


def test_costs_are_told_for_each_operation_where_these_were_counted() -> None:
    (row,) = bottlenecks(aggregate([((MAIN,), 500)]), top=5, operations=100)
    assert row.per_operation_s == pytest.approx(0.05)
    assert [row.per_operation_s for row in bottlenecks(aggregate([((MAIN,), 500)]), top=5)] == [None]


def test_what_hardly_costs_anything_is_no_bottleneck() -> None:
    rows: Rows = [((MAIN, WORK), 600), ((MAIN, SAVE), 396), ((MAIN, LOAD), 4)]
    assert [row.frame for row in bottlenecks(aggregate(rows), top=9)] == [WORK, SAVE]
