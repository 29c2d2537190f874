"""The heaviest part of a delta tree: nothing that is left out is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.compare import Side
from perftui.analysis.delta_tree import DeltaTree
from perftui.analysis.pruned_delta import pruned_delta
from tests.builders import profile

PATHS = st.lists(
    st.tuples(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4), st.integers(1, 9)), min_size=1, max_size=25
)


def tree(before: list[tuple[list[str], int]], after: list[tuple[list[str], int]]) -> DeltaTree:
    sides = ["\n".join(f"{';'.join(path)} {weight}" for path, weight in paths) for paths in (before, after)]
    return DeltaTree(Side(profile(sides[0])), Side(profile(sides[1])))


@given(PATHS, PATHS, st.integers(0, 30))
def test_weights_of_both_sides_and_widths_stay(
    before: list[tuple[list[str], int]], after: list[tuple[list[str], int]], most: int
) -> None:
    whole = tree(before, after)
    pruned = pruned_delta(whole, most)
    own = len(pruned.parent) - len(pruned.rests)
    assert sum(pruned.baseline) == sum(weight for _, weight in before)
    assert sum(pruned.current) == sum(weight for _, weight in after)
    assert own == min(most, len(whole) - 1) + 1
    assert pruned.left_out == len(whole) - own
    assert sum(rest.nodes for rest in pruned.rests.values()) == pruned.left_out
    sources = list(pruned.source)
    assert list(pruned.parent)[1:own] == [sources.index(whole.parent[sources[node]]) for node in range(1, own)]
    larger = sum(max(pruned.baseline[n], pruned.current[n]) for n in range(own))
    assert larger + sum(rest.larger for rest in pruned.rests.values()) == whole.total_weight[0]


def test_shares_are_turned_back_into_weights() -> None:
    sides = Side(profile("a;b 90\na;c 10")), Side(profile("a;b 5\na;c 1"))
    absolute, shares = (pruned_delta(DeltaTree(*sides, share=share), 9) for share in (False, True))
    assert list(shares.baseline) == pytest.approx(list(absolute.baseline))
    assert list(shares.current) == pytest.approx(list(absolute.current))


def test_the_heaviest_paths_of_either_side_are_kept() -> None:
    whole = tree([(["a", "b"], 90), (["a", "c"], 10)], [(["d"], 5), (["a", "c"], 1)])
    pruned = pruned_delta(whole, 3)
    kept = [whole.functions[whole.function[node]].function for node in pruned.source[1:4]]
    assert sorted(kept) == ["a", "b", "d"]
    assert next(iter(pruned.rests.values())).nodes == 1
