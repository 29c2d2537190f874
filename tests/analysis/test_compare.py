from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.aggregate import tree_of
from perftui.analysis.call_tree import CallTree
from perftui.analysis.compare import DeltaKind, Seen, Side, Tolerance, kind_of
from perftui.analysis.delta_tree import DeltaTree
from perftui.analysis.normalise import normal_file
from perftui.model.change import ChangeVerdict
from perftui.model.frame import Frame
from perftui.units import Unit
from tests.builders import profile
from tests.heaps import heap_profile

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


def test_shares_of_a_uniform_slowdown_are_equal_while_times_are_not() -> None:
    once, twice = Side(profile("main;a 100\nmain;b 100")), Side(profile("main;a 200\nmain;b 200"))
    shares = DeltaTree(once, twice, share=True)
    assert all(shares.kind(node) is DeltaKind.UNCLEAR for node in range(len(shares)))
    times = DeltaTree(once, twice)
    assert times.kind(0) is DeltaKind.GREW


def test_no_word_about_a_path_says_the_opposite_of_its_figure() -> None:
    class Said(NamedTuple):
        said: ChangeVerdict

        def verdict(self, before: float, after: float) -> ChangeVerdict:
            return self.said

    once, more = Side(profile("main;a 100")), Side(profile("main;a 110"))
    for said, other in ((ChangeVerdict.SLOWER, ChangeVerdict.FASTER), (ChangeVerdict.FASTER, ChangeVerdict.SLOWER)):
        sides = (once, more) if said is ChangeVerdict.SLOWER else (more, once)
        assert DeltaTree(*sides, test=Said(said)).verdict(1) is said
        assert DeltaTree(*sides, test=Said(other)).verdict(1) is ChangeVerdict.INCONCLUSIVE


def test_what_is_said_of_the_whole_is_not_said_of_all_shares_together() -> None:
    once, twice = Side(profile("main;a 100\nmain;b 100")), Side(profile("main;a 200\nmain;b 200"))
    said = {
        share: DeltaTree(once, twice, share=share, whole=ChangeVerdict.SLOWER).verdict(0) for share in (False, True)
    }
    assert said == {False: ChangeVerdict.SLOWER, True: ChangeVerdict.WITHIN_NOISE}


# Figures that nothing was sampled for.


def node_of(tree: DeltaTree, *names: str) -> int:
    node = tree.nearest([("app.py", name) for name in names])
    assert len(tree.path(node)) == len(names)
    return node


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (1_000_000, 1_005_000, DeltaKind.UNCLEAR),
        (1_000_000, 1_005_100, DeltaKind.GREW),
        (1_000_000, 994_900, DeltaKind.SHRANK),
        (0, 1_024, DeltaKind.UNCLEAR),
        (0, 1_025, DeltaKind.APPEARED),
        (1_025, 0, DeltaKind.VANISHED),
        (100, 1_100, DeltaKind.UNCLEAR),
        (0, 0, DeltaKind.UNCLEAR),
    ],
)
def test_bytes_that_were_all_seen_are_clear_from_half_a_percent_and_a_kibibyte_on(
    before: int, after: int, kind: DeltaKind
) -> None:
    # One large array is one allocation: its count says nothing of how sure its size is.
    assert kind_of(Seen(before, bool(before)), Seen(after, bool(after)), Tolerance(0.005, 1024)) is kind


def test_a_path_that_may_have_been_too_small_to_be_listed_did_not_appear() -> None:
    before = heap_profile("main;load 1000000 1\nmain;a 9000 5\nmain;b 9000 5\nmain;c 2000 1", listed_from=10_000)
    after = heap_profile("main;load 1000000 1\nmain;a 15000 5\nmain;b 40000 5", listed_from=10_000)
    tree = DeltaTree(before.side(), after.side())
    assert tree.kind(node_of(tree, "main", "a")) is DeltaKind.UNCLEAR, "20000 bytes were not listed before"
    assert tree.kind(node_of(tree, "main", "b")) is DeltaKind.GREW, "more than all that was not listed"
    back = DeltaTree(after.side(), before.side())
    assert back.kind(node_of(back, "main", "a")) is DeltaKind.UNCLEAR
    assert back.kind(node_of(back, "main", "b")) is DeltaKind.SHRANK
    rest = next(n for n in range(len(tree)) if (frame := tree.frame(n)) and not frame.file)
    assert tree.kind(rest) is DeltaKind.UNCLEAR
    assert tree.kind(node_of(tree, "main", "load")) is DeltaKind.UNCLEAR


def test_shares_of_a_heap_that_doubled_everywhere_are_equal() -> None:
    once, twice = heap_profile("main;a 90000 1\nmain;b 10000 9"), heap_profile("main;a 180000 1\nmain;b 20000 9")
    shares = DeltaTree(once.side(), twice.side(), share=True)
    assert all(shares.kind(node) is DeltaKind.UNCLEAR for node in range(len(shares)))
    absolute = DeltaTree(once.side(), twice.side())
    assert all(absolute.kind(node) is DeltaKind.GREW for node in range(len(absolute)))


@given(rows, rows)
def test_both_heaps_are_whole_in_their_union(
    before: list[tuple[list[str], int]], after: list[tuple[list[str], int]]
) -> None:
    text = ["\n".join(f"{';'.join(path)} {size} 2" for path, size in data) for data in (before, after)]
    a, b = heap_profile(text[0], listed_from=10), heap_profile(text[1], listed_from=30)
    for by_count in (False, True):
        sides = a.side(by_count=by_count), b.side(by_count=by_count)
        tree = DeltaTree(*sides)
        assert tree.unit is (Unit.COUNT if by_count else Unit.BYTES)
        assert (tree.baseline_total[0], tree.current_total[0]) == (sides[0].tree.weight, sides[1].tree.weight)


@given(rows)
def test_no_heap_differs_from_itself(data: list[tuple[list[str], int]]) -> None:
    side = heap_profile("\n".join(f"{';'.join(path)} {size * 1000} 2" for path, size in data), listed_from=9000).side()
    tree = DeltaTree(side, side)
    assert all(tree.kind(node) is DeltaKind.UNCLEAR for node in range(len(tree)))
