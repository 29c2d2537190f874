from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from perftui.analysis import derived_tree, time_index
from perftui.analysis.aggregate import Aggregate, delta_of
from perftui.analysis.call_tree import CallTree, FunctionKey, function_key
from perftui.analysis.code_origin import Origin, origin
from perftui.analysis.flame_layout import layout
from perftui.analysis.heap_profile import HeapProfile
from perftui.analysis.hotspots import hotspots
from perftui.analysis.scope import (
    EVERYTHING,
    Between,
    Collapsed,
    Fading,
    Focus,
    GilHolders,
    Hidden,
    Last,
    MergedRecursion,
    OnlyProcess,
    OnlyThread,
    OnlyThreadsNamed,
    OwnOnly,
    Part,
    RootedAt,
    Scope,
    WithoutIdle,
    WithoutOrigin,
    WithoutProcess,
    WithoutThread,
    WithoutThreadsNamed,
    module_name,
    package_of,
)
from perftui.analysis.scoped_profile import ScopedProfile
from perftui.analysis.split import Split
from perftui.analysis.stack_table import StackTable
from perftui.analysis.thread_states import state_factors
from perftui.analysis.time_index import TimeIndex
from perftui.model.frame import Frame
from perftui.model.sample import SampleWindow, Thread, ThreadLook, ThreadLooks
from tests.analysis.test_heap_fold import Series, folded, series, snapshots
from tests.builders import MAIN, stack, window

WORKER = Thread(100, 101, "worker-0_1")
OTHER = Thread(200, 201, "worker-12")
CHILD = Thread(200, 200, "MainThread")
THREADS = (MAIN, WORKER, CHILD, OTHER)
NUMPY = "/v/lib/python3.12/site-packages/numpy/core.py"
FFT = "/v/lib/python3.12/site-packages/numpy/fft.py"
JSON = "/usr/lib/python3.12/json/decoder.py"
FRAMES = (
    "main@/srv/app.py:1",
    "main@/srv/app.py:2",
    "work@/srv/app.py:3",
    f"dot@{NUMPY}:4",
    f"fft@{FFT}:5",
    f"loads@{JSON}:6",
    "gemm@/v/lib/libblas.so.3:0",
)

sample = st.lists(st.sampled_from(FRAMES), min_size=1, max_size=6).map(";".join)
windows = st.lists(st.tuples(st.sampled_from(THREADS), st.floats(0.2, 2.0), st.lists(sample, max_size=6)), max_size=8)
part: st.SearchStrategy[Part] = st.one_of(
    st.just(OwnOnly()),
    st.just(MergedRecursion()),
    st.builds(WithoutOrigin, st.sampled_from(Origin)),
    st.sampled_from([Hidden("/srv/app.py", "work"), Hidden("/srv/app.py", "main"), Hidden(NUMPY, "dot")]),
    st.sampled_from(
        [Collapsed("/srv/app.py"), Collapsed("<site-packages>/numpy"), Collapsed("<stdlib>/json"), Collapsed(FFT)]
    ),
    st.sampled_from([Focus("/srv/app.py", "work"), Focus(JSON, "loads"), Focus("no.py", "where")]),
    st.sampled_from([RootedAt("/srv/app.py", "work"), RootedAt(NUMPY, "dot"), RootedAt("/srv/app.py", "main")]),
    st.sampled_from([WithoutThread(100, 101), OnlyThread(100, 100), OnlyProcess(200), WithoutProcess(200)]),
    st.sampled_from([WithoutThreadsNamed("worker-*"), OnlyThreadsNamed("worker-*"), OnlyThreadsNamed("MainThread")]),
)
time_part: st.SearchStrategy[Part] = st.one_of(
    st.tuples(st.floats(0.0, 9.0), st.floats(0.0, 9.0)).map(lambda pair: Between(min(pair), max(pair))),
    st.builds(Last, st.floats(0.1, 9.0)),
)
splits = st.sampled_from(Split)
Run = list[tuple[Thread, float, list[str]]]
Sums = dict[tuple[FunctionKey, ...], float]


def scope_of(parts: Iterable[Part]) -> Scope:
    scope = EVERYTHING
    for each in parts:
        scope = scope.added(each)
    return scope


scopes = st.lists(part, max_size=5).map(scope_of)


@dataclass
class Recorded:
    """A run, folded window by window into whatever looks at it."""

    aggregate: Aggregate = field(default_factory=Aggregate)
    index: TimeIndex = field(default_factory=TimeIndex)
    windows: list[SampleWindow] = field(default_factory=list)
    table: StackTable = field(default_factory=StackTable)

    def take(self, thread: Thread, length_s: float, samples: list[str], *watching: ScopedProfile) -> None:
        start_s = self.windows[-1].end_s if self.windows else 0.0
        taken = window(*samples, start_s=start_s, end_s=start_s + length_s, thread=thread)
        self.windows.append(taken)
        delta = delta_of(self.table.intern(taken), after_s=start_s)
        self.aggregate.apply(delta)
        self.index.follow(delta)
        for profile in watching:
            profile.apply(delta)

    def look(self, *looks: ThreadLook) -> None:
        self.aggregate.look(ThreadLooks(0.0, looks))

    def profile(self, *parts: Part, idle_recorded: bool = False) -> ScopedProfile:
        return ScopedProfile(self.aggregate, scope_of(parts), cwd="/srv", index=self.index, idle_recorded=idle_recorded)

    @property
    def end_s(self) -> float:
        return self.index.end_s


def recorded(run: Run) -> Recorded:
    record = Recorded()
    for each in run:
        record.take(*each)
    return record


def reshaped(frames: tuple[Frame, ...], scope: Scope) -> tuple[FunctionKey, ...]:
    """A stack as a scope shows it, worked out the slow way."""
    modules = {each.module for each in scope.parts if isinstance(each, Collapsed)}
    shown: list[FunctionKey] = []
    if scope.root is not None:
        keys = [function_key(frame) for frame in frames]
        frames = frames[keys.index((scope.root.file, scope.root.function)) :]
    for frame in frames:
        if Hidden(*function_key(frame)) in scope.parts:
            continue
        if OwnOnly() in scope.parts and not frame.file.startswith("/srv/"):
            continue
        if WithoutOrigin(origin(frame.file)) in scope.parts:
            continue
        key, found = function_key(frame), modules.intersection((frame.file, package_of(frame.file, "/srv")))
        if found:
            module = frame.file if frame.file in found else found.pop()
            key = (module, module_name(module, "/srv"))
            if shown and shown[-1] == key:
                continue
        if MergedRecursion() in scope.parts and key in shown:
            del shown[shown.index(key) + 1 :]
        else:
            shown.append(key)
    return tuple(shown)


def inside(each: SampleWindow, scope: Scope, end_s: float) -> float:
    match scope.time:
        case Between(low, high):
            pass
        case Last(seconds):
            low, high = end_s - seconds, end_s
        case _:
            return 1.0
    return max(0.0, min(high, each.end_s) - max(low, each.start_s)) / (each.end_s - each.start_s)


def brute_force(
    record: Recorded, scope: Scope, *, weigh: Callable[[SampleWindow], float] | None = None, split: Split = Split.NONE
) -> Sums:
    sums: Sums = defaultdict(float)
    end_s = max((each.end_s for each in record.windows if each.samples), default=0.0)
    for each in record.windows:
        for thread in each.threads:
            if not scope.keeps_thread(thread.thread.pid, thread.thread.tid, thread.thread.name):
                continue
            for order in thread.order:
                frames = tuple(each.frames[i] for i in thread.stacks[order])
                if scope.focus <= {function_key(frame) for frame in frames}:
                    whose = thread.thread
                    name = {
                        Split.THREAD: f"{whose.name} [{whose.pid}/{whose.tid}]",
                        Split.NAME: "worker-* [threads]" if whose.name.startswith("worker") else "MainThread [threads]",
                        Split.PROCESS: f"process [{whose.pid}]",
                    }
                    path = (("", name[split]),) if split in name else ()
                    part = inside(each, scope, end_s) if weigh is None else weigh(each)
                    sums[path + reshaped(frames, scope)] += each.interval_s * part
    return {path: weight for path, weight in sums.items() if weight > 1e-5}


def self_weights(tree: CallTree) -> Sums:
    return {tree.path(node): tree.self_weight[node] for node in range(len(tree)) if tree.self_weight[node] > 1e-5}


def check_sums(tree: CallTree) -> None:
    """Every total of a tree is what its self weights say."""
    assert sum(tree.self_weight) == pytest.approx(tree.weight)
    assert sum(tree.self_count) == tree.count
    for node in range(len(tree)):
        below = list(tree.children(node))
        assert tree.total_weight[node] == pytest.approx(
            tree.self_weight[node] + sum(tree.total_weight[child] for child in below), abs=1e-7
        )
        assert tree.total_count[node] == tree.self_count[node] + sum(tree.total_count[child] for child in below)
    for function in range(len(tree.functions)):
        nodes = [node for node in range(1, len(tree)) if tree.function[node] == function]
        outermost = sum(tree.total_weight[node] for node in nodes if tree.outermost[node])
        assert tree.function_total_weight[function] == pytest.approx(outermost, abs=1e-7)
        assert tree.function_self_count[function] == sum(tree.self_count[node] for node in nodes)


@given(windows, windows, scopes, splits)
def test_any_scope_of_any_run_is_what_its_samples_say_one_by_one(
    first: Run, second: Run, scope: Scope, split: Split
) -> None:
    record = recorded(first)
    profile = record.profile(*scope.parts)
    profile.split_by(split)
    for each in second:
        record.take(*each, profile)
    assert self_weights(profile.tree) == pytest.approx(brute_force(record, scope))
    assert self_weights(profile.split_by(split)) == pytest.approx(brute_force(record, scope, split=split))
    check_sums(profile.tree)
    check_sums(profile.split_by(split))
    anew = record.profile(*scope.parts)
    assert anew.line_counts == profile.line_counts
    assert sum(profile.line_counts.values()) == profile.count - profile.tree.self_count[0]


@given(windows, windows, scopes, time_part, splits)
def test_ranges_and_sliding_windows_follow_a_run_as_if_they_were_made_anew(
    first: Run, second: Run, timeless: Scope, time: Part, split: Split
) -> None:
    scope = timeless.added(time)
    record = recorded(first)
    profile = record.profile(*scope.parts)
    assert profile.split_by(split).weight == pytest.approx(profile.weight)
    assert sum(profile.line_counts.values()) <= profile.count
    for each in second:
        record.take(*each, profile)
    truth = brute_force(record, scope)
    assert self_weights(profile.tree) == pytest.approx(truth, abs=2e-6)
    assert self_weights(profile.split_by(split)) == pytest.approx(brute_force(record, scope, split=split), abs=2e-6)
    check_sums(profile.tree)
    anew = record.profile(*scope.parts)
    assert self_weights(anew.tree) == self_weights(profile.tree), "what was taken away leaves exactly nothing"
    assert {key: n for key, n in profile.line_counts.items() if n} == {
        key: n for key, n in anew.line_counts.items() if n
    }


@given(windows, windows, scopes, st.floats(0.2, 5.0))
def test_faded_weights_are_those_of_each_window_at_its_age(
    first: Run, second: Run, timeless: Scope, half_life_s: float
) -> None:
    scope = timeless.added(Fading(half_life_s))
    record = recorded(first)
    profile = record.profile(*scope.parts)
    for each in second:
        record.take(*each, profile)

    def left(of: SampleWindow) -> float:
        return float(0.5 ** ((record.end_s - of.end_s) / half_life_s))

    truth = brute_force(record, scope, weigh=left)
    found = self_weights(profile.tree)
    for path in {*found, *truth}:
        assert found.get(path, 0.0) == pytest.approx(truth.get(path, 0.0), abs=2e-4)
    check_sums(profile.tree)
    assert 0.0 <= profile.share <= 1.0 + 1e-9
    assert profile.share * profile.whole == pytest.approx(profile.weight)


@given(windows, st.lists(st.tuples(scopes, time_part), min_size=1, max_size=4))
def test_going_from_scope_to_scope_gives_what_each_gives_alone(run: Run, steps: list[tuple[Scope, Part]]) -> None:
    record = recorded(run)
    profile = record.profile()
    for timeless, time in steps:
        for scope in (timeless, timeless.added(time)):
            tree = profile.tree
            stays = profile.scope.shape == scope.shape and not profile.scope.is_everything
            profile.change(scope)
            assert self_weights(profile.tree) == pytest.approx(brute_force(record, scope), abs=2e-6)
            if stays and not scope.is_everything:
                assert profile.tree is tree, "a selection survives another range"


@given(windows, st.lists(st.tuples(scopes, time_part), min_size=1, max_size=3))
def test_a_range_of_a_large_tree_gives_what_its_stacks_give_one_by_one(
    run: Run, steps: list[tuple[Scope, Part]]
) -> None:
    record = recorded(run)
    profile = record.profile()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(derived_tree, "LEAST_NODES", 1)
        patch.setattr(time_index, "_FEW_WINDOWS", -1)
        for timeless, time in steps:
            # What the first range of a scope finds out about its tree, the next ones are summed up by.
            for scope in (timeless.added(Between(0.0, 1.0)), timeless.added(time), timeless.added(Last(3.0))):
                profile.change(scope)
                assert self_weights(profile.tree) == pytest.approx(brute_force(record, scope), abs=2e-6)
                check_sums(profile.tree)
                lines = Counter(profile.line_counts)
                alone = ScopedProfile(record.aggregate, scope, cwd="/srv", index=record.index)
                assert +lines == +Counter(alone.line_counts)
                assert lines.total() == profile.tree.count - profile.tree.self_count[0]


def test_everything_hands_the_trees_of_the_whole_through() -> None:
    record = recorded([(MAIN, 1.0, ["main;work"])])
    profile = record.profile()
    assert profile.tree is record.aggregate.tree
    assert profile.split_by(Split.THREAD) is record.aggregate.split_by(Split.THREAD)
    assert profile.line_counts is record.aggregate.line_counts
    assert profile.share == 1.0


def test_what_is_not_mine_is_charged_to_the_line_of_mine_that_called_it() -> None:
    record = recorded([(MAIN, 1.0, [f"main@/srv/app.py:3;dot@{NUMPY}:9", "main@/srv/app.py:4", f"loads@{JSON}:1"])])
    profile = record.profile(OwnOnly())
    main = profile.tree.function_ids["/srv/app.py", "main"]
    assert profile.line_counts == {(main, 3): 1, (main, 4): 1}
    assert profile.tree.self_count[0] == 1, "nobody of mine called it"
    assert profile.share == 1.0


def test_a_focus_on_a_function_that_comes_later_finds_it() -> None:
    record = recorded([(MAIN, 1.0, ["main;work"])])
    profile = record.profile(Focus("app.py", "late"))
    assert profile.weight == 0.0
    record.take(MAIN, 1.0, ["main;late", "main"], profile)
    assert profile.count == 1
    assert profile.share == pytest.approx(1 / 3)


def test_a_module_that_is_one_frame_keeps_its_callers_and_callees() -> None:
    record = recorded([(MAIN, 1.0, [f"main@/srv/app.py;dot@{NUMPY};fft@{FFT};main@/srv/app.py"])])
    tree = record.profile(Collapsed("<site-packages>/numpy")).tree
    assert [frame.function for frame in tree.functions] == ["main", "[numpy]"]
    assert len(tree) == 4


def test_recursion_through_others_becomes_its_first_call() -> None:
    record = recorded([(MAIN, 1.0, ["a;b;a;b;c", "a;a;b"])])
    tree = record.profile(MergedRecursion()).tree
    assert sorted(self_weights(tree)) == sorted(tuple(map(function_key, stack(text))) for text in ("a;b;c", "a;b"))


def test_a_scope_of_time_needs_an_index() -> None:
    with pytest.raises(ValueError, match="index"):
        ScopedProfile(Aggregate(), Scope((Last(1.0),)))


def test_when_the_index_says_something_else_everything_is_weighed_anew() -> None:
    record = recorded([(MAIN, 1.0, ["main;work"] * 4)])
    profile = record.profile(Between(0.0, 2.0))
    record.index.add(0.0, 1.0, {(0, 1): (0.5, 50)})
    record.take(MAIN, 1.0, ["main"], profile)
    assert profile.count == 55
    assert profile.rebuilds == 2


@given(series, series, scopes)
def test_a_view_of_the_heap_is_scoped_as_it_grows_and_shrinks(first: Series, second: Series, scope: Scope) -> None:
    deltas = folded(snapshots([*first, *second]))
    heap = HeapProfile()
    for delta in deltas[: len(first)]:
        heap.apply(delta)
    shape = (*scope.parts, Hidden("app.py", "b"))
    profile = ScopedProfile(heap.aggregate, scope_of(shape))
    assert profile.split_by(Split.THREAD).weight == profile.weight
    for delta in deltas[len(first) :]:
        heap.apply(delta)
        profile.apply(delta.profile)
    anew = ScopedProfile(heap.aggregate, scope_of(shape))
    assert self_weights(profile.tree) == self_weights(anew.tree)
    assert self_weights(profile.split_by(Split.THREAD)) == self_weights(anew.split_by(Split.THREAD))
    assert profile.split_by(Split.THREAD).weight == profile.weight
    check_sums(profile.tree)


def test_a_scope_that_nobody_followed_for_a_while_can_still_be_drawn() -> None:
    record = recorded([(MAIN, 1.0, ["main;work"])])
    profile = record.profile(WithoutThread(WORKER.pid, WORKER.tid))
    drawn = profile.tree
    record.take(MAIN, 1.0, ["main;other;new"])
    assert layout(drawn, width=80, rows=9).rows[0][0].weight == pytest.approx(0.01)
    assert [row.frame.function for row in hotspots(profile.tree)] == ["work", "main"]


def test_a_range_says_whether_a_part_of_it_is_estimated() -> None:
    record = recorded([(MAIN, 1.0, ["main"]), (MAIN, 1.0, ["main"])])
    assert not record.profile(Between(0.0, 1.0)).estimated
    assert not record.profile(Between(1.0, 9.0)).estimated
    assert record.profile(Between(0.5, 1.0)).estimated
    assert not record.profile().estimated


@given(windows, windows, time_part)
def test_windows_that_are_joined_meanwhile_change_nothing(first: Run, second: Run, time: Part) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time_index, "_KEPT_FINE", 1)
        record = Recorded(index=TimeIndex(most_cells=4))
        for each in first:
            record.take(*each)
        profile = record.profile(time)
        for each in second:
            record.take(*each, profile)
        assert self_weights(record.profile(time).tree) == self_weights(profile.tree)
        whole = record.profile(Between(0.0, 1e6))
        assert whole.count == record.aggregate.samples


def test_all_instances_of_a_function_are_one_with_its_total() -> None:
    record = recorded([(MAIN, 1.0, ["main;work;dot", "main;run;work;work;loads", "run;work", "main;run"])])
    profile = record.profile(RootedAt("app.py", "work"))
    whole = record.aggregate.tree
    work = whole.function_ids["app.py", "work"]
    assert profile.weight == pytest.approx(whole.function_total_weight[work])
    assert profile.count == 3
    assert {tuple(name for _, name in path): weight for path, weight in self_weights(profile.tree).items()} == {
        ("work", "dot"): 0.01,
        ("work", "work", "loads"): 0.01,
        ("work",): 0.01,
    }


def test_one_root_takes_the_place_of_another() -> None:
    scope = EVERYTHING.added(RootedAt("app.py", "work")).added(OwnOnly()).added(RootedAt("app.py", "run"))
    assert scope.parts == (OwnOnly(), RootedAt("app.py", "run"))
    assert scope.root == RootedAt("app.py", "run")
    assert scope.focus == {("app.py", "run")}


look = st.builds(ThreadLook, st.sampled_from(THREADS), active=st.booleans(), holds_gil=st.booleans())
state_parts = st.lists(st.sampled_from([WithoutIdle(), GilHolders()]), min_size=1, unique=True)


@given(
    windows,
    st.lists(st.tuples(st.sampled_from(THREADS), st.floats(0.2, 2.0), st.lists(sample, max_size=6), st.lists(look))),
    scopes,
    state_parts,
    st.none() | time_part,
    st.booleans(),
    st.lists(look),
)
def test_states_that_are_estimated_scale_each_thread_and_all_sums_stay_right(
    first: Run,
    second: list[tuple[Thread, float, list[str], list[ThreadLook]]],
    kept: Scope,
    states: list[Part],
    time: Part | None,
    idle_recorded: bool,
    last: list[ThreadLook],
) -> None:
    record = recorded(first)
    parts = (*kept.parts, *states, *(() if time is None else (time,)))
    profile = record.profile(*parts, idle_recorded=idle_recorded)
    profile.split_by(Split.THREAD)
    for *taken, looks in second:
        record.look(*looks)
        record.take(*taken, profile)  # type: ignore[arg-type]
    # Looks come oftener than samples do.
    record.look(*last)
    profile.look()
    check_sums(profile.tree)
    check_sums(profile.split_by(Split.THREAD))
    anew = record.profile(*parts, idle_recorded=idle_recorded)
    assert self_weights(profile.tree) == pytest.approx(self_weights(anew.tree), abs=1e-9)
    assert self_weights(profile.split_by(Split.THREAD)) == pytest.approx(
        self_weights(anew.split_by(Split.THREAD)), abs=1e-9
    )
    whole = record.profile(*(part for part in parts if part not in states)).split_by(Split.THREAD)
    factors = state_factors(record.aggregate, scope_of(parts), idle_recorded=idle_recorded)
    shares = record.aggregate.threads
    by_name = {
        f"{share.thread.name} [{share.thread.pid}/{share.thread.tid}]": factors[i] for i, share in enumerate(shares)
    }
    for path, weight in self_weights(whole).items():
        expected = weight * by_name[path[0][1]]
        assert self_weights(profile.split_by(Split.THREAD)).get(path, 0.0) == pytest.approx(expected, abs=2e-5)


@given(windows, st.lists(part, unique=True, max_size=6), st.lists(look), st.booleans())
def test_the_order_in_which_parts_are_added_does_not_matter(
    run: Run, parts: list[Part], looks: list[ThreadLook], states: bool
) -> None:
    # One root takes the place of another, so that of several the last one counts.
    assume(sum(isinstance(each, RootedAt) for each in parts) <= 1)
    record = recorded(run)
    record.look(*looks)
    parts = [*parts, *((GilHolders(), WithoutIdle()) if states else ())]
    one, other = record.profile(*parts), record.profile(*sorted(parts, key=repr))
    check_sums(one.tree)
    assert self_weights(one.tree) == self_weights(other.tree)
    assert one.line_counts.keys() == other.line_counts.keys()


@given(windows, scopes, part)
def test_a_part_that_is_taken_away_again_leaves_what_was_there_before(run: Run, scope: Scope, added: Part) -> None:
    assume(len(scope.added(added).parts) > len(scope.parts))
    record = recorded(run)
    profile = record.profile(*scope.parts)
    before, threads = self_weights(profile.tree), self_weights(profile.split_by(Split.THREAD))
    profile.change(scope.added(added))
    check_sums(profile.tree)
    profile.change(scope.added(added).without(added))
    assert self_weights(profile.tree) == before
    assert self_weights(profile.split_by(Split.THREAD)) == threads


def test_the_gil_scales_a_thread_by_the_looks_that_found_it_running() -> None:
    record = recorded([(MAIN, 1.0, ["main"] * 8), (WORKER, 1.0, ["work"] * 8), (CHILD, 1.0, ["child"] * 8)])
    for number in range(8):
        record.look(
            ThreadLook(MAIN, active=number < 4, holds_gil=number < 2), ThreadLook(WORKER, active=True, holds_gil=False)
        )
    profile = record.profile(GilHolders())
    by_thread = {tree_path[0][1]: weight for tree_path, weight in self_weights(profile.split_by(Split.THREAD)).items()}
    assert by_thread["MainThread [100/100]"] == pytest.approx(0.04), "half of the looks that found it running"
    assert "worker-0_1 [100/101]" not in by_thread
    assert by_thread["MainThread [200/200]"] == pytest.approx(0.08 * round(64 * 2 / 12) / 64), "like all together"
    assert record.profile(WithoutIdle()).share == 1.0, "idle threads gave no samples"
    assert record.profile(WithoutIdle(), idle_recorded=True).share < 1.0
