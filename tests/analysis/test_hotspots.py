from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.hotspots import SortBy, hotspots, listing, rows_of
from tests.builders import profile

LINES = "main;a 60\nmain;b 30\nmain;c 8\nmain;d 2"
folded = st.lists(
    st.tuples(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4).map(";".join), st.integers(1, 50)),
    min_size=1,
    max_size=12,
).map(lambda rows: "\n".join(f"{stack} {count}" for stack, count in rows))


@given(folded, st.sampled_from(SortBy), st.sampled_from([None, 1, 3]), st.floats(0.0, 0.6))
def test_rows_and_what_they_leave_out_are_the_whole(lines: str, sort: SortBy, top: int | None, least: float) -> None:
    tree = profile(lines)
    rows, rest = listing(tree, sort=sort, top=top, least=least)
    assert len(rows) + rest.functions == len(tree.functions)
    assert sum(row.self_share for row in rows) + rest.self_share == pytest.approx(1.0)
    assert all((row.total_share if sort is SortBy.TOTAL else row.self_share) >= least - 1e-12 for row in rows)
    assert [row for row in hotspots(tree, sort=sort) if row in rows] == rows


def test_a_row_that_is_listed_stays_a_little_longer_and_the_chosen_one_for_ever() -> None:
    tree = profile(LINES)
    ids = {frame.function: i for i, frame in enumerate(tree.functions)}
    assert [row.frame.function for row in listing(tree, least=0.09).rows] == ["a", "b"]
    assert [row.frame.function for row in listing(tree, least=0.09, listed={ids["c"], ids["d"]}).rows] == [
        "a",
        "b",
        "c",
    ]
    kept = listing(tree, least=0.09, always=ids["main"])
    assert [row.frame.function for row in kept.rows] == ["a", "b", "main"]
    assert kept.rest.functions == 2
    assert kept.rest.self_share == pytest.approx(0.1)


def test_rows_of_chosen_functions_come_in_the_order_asked_for() -> None:
    tree = profile(LINES)
    everything = {row.function_id: row for row in hotspots(tree)}
    assert rows_of(tree, [3, 0]) == [everything[3], everything[0]]
