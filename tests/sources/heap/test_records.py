"""Records become messages; what cannot be learnt in time is not lost, only told later."""

from __future__ import annotations

from perftui.model.heap import SMALLER
from perftui.sources.heap.records import Records, hybrid_stack
from perftui.sources.heap.wire import Lines, Picture
from tests.sources.heap.heaps import ALL, FakeRecord, collapsed, leaf_first, line, records

MANY = "\n".join(f"main;load{number} 10x1" for number in range(300))


def test_stacks_beyond_the_budget_count_as_smaller_until_they_are_learnt() -> None:
    source, lines = Records(7, ""), Lines(epoch_s=0.0)
    rounds = 0
    while True:
        told = source.message("held", records(MANY), ALL, budget_s=-1.0)
        said = lines.decode(line(**told, at=1.0))
        assert isinstance(said, Picture)
        assert (said.snapshot.total_bytes, said.snapshot.allocations) == (3000, 300)
        rounds += 1
        if told["learnt"]:
            break
        assert any(row.startswith(f"{SMALLER} ") for row in collapsed(said.snapshot))
    assert 3 < rounds < 8
    assert collapsed(said.snapshot) == sorted(f"main;load{number} 10x1" for number in range(300))


def test_a_thread_that_is_named_later_has_its_name_from_then_on() -> None:
    source = Records(7, "")
    record = FakeRecord(leaf_first("main"), 5, thread_name="")
    assert source.message("held", [record], ALL)["threads"] == [(1, "")]
    record.thread_name = "worker"
    assert source.message("held", [record], ALL)["threads"] == [(1, "worker")]


def test_a_view_that_names_no_thread_takes_no_name_away() -> None:
    source = Records(7, "")
    record = FakeRecord(leaf_first("main"), 5, thread_name="worker")
    source.message("leaked", [record], ALL)
    record.thread_name = ""
    assert source.message("allocated", [record], ALL)["threads"] == [(1, "worker")]


def test_the_main_thread_is_called_as_python_calls_it() -> None:
    source = Records(7, "", main_thread=1)
    record = FakeRecord(leaf_first("main"), 5, thread_name="")
    assert source.message("held", [record], ALL)["threads"] == [(1, "MainThread")]


def test_another_reader_s_stacks_are_told_apart_from_those_before() -> None:
    source = Records(7, "")
    source.message("leaked", [FakeRecord(leaf_first("main;load"), 5, stack_id=1)], ALL)
    source.forget_stacks()
    told = source.message("temporary", [FakeRecord(leaf_first("main;parse"), 5, stack_id=1)], ALL)
    assert [frame[0] for frame in told["frames"]] == ["parse"]


def test_a_stack_whose_names_cannot_be_read_counts_as_one_without_python() -> None:
    class Unreadable(FakeRecord):
        def stack_trace(self) -> list[tuple[str, str, int]]:
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")

    source = Records(7, "")
    told = source.message("leaked", [Unreadable([], 9), FakeRecord(leaf_first("main"), 1, stack_id=2)], ALL)
    assert (told["bytes"], source.stackless_bytes) == (10, 9)


class NativeRecord(FakeRecord):
    """A record with native frames."""

    native_stack_id = 1
    native_segment_generation = 1
    hybrid = ""

    def hybrid_stack_trace(self) -> list[tuple[str, str, int]]:
        return leaf_first(self.hybrid)


def test_native_frames_above_the_program_go_with_those_that_ran_it() -> None:
    record = NativeRecord(leaf_first("run@/x/memray/commands/run.py;_run_code@<frozen runpy>;main;load"), 5)
    record.hybrid = (
        "_start@start.c;Py_Main@main.c;run@/x/memray/commands/run.py;eval@ceval.c;_run_code@<frozen runpy>;"
        "exec@bltin.c;main;call@call.c;load;malloc@malloc.c"
    )
    assert hybrid_stack(record) == leaf_first("main;call@call.c;load;malloc@malloc.c")


def test_native_frames_of_what_nobody_else_ran_stay() -> None:
    record = NativeRecord(leaf_first("main;load"), 5)
    record.hybrid = "_start@start.c;main;call@call.c;load;malloc@malloc.c"
    assert hybrid_stack(record) == leaf_first(record.hybrid)
