"""Processes as a tree: every one once, parents first, and calm while figures move."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.process_tree import SortProcesses, process_rows
from perftui.model.running import RunningProcess, without_interpreter


def process(
    pid: int, parent: int = 0, *words: str, cpu: float = 0.0, rss: float = 0.0, age: float = 0.0
) -> RunningProcess:
    return RunningProcess(
        pid, parent, "ada", words or ("python", f"job{pid}.py"), "/src/shop", "3.12", "", cpu, rss, age
    )


def drawn(*args: object, **options: object) -> list[str]:
    return [f"{'  ' * row.depth}{row.process.pid}" for row in process_rows(*args, **options)]  # type: ignore[arg-type]


def test_children_stand_below_their_parent_and_a_busy_child_lifts_it() -> None:
    tree = [process(1), process(2, 1, cpu=90.0), process(3, cpu=50.0), process(4, 3), process(5, 99)]
    assert drawn(tree) == ["1", "  2", "3", "  4", "5"]
    assert drawn(tree, sort=SortProcesses.PID) == ["1", "  2", "3", "  4", "5"]
    assert drawn([process(1, age=9.0), process(2, age=1.0)], sort=SortProcesses.AGE) == ["2", "1"]


def test_a_filter_keeps_ancestors_for_orientation_and_says_who_is_meant() -> None:
    tree = [process(1), process(2, 1, "python", "-m", "shop.server"), process(3, 0, "python", "other.py")]
    rows = process_rows(tree, wanted="SHOP.server ada")
    assert [(row.process.pid, row.matches) for row in rows] == [(1, False), (2, True)]
    assert process_rows(tree, wanted="nothing like it") == []


def test_rows_keep_still_while_an_order_is_given_and_newcomers_come_last() -> None:
    tree = [process(1, cpu=1.0), process(2, cpu=99.0), process(3, cpu=50.0)]
    assert drawn(tree) == ["2", "3", "1"]
    assert drawn(tree, order={1: 0, 3: 1}) == ["1", "3", "2"]


@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12), st.floats(0, 100)), unique_by=lambda each: each[0]),
    st.sampled_from(SortProcesses),
)
def test_each_process_that_hangs_somewhere_stands_once_after_its_parent(
    given_: list[tuple[int, int, float]], sort: SortProcesses
) -> None:
    tree = [process(pid, parent, cpu=cpu, rss=cpu) for pid, parent, cpu in given_]
    rows = process_rows(tree, sort=sort)
    order = [row.process.pid for row in rows]
    assert len(order) == len(set(order))
    listed = {each.pid for each in tree}
    for row in rows:
        parent = row.process.parent
        if row.depth:
            assert order.index(parent) < order.index(row.process.pid)
        else:
            assert parent not in listed or parent == row.process.pid


def test_a_command_begins_with_what_runs() -> None:
    assert without_interpreter(("/usr/bin/python3.11", "-X", "dev", "-u", "/srv/app/server.py", "--port", "1")) == (
        "server.py",
        "--port",
        "1",
    )
    assert without_interpreter(("python", "-m", "shop.server")) == ("shop.server",)
    assert without_interpreter(("python", "-c", "print(1)")) == ("-c", "print(1)")
    assert without_interpreter(("/opt/bin/gunicorn", "app:main")) == ("gunicorn", "app:main")
    assert without_interpreter(("python3",)) == ("python3",)
    assert without_interpreter(()) == ()
