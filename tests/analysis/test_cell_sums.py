from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.cell_sums import CellSums

# Few threads and stacks, so that cells come again; more threads of a stack than are linked one to the next.
added = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3), st.integers(-4, 4)), max_size=60)


@given(added)
def test_cells_hold_what_a_dictionary_of_them_would(parts: list[tuple[int, int, int]]) -> None:
    sums, plain = CellSums(), dict[tuple[int, int], tuple[float, int]]()
    for thread, leaf, number in parts:
        weight, count = plain.get((thread, leaf), (0.0, 0))
        sums.add(thread, leaf, number / 4, number)
        plain[thread, leaf] = (weight + number / 4, count + number)
        held = {cell: both for cell, both in plain.items() if any(both)}
        assert len(sums) == len(held)
        assert dict(sums.items()) == held
    assert sums == held if parts else not sums
    assert sorted(sums.values()) == sorted(dict(sums).values())
    for cell in plain:
        assert sums.get(cell) == (plain[cell] if any(plain[cell]) else None)
    assert (0, 99) not in sums


def test_cells_come_in_the_order_in_which_they_were_first_seen() -> None:
    sums = CellSums()
    sums.add_all([((3, 7), (1.0, 1)), ((0, 2), (1.0, 1)), ((3, 7), (0.5, 2)), ((1, 7), (0.0, 0)), ((1, 7), (2.0, 0))])
    assert list(sums) == [(3, 7), (0, 2), (1, 7)]
    assert sums[3, 7] == (1.5, 3)
    with pytest.raises(KeyError):
        sums[1, 2]
