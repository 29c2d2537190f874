"""The path as a line: it ends with the selected frame, begins with the root, and leaves out its middle."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from perftui.ui.view_state import Path
from perftui.ui.widgets.breadcrumb import Breadcrumb, crumbs_of
from perftui.ui.widgets.cells import width_of
from tests.ui.widgets.stage import Stage


def path(text: str) -> Path:
    return tuple(("app.py", name) for name in text.split(";") if name)


def told(text: str, width: int) -> str:
    return " › ".join(crumb.label for crumb in crumbs_of(path(text), width))


def test_a_path_that_fits_is_whole() -> None:
    assert told("main;run;work", 60) == "all › main › run › work"
    assert told("", 60) == "all"


def test_a_long_path_is_shortened_in_the_middle() -> None:
    assert told("main;run;alpha;beta;gamma;work", 34) == "all › … › beta › gamma › work"
    assert told("main;run;alpha;beta;gamma;work", 13) == "… › work"
    assert told("main;a_function_with_a_long_name", 12) == "a_function_…"


def test_local_functions_are_told_without_where_they_are_local() -> None:
    assert told("outer.<locals>.inner", 40) == "all › outer.inner"


names = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=30)


@given(st.lists(names, max_size=30), st.integers(6, 120))
def test_every_step_stands_where_it_says_and_the_last_is_the_selected_frame(steps: list[str], width: int) -> None:
    found = crumbs_of(tuple(("", name) for name in steps), width)
    assert found[-1].depth == len(steps)
    assert all(before.end + 3 == after.start for before, after in pairwise(found))
    assert found[-1].end <= width + 1
    assert all(width_of(crumb.label) == crumb.end - crumb.start for crumb in found)
    depths = [crumb.depth for crumb in found if crumb.depth >= 0]
    assert depths == sorted(set(depths))


async def test_a_click_on_a_step_asks_for_it() -> None:
    crumbs = Breadcrumb()
    app = Stage(crumbs)
    async with app.run_test(size=(60, 3)) as pilot:
        crumbs.show(path("main;run;work"))
        await pilot.pause()
        await pilot.click(Breadcrumb, offset=(8, 0))
        await pilot.click(Breadcrumb, offset=(2, 0))
        await pilot.click(Breadcrumb, offset=(21, 0))
        await pilot.pause()
        assert [message.path for message in app.of(Breadcrumb.Chosen)] == [path("main"), ()]
