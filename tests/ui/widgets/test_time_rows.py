from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perftui.model.session import EventKind
from perftui.ui.widgets.time_rows import signs_row


@given(st.integers(1, 60).flatmap(lambda width: st.tuples(st.just(width), st.sets(st.integers(0, width - 1)))))
def test_a_line_of_signs_fills_its_width_with_or_without_anything_that_happened(drawn: tuple[int, set[int]]) -> None:
    width, cells = drawn
    text, runs = signs_row(dict.fromkeys(cells, EventKind.MARK), width, dict.fromkeys(cells, "a phase with a name"))
    assert len(text) == width
    assert [run.start for run in runs] == [0, *[run.end for run in runs[:-1]]]
    assert runs[-1].end == width
