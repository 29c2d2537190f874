"""Memory in other tools' formats: bytes go out as bytes, and what comes back weighs the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.formats import collapsed, speedscope
from perftui.formats.heap_bridge import profile_of_heap
from perftui.model.heap import HeapSnapshot
from perftui.units import Unit
from tests.builders import stack
from tests.formats.profiles import totals
from tests.heaps import heap

PEAK = heap("main;load 200 2\nmain;parse 50 7\nmain 5 1\nmain;empty 0 3")
snapshots = st.lists(
    st.tuples(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), st.integers(0, 10**12)), min_size=1, max_size=8
).map(lambda rows: heap("\n".join(f"{';'.join(names)} {size} 1" for names, size in rows)))


def test_a_view_of_the_heap_becomes_a_profile_in_bytes() -> None:
    made = profile_of_heap("it", [PEAK])
    assert (made.name, made.unit, made.weight) == ("it", Unit.BYTES, 255)
    assert totals(made) == {stack("main;load"): 200, stack("main;parse"): 50, stack("main"): 5}


def test_processes_keep_their_own_threads() -> None:
    child = heap("main;work 9 1", pid=200)
    assert {row.thread.pid for row in profile_of_heap("it", [PEAK, child]).rows} == {100, 200}


def test_collapsed_stacks_hold_the_bytes_as_they_are() -> None:
    text = "".join(collapsed.write(profile_of_heap("it", [PEAK])))
    assert text.splitlines() == [
        "main (app.py);load (app.py) 200",
        "main (app.py);parse (app.py) 50",
        "main (app.py) 5",
    ]


def test_speedscope_says_bytes() -> None:
    text = "".join(speedscope.write(profile_of_heap("it", [PEAK])))
    assert '"unit": "bytes"' in text
    assert '"endValue": 255.0' in text


@pytest.mark.parametrize("form", [collapsed, speedscope])
@given(snapshot=snapshots)
def test_what_comes_back_weighs_the_same(form: object, snapshot: HeapSnapshot) -> None:
    made = profile_of_heap("it", [snapshot])
    if not made.rows:
        return
    text = "".join(form.write(made))  # type: ignore[attr-defined]
    back = form.read(text.encode(), name="it")  # type: ignore[attr-defined]
    assert totals(back) == totals(replace(made, unit=back.unit))
    assert back.unit is (Unit.BYTES if form is speedscope else Unit.SAMPLES)
