from __future__ import annotations

import random
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.call_tree import CallTree
from perftui.analysis.derived_tree import SameShape
from perftui.analysis.outline import Outline
from perftui.analysis.window_cells import QUANTUM
from perftui.model.frame import Frame

EACH = 10_000_000 * QUANTUM
"""What a sample weighs, about 9 ms."""
FUNCTIONS = 9


def grown(stacks: int, seed: int) -> tuple[CallTree, list[int]]:
    """Return a tree without weights, some of whose stacks call themselves, and the leaf of each stack."""
    dice, tree = random.Random(seed), CallTree()
    leaves = []
    for _ in range(stacks):
        stack = [Frame(f"f{dice.randrange(FUNCTIONS)}", "a.py", 1) for _ in range(dice.randint(1, 12))]
        leaves.append(tree.add_stack(stack, 0.0, 0))
    tree.flush()
    return tree, leaves


def totals_by_hand(tree: CallTree, held: dict[int, tuple[float, int]]) -> tuple[list[float], list[int]]:
    """Return total weight and count of each node, then of each function: every stack walked by itself."""
    weights, counts = defaultdict[int, float](float), defaultdict[int, int](int)
    size = len(tree)
    for leaf, (weight, count) in held.items():
        functions, node = set(), leaf
        while node >= 0:
            weights[node] += weight
            counts[node] += count
            functions |= {tree.function[node]} if node else set()
            node = tree.parent[node]
        for function in functions:
            weights[size + function] += weight
            counts[size + function] += count
    places = range(size + len(tree.functions))
    return [weights[place] for place in places], [counts[place] for place in places]


def totals(tree: CallTree) -> tuple[list[float], list[int]]:
    return [*tree.total_weight, *tree.function_total_weight], [*tree.total_count, *tree.function_total_count]


@given(
    st.integers(1, 120),
    st.integers(0, 99),
    st.sampled_from(["alike", "but for a few", "not at all"]),
    st.integers(0, 3),
)
def test_totals_are_those_of_every_stack_walked_by_itself(stacks: int, seed: int, alike: str, times: int) -> None:
    tree, leaves = grown(stacks, seed)
    dice = random.Random(seed)
    held: dict[int, tuple[float, int]] = {}
    part = SameShape(tree)
    for _ in range(times):
        odd = {"alike": 0.0, "but for a few": 0.02, "not at all": 1.0}[alike]
        added = {}
        for leaf in leaves:
            count = dice.randint(0, 5)
            more = dice.randint(0, 10_000) * QUANTUM if dice.random() < odd else 0.0
            added[leaf] = (EACH * count + more, count)
        part.put(list(added), added.values())
        for leaf, (weight, count) in added.items():
            known = held.get(leaf, (0.0, 0))
            held[leaf] = (known[0] + weight, known[1] + count)
    # To the grain sums are exact, whichever way they were made.
    assert totals(part) == totals_by_hand(tree, held)
    assert sum(part.self_weight) == part.weight == sum(part.function_self_weight)
    assert sum(part.self_count) == part.count == sum(part.function_self_count)


def test_weights_that_are_no_whole_grains_are_summed_up_beside_counts() -> None:
    tree, leaves = grown(80, 3)
    held = {leaf: (0.1 * number, number % 4) for number, leaf in enumerate(dict.fromkeys(leaves))}
    part = SameShape(tree)
    part.put(list(held), held.values())
    weights, counts = totals_by_hand(tree, held)
    assert totals(part)[0] == pytest.approx(weights)
    assert totals(part)[1] == counts


def test_a_few_stacks_of_a_large_tree_give_what_all_of_it_gives() -> None:
    tree, leaves = grown(400, 5)
    few = dict.fromkeys(leaves[:7], (EACH, 1))
    part = SameShape(tree)
    part.put([*few, leaves[0]], [*few.values(), (EACH, 1)])
    assert totals(part) == totals_by_hand(tree, {**few, leaves[0]: (2 * EACH, 2)})
    part.put(list(few), [(-weight, -count) for weight, count in few.values()])
    assert totals(part) == totals_by_hand(tree, {leaves[0]: (EACH, 1)})


@given(
    st.integers(1, 120),
    st.integers(0, 99),
    st.sampled_from(["alike", "but for a few", "not at all", "no grains"]),
    st.booleans(),
)
def test_sums_by_the_outline_are_those_of_every_stack_walked_by_itself(
    stacks: int, seed: int, alike: str, in_rows: bool
) -> None:
    tree, leaves = grown(stacks, seed)
    dice = random.Random(seed)
    tree.outline = Outline(tree, leaves)
    part = SameShape(tree)
    odd = {"alike": 0.0, "but for a few": 0.02, "not at all": 1.0, "no grains": 1.0}[alike]
    for _ in range(2):
        rows = []
        for _ in leaves:
            count = dice.randint(0, 3)
            more = dice.randint(0, 10_000) * QUANTUM if dice.random() < odd else 0.0
            rows.append((EACH * count + more / (3 if alike == "no grains" else 1), count))
        if in_rows:
            assert part.refill_row(leaves, [count for _, count in rows], [weight for weight, _ in rows])
        else:
            part.refill(leaves, rows)
        # What was there before is gone, and of leaves that come several times each counts.
        held: dict[int, tuple[float, int]] = {}
        for leaf, (weight, count) in zip(leaves, rows, strict=True):
            known = held.get(leaf, (0.0, 0))
            held[leaf] = (known[0] + weight, known[1] + count)
        weights, counts = totals_by_hand(tree, held)
        assert totals(part)[0] == (pytest.approx(weights) if alike == "no grains" else weights)
        assert totals(part)[1] == counts
        assert sum(part.function_self_weight) == pytest.approx(part.weight)
        assert sum(part.self_count) == part.count == sum(part.function_self_count)


def test_what_lies_outside_an_outline_is_summed_up_all_the_same() -> None:
    tree, leaves = grown(80, 3)
    inner = [node for node in range(1, len(tree)) if tree.children_count[node] == 1 and node not in leaves]
    tree.outline = Outline(tree, leaves)
    part = SameShape(tree)
    held = dict.fromkeys([*leaves, *inner], (EACH, 1))
    part.refill(list(held), held.values())
    assert inner
    assert totals(part) == totals_by_hand(tree, held)
    assert not part.refill_row(inner, [1] * len(inner), [EACH] * len(inner))


def test_a_tree_that_has_grown_since_has_another_outline() -> None:
    tree, leaves = grown(80, 3)
    tree.outline = Outline(tree, leaves)
    leaves.append(tree.add_stack([Frame("new", "b.py", 1)], 0.0, 0))
    part, held = SameShape(tree), dict.fromkeys(leaves, (EACH, 1))
    part.refill(list(held), held.values())
    assert totals(part) == totals_by_hand(tree, held)
