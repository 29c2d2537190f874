from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.aggregate import tree_of
from perftui.analysis.call_tree import CallTree
from perftui.analysis.compare import DeltaKind, DeltaTree, Side, function_deltas
from perftui.analysis.normalise import is_library, normal_file
from perftui.model.frame import Frame
from perftui.units import Unit
from tests.builders import profile

rows = st.lists(st.tuples(st.lists(st.sampled_from("abc"), min_size=1, max_size=5), st.integers(1, 50)), max_size=20)


def built(data: list[tuple[list[str], int]]) -> CallTree:
    return tree_of([(tuple(Frame(n, "f.py") for n in path), float(w), w) for path, w in data], Unit.SECONDS)


@pytest.mark.parametrize(
    ("file", "root", "expected"),
    [
        ("/home/a/venv/lib/python3.11/site-packages/rich/text.py", "", "rich/text.py"),
        ("/usr/lib/python3/dist-packages/yaml/__init__.py", "", "yaml/__init__.py"),
        ("/usr/lib/python3.12/json/decoder.py", "", "<stdlib>/json/decoder.py"),
        ("/opt/py/lib/python3.13t/threading.py", "", "<stdlib>/threading.py"),
        ("/src/app/app/main.py", "/src/app", "app/main.py"),
        ("/src/application/main.py", "/src/app", "/src/application/main.py"),
        ("<frozen runpy>", "/src", "<frozen runpy>"),
        ("", "", ""),
    ],
)
def test_a_file_is_named_alike_wherever_its_environment_lies(file: str, root: str, expected: str) -> None:
    assert normal_file(file, root) == expected


def test_own_code_is_told_from_libraries() -> None:
    assert is_library("/v/lib/python3.11/site-packages/a.py")
    assert is_library("/usr/lib/python3.11/json/__init__.py")
    assert not is_library("/src/app.py")


def test_appeared_vanished_grown_and_unclear_are_told_apart() -> None:
    deltas = function_deltas(
        Side(profile("main;old 50\nmain;same 100\nmain;slow 100")),
        Side(profile("main;new 50\nmain;same 105\nmain;slow 300")),
    )
    kinds = {row.frame.function: row.kind for row in deltas}
    assert kinds == {
        "old": DeltaKind.VANISHED,
        "new": DeltaKind.APPEARED,
        "same": DeltaKind.UNCLEAR,
        "slow": DeltaKind.GREW,
        "main": DeltaKind.UNCLEAR,
    }
    assert deltas[0].frame.function == "slow"
    assert deltas[0].delta == 200


def test_a_function_that_lost_only_its_self_time_shrank_and_did_not_vanish() -> None:
    deltas = function_deltas(Side(profile("main;f 50")), Side(profile("main;f;g 50")))
    assert {row.frame.function: row.kind for row in deltas}["f"] is DeltaKind.SHRANK


@given(rows, rows)
def test_both_sides_are_whole_in_the_union_and_widths_add_up(
    before: list[tuple[list[str], int]], after: list[tuple[list[str], int]]
) -> None:
    a, b = built(before), built(after)
    tree = DeltaTree(Side(a), Side(b))
    assert tree.baseline_total[0] == a.weight
    assert tree.current_total[0] == b.weight
    for node in range(len(tree)):
        below = sum(tree.total_weight[child] for child in tree.children(node))
        assert below + tree.self_weight[node] == tree.total_weight[node]
        assert tree.total_weight[node] >= max(tree.baseline_total[node], tree.current_total[node])
    assert sum(row.delta for row in function_deltas(Side(a), Side(b))) == b.weight - a.weight


@given(rows)
def test_nothing_differs_from_itself(data: list[tuple[list[str], int]]) -> None:
    side = Side(built(data))
    assert all(row.kind is DeltaKind.UNCLEAR and row.delta == 0 for row in function_deltas(side, side))


def test_shares_of_a_uniform_slowdown_are_equal_while_times_are_not() -> None:
    once, twice = Side(profile("main;a 100\nmain;b 100")), Side(profile("main;a 200\nmain;b 200"))
    shares = DeltaTree(once, twice, share=True)
    assert all(shares.kind(node) is DeltaKind.UNCLEAR for node in range(len(shares)))
    times = DeltaTree(once, twice)
    assert times.kind(0) is DeltaKind.GREW
