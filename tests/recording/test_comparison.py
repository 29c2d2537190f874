"""Two sessions side by side: through every lens that both hold, and plainly about what one of them lacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from scenes import PACKAGING

from perftui.analysis.aggregate import delta_of
from perftui.analysis.judging_total import ONE_RUN
from perftui.analysis.stack_table import StackTable
from perftui.errors import NoDataError
from perftui.model.change import ChangeVerdict, MatchKind
from perftui.model.frame import Frame
from perftui.model.heap import HeapSnapshot, HeapView
from perftui.model.session import SessionKind
from perftui.recording.compare_document import compare_document
from perftui.recording.comparison import Comparison, compare_models, compare_paths, compare_sides, memory_lens
from perftui.recording.session_model import SessionModel
from perftui.recording.side_runs import SideRuns, side_of_model
from perftui.recording.update import Phase, Update
from perftui.storage.catalogue import Catalogue
from perftui.storage.session_file import open_session
from tests.builders import window
from tests.heaps import heap, heap_deltas
from tests.recording.test_summary import META

KIB = 1024
CPU = ("main;work", "main;work", "main;idle")


def peak(load: int, *, parse: int = 10 * KIB, exact: bool = True) -> HeapSnapshot:
    return heap(f"main;load {load} 2\nmain;parse {parse} 7", exact=exact)


def session(*snapshots: HeapSnapshot, samples: tuple[str, ...] = (), mode: str = "both", **meta: Any) -> SessionModel:
    """A finished session with these views of the heap and samples of CPU."""
    made = SessionModel(replace(META, mode=mode, two_pass=mode == "both", **meta))
    delta = delta_of(StackTable().intern(window(*samples)), after_s=0.0) if samples else None
    made.apply(Update(made.meta, Phase.DONE, 1.0, delta=delta, heap=heap_deltas(*snapshots)))
    return made


def changes(comparison: Comparison) -> dict[str, tuple[float, ChangeVerdict]]:
    return {row.frame.function: (row.delta, row.verdict) for row in comparison.changes}


def test_two_sessions_of_cpu_compare_as_ever() -> None:
    found = compare_models(session(samples=CPU, mode="cpu"), session(samples=CPU, mode="cpu"))
    assert (found.view, found.lenses, found.remarks) == (None, (None,), ())
    assert compare_document(found)["memory"] is None
    assert memory_lens(found) is None


def test_runs_that_had_ended_before_a_range_say_nothing_of_it() -> None:
    runs = sorted(Catalogue(PACKAGING).runs_of("packaging-26.0"), key=lambda path: open_session(path).meta.duration_s)
    chosen = [runs[0], *runs[-2:]]
    ranged = compare_paths(chosen, chosen).between(None, (7.0, 9.0))
    assert [len(side.runs) for side in ranged.sides] == [3, 2]
    assert not [change.frame.function for change in ranged.changes if change.verdict.clear]
    assert ranged.noise is not None
    assert ranged.noise.shared < 0.6, "the range is short, for every function"
    tree = ranged.tree(share=False)
    assert not any(tree.verdict(node).clear for node in range(len(tree)))


def test_every_view_that_both_hold_is_a_lens() -> None:
    leak = heap("main;cache 30 1", HeapView.LEAKED)
    held = heap("main;cache 30 1", HeapView.HELD)
    found = compare_models(session(peak(5), leak, held, samples=CPU), session(held, leak, peak(5), samples=CPU))
    assert found.lenses == (None, HeapView.HIGH_WATERMARK, HeapView.HELD, HeapView.LEAKED)
    assert found.of(None) is found
    assert found.of(HeapView.LEAKED).of(None).changes == found.changes
    with pytest.raises(NoDataError, match="memory: temporary") as caught:
        found.of(HeapView.TEMPORARY)
    assert caught.value.hint == "both hold CPU, high_watermark, held, leaked"


def test_high_watermarks_are_compared_in_exact_bytes() -> None:
    before, after = session(peak(200 * KIB), samples=CPU), session(peak(300 * KIB, parse=10 * KIB + 5), samples=CPU)
    found = compare_models(before, after).of(HeapView.HIGH_WATERMARK)
    assert (found.baseline_weight, found.current_weight) == (210 * KIB, 310 * KIB + 5)
    assert changes(found)["load"] == (100 * KIB, ChangeVerdict.SLOWER)
    assert changes(found)["parse"] == (5, ChangeVerdict.WITHIN_NOISE)
    assert found.exact
    assert found.tree(share=False).total_weight[0] == 310 * KIB + 5


def test_the_document_holds_cpu_and_memory() -> None:
    found = compare_models(session(peak(200 * KIB), samples=CPU), session(peak(300 * KIB), samples=CPU))
    document = compare_document(found, top=1)
    assert (document["unit"], document["mode"], len(document["deltas"])) == ("s", "absolute", 1)
    assert document["memory"] == {
        "view": "high_watermark",
        "exact": True,
        "runs": [1, 1],
        "baseline_range": None,
        "current_range": None,
        "reason": ONE_RUN,
        "by_count": {
            "baseline_range": None,
            "current_range": None,
            "verdict": "within noise",
            "reason": ONE_RUN,
            "summary": {
                "functions": 3,
                "slower": 0,
                "faster": 0,
                "within_noise": 3,
                "inconclusive": 0,
                "appeared": 0,
                "vanished": 0,
                "advisory": False,
            },
        },
        "baseline_bytes": 210 * KIB,
        "current_bytes": 310 * KIB,
        "delta_bytes": 100 * KIB,
        "allocations": [9, 9],
        "mode": "absolute",
        "deltas": [
            {
                "function": "load",
                "file": "app.py",
                "baseline_bytes": 200 * KIB,
                "current_bytes": 300 * KIB,
                "delta_bytes": 100 * KIB,
                "baseline_share": 0.952380952,
                "current_share": 0.967741935,
                "baseline_total_bytes": 200 * KIB,
                "current_total_bytes": 300 * KIB,
                "baseline_count": 2,
                "current_count": 2,
                "baseline_range": None,
                "current_range": None,
                "by_count": {
                    "baseline": 2,
                    "current": 2,
                    "delta": 0,
                    "baseline_share": 0.222222222,
                    "current_share": 0.222222222,
                    "baseline_total": 2,
                    "current_total": 2,
                    "baseline_range": None,
                    "current_range": None,
                    "verdict": "within noise",
                    "reason": "",
                },
                "was": None,
                "match": "same",
                "kind": "grew",
                "verdict": "slower",
                "reason": "",
            }
        ],
        "verdict": "slower",
        "summary": {
            "functions": 3,
            "slower": 1,
            "faster": 0,
            "within_noise": 2,
            "inconclusive": 0,
            "appeared": 0,
            "vanished": 0,
            "advisory": False,
        },
    }


def several(*models: SessionModel) -> SideRuns:
    """A side of several runs."""
    sides = [side_of_model(model) for model in models]
    return replace(sides[0], runs=tuple(run for side in sides for run in side.runs))


def test_memory_of_several_runs_is_that_of_the_median_one_and_tells_how_far_they_are_apart() -> None:
    parsed = [900, 100, 300, 500]
    before = several(*(session(peak(200 * KIB, parse=each * KIB)) for each in parsed))
    after = several(*(session(peak(load * KIB, parse=each * KIB)) for load, each in ((400, 100), (401, 800))))
    found = compare_sides(before, after)
    assert (found.baseline_weight, found.current_weight) == (500 * KIB, 500 * KIB)
    rows = {row.frame.function: row for row in found.changes}
    assert (rows["load"].verdict, rows["load"].spans) == (
        ChangeVerdict.SLOWER,
        ((200 * KIB, 200 * KIB), (400 * KIB, 401 * KIB)),
    )
    assert rows["parse"].verdict is ChangeVerdict.INCONCLUSIVE
    assert (found.total.verdict, found.total.runs) == (ChangeVerdict.INCONCLUSIVE, (4, 2))
    # The path of what nobody can tell is not coloured either.
    tree = found.tree(share=False)
    told = {tree.frame(node).function: tree.verdict(node) for node in range(1, len(tree))}  # type: ignore[union-attr]
    assert (told["load"], told["parse"].clear) == (ChangeVerdict.SLOWER, False)
    memory = compare_document(found)["memory"]
    assert (memory["runs"], memory["baseline_range"]) == ([4, 2], [300 * KIB, 1100 * KIB])
    heap = next(each for each in compare_document(found)["figures"] if each["name"] == "high watermark")
    assert (heap["baseline"], heap["baseline_range"]) == (500 * KIB, [300 * KIB, 1100 * KIB])


def test_runs_without_a_view_of_the_heap_are_told_of_and_the_others_stand_for_the_side() -> None:
    found = compare_sides(several(session(peak(5 * KIB)), session()), several(session(peak(9 * KIB))))
    assert found.lenses == (None, HeapView.HIGH_WATERMARK)[1:]
    assert any("only 1 of 2 runs of the baseline" in remark for remark in found.remarks)


def test_two_sessions_of_memory_compare_without_cpu() -> None:
    found = compare_models(session(peak(5 * KIB), mode="memory"), session(peak(9 * KIB), mode="memory"))
    assert (found.view, found.lenses) == (HeapView.HIGH_WATERMARK, (HeapView.HIGH_WATERMARK,))
    document = compare_document(found)
    assert (document["baseline"]["total_s"], document["unit"], document["deltas"]) == (None, None, [])
    assert document["memory"]["delta_bytes"] == 4 * KIB


def test_a_session_that_lacks_memory_is_named() -> None:
    found = compare_models(session(samples=CPU, mode="cpu"), session(peak(5), samples=CPU))
    assert found.lenses == (None,)
    assert found.remarks == ("the baseline holds no memory: record it with --mode memory to compare that, too",)
    assert compare_document(found)["memory"] is None


def test_a_session_that_lacks_cpu_is_named() -> None:
    found = compare_models(session(peak(5), samples=CPU), session(peak(5), mode="memory"))
    assert found.lenses == (HeapView.HIGH_WATERMARK,)
    assert found.remarks == ("the current session holds no CPU samples",)


def test_two_sessions_with_nothing_in_common_are_one_sentence() -> None:
    with pytest.raises(NoDataError, match="the baseline holds CPU samples, the current session memory"):
        compare_models(session(samples=CPU, mode="cpu"), session(peak(5), mode="memory"))
    with pytest.raises(NoDataError, match="neither session holds a sample"):
        compare_models(session(mode="cpu"), session(mode="memory"))
    with pytest.raises(NoDataError, match="count different things"):
        compare_models(session(samples=CPU, mode="cpu"), session(samples=CPU, mode="cpu", unit="bytes"))


def test_seconds_that_hold_what_tracing_costs_are_said_so() -> None:
    traced = session(peak(5), samples=CPU)
    traced.meta = replace(traced.meta, two_pass=False)
    one = compare_models(session(samples=CPU, mode="cpu"), traced)
    assert "CPU seconds of the current session hold what tracing allocations costs, and those" in one.remarks[1]
    both = compare_models(traced, traced)
    assert both.remarks == ("CPU seconds of the baseline and the current session hold what tracing allocations costs",)
    assert compare_document(both)["baseline"]["perturbed"]


def test_a_sampled_high_watermark_is_said_so() -> None:
    found = compare_models(session(peak(5), mode="memory"), session(peak(5, exact=False), mode="memory"))
    assert found.remarks == ("the high watermark of the current session was only sampled",)
    assert not compare_document(found)["memory"]["exact"]


def test_what_adds_up_over_time_compares_by_share_where_a_side_was_attached_to() -> None:
    allocated = heap("main;load 5 1", HeapView.ALLOCATED)
    attached = session(peak(5), allocated, samples=CPU, kind=SessionKind.ATTACHED)
    found = compare_models(attached, session(peak(5), allocated, samples=CPU))
    shares = {view: found.of(view).by_share for view in found.lenses}
    assert shares == {None: True, HeapView.HIGH_WATERMARK: False, HeapView.ALLOCATED: True}


def test_runs_whose_length_was_chosen_by_hand_are_said_so_only_where_they_differ() -> None:
    long, short = (
        session(samples=CPU, mode="cpu", ended_by_us=True, duration_s=duration_s) for duration_s in (12.0, 4.0)
    )
    (remark,) = compare_models(long, short).remarks
    assert "12.0 s against 4.00 s" in remark
    assert compare_models(long, long).remarks == ()
    by_itself = session(samples=CPU, mode="cpu", duration_s=4.0)
    assert compare_models(session(samples=CPU, mode="cpu", duration_s=12.0), by_itself).remarks == ()


# Names.


def test_a_row_of_a_renamed_function_says_what_it_was_and_compares_both() -> None:
    before, after = (side_of_model(session(samples=(f"main;{name}",) * 9, mode="cpu")) for name in ("old", "new"))
    found = compare_sides(before, after, renames={"app.py:old": "app.py:new"})
    (row,) = (row for row in found.changes if row.frame.function == "new")
    assert (row.match, row.was, row.baseline_count, row.current_count) == (
        MatchKind.RENAMED,
        Frame("old", "app.py"),
        9,
        9,
    )
    tree = found.tree(share=False)
    assert [frame.function for frame in tree.functions] == ["main", "new"]
    assert {row.match for row in compare_sides(before, after).changes} == {MatchKind.SAME, MatchKind.ONE_SIDE}


def test_a_function_with_the_neighbours_of_a_vanished_one_is_suggested_and_never_taken() -> None:
    before = session(samples=("main;load;parse;lex", "main;load;parse;emit", "main;load;parse;check"), mode="cpu")
    after = session(samples=("main;load;read;lex", "main;load;read;emit", "main;load;read;check"), mode="cpu")
    found = compare_models(before, after)
    (remark,) = found.remarks
    assert remark.startswith("parse may be read now (4 of 4 callers and callees are the same): ")
    assert '"app.py:parse" = "app.py:read" in [compare.renames]' in remark
    assert {row.frame.function for row in found.changes if row.match is MatchKind.ONE_SIDE} == {"parse", "read"}


@pytest.mark.parametrize("name", ["\x1b[31mread", 'read"]\nkeys = "x', "x" * 500, "back\\slash"])
def test_a_name_that_no_setting_can_hold_is_not_suggested(name: str) -> None:
    before = session(samples=("main;load;parse;lex", "main;load;parse;emit", "main;load;parse;check"), mode="cpu")
    after = session(samples=tuple(f"main;load;{name};{leaf}" for leaf in ("lex", "emit", "check")), mode="cpu")
    assert compare_models(before, after).remarks == ()


def test_what_bare_names_of_an_import_share_is_one_row_that_says_so_and_counts_no_stack_twice() -> None:
    bare = session(samples=("main;run", "main;run;run"), mode="cpu", kind=SessionKind.IMPORTED)
    full = session(samples=("main;A.run", "main;A.run;B.run"), mode="cpu")
    found = compare_models(bare, full)
    (row,) = (row for row in found.changes if row.frame.function == "run")
    assert (row.match, row.baseline_total, row.current_total) == (MatchKind.AMBIGUOUS, 0.02, 0.02)
    assert any(remark.startswith("1 name is ambiguous: ") for remark in found.remarks)
