"""The call tree as a table: drawn as text, moved with keys and mouse, calm while it grows."""

from __future__ import annotations

import pytest

from perftui.analysis.call_tree import CallTree
from perftui.analysis.search import Search
from perftui.ui.view_state import Path, ViewState
from perftui.ui.widgets.tree_table import TreeTable
from perftui.units import Unit
from tests.builders import profile, stack
from tests.ui.widgets.stage import Stage, staged

DEEP = "main;run;alpha;beta 6\nmain;run;alpha 1\nmain;run;gamma 2\nmain;idle 1"


def path(text: str) -> Path:
    return tuple(("app.py", name) for name in text.split(";") if name)


def show(table: TreeTable, tree: CallTree, selected: str = "", *, stamp: tuple[int, int] = (1, 0)) -> None:
    table.show(tree, view=ViewState(selected=path(selected)), stamp=stamp)


def said(stage: Stage[TreeTable]) -> list[str]:
    return [";".join(name for _, name in message.path) for message in stage.of(TreeTable.Selected)]


async def test_it_is_drawn_with_guides_signs_and_figures() -> None:
    table = TreeTable()
    async with staged(table, size=(80, 8)) as (stage, pilot):
        show(table, profile(DEEP))
        await pilot.pause()
        assert stage.text == "\n".join(
            (
                "  total %     total  self %      self  function",
                "   100.0     10.0 s    0.0        0 s  ▾ all",
                "   100.0     10.0 s    0.0        0 s    ▾ ▌main",
                "    90.0     9.00 s    0.0        0 s      ▾ ▌run",
                "    70.0     7.00 s   10.0     1.00 s      │ ▾ ▌alpha",
                "    60.0     6.00 s   60.0     6.00 s      │ │   ▌beta",
                "    20.0     2.00 s   20.0     2.00 s      │   ▌gamma",
                "    10.0     1.00 s   10.0     1.00 s        ▌idle",
            )
        )


async def test_keys_walk_open_and_close() -> None:
    table = TreeTable()
    async with staged(table, size=(80, 12)) as (stage, pilot):
        show(table, profile(DEEP))
        table.focus()
        await pilot.press("down", "right", "right", "left", "left", "minus", "plus", "home", "end", "enter")
        walked = ["main", "main;run", "main;run;alpha", "main;run", "main;run", "main;run;alpha;beta", "main;idle"]
        assert said(stage) == walked
        assert [message.path for message in stage.of(TreeTable.Chosen)] == [path("main;idle")]


async def test_a_click_on_the_sign_opens_and_one_beside_it_selects() -> None:
    table = TreeTable()
    async with staged(table, size=(80, 12)) as (stage, pilot):
        show(table, profile(DEEP))
        await pilot.pause()
        sign = stage.text.split("\n")[3].index("▾")
        await pilot.click(TreeTable, offset=(sign, 3))
        await pilot.pause()
        assert "alpha" not in stage.text
        await pilot.click(TreeTable, offset=(sign, 3))
        await pilot.pause()
        assert "alpha" in stage.text
        await pilot.click(TreeTable, offset=(2, 4))
        await pilot.pause()
        assert said(stage)[-1] == "main;run;alpha"
        await pilot.click(TreeTable, offset=(50, 5), times=2)
        await pilot.pause()
        assert [message.path for message in stage.of(TreeTable.Chosen)] == [path("main;run;alpha;beta")]


async def test_what_is_folded_is_one_row_that_opens() -> None:
    table = TreeTable()
    async with staged(table, size=(80, 40)) as (stage, pilot):
        show(table, profile("\n".join(f"main;f{i:02} {100 - i}" for i in range(60))))
        table.focus()
        await pilot.press("end")
        line = next(line for line in stage.text.split("\n") if "more" in line)
        assert line.split() == ["57.2", "40m", "20s", "+40", "more,", "57.2", "%"], line
        assert said(stage) == [], "a remainder is nothing that can be selected"
        await pilot.press("right")
        await pilot.pause()
        assert "more" not in stage.text
        assert said(stage) == ["main;f20"]


async def test_it_follows_the_selection_of_others_and_keeps_its_own_place_while_it_grows() -> None:
    table = TreeTable()
    tree = profile(DEEP)
    async with staged(table, size=(80, 12)) as (stage, pilot):
        show(table, tree)
        table.focus()
        await pilot.press("minus")
        show(table, tree, "main;run;gamma")
        await pilot.pause()
        assert "gamma" in stage.text
        before = [line.split()[-1] for line in stage.text.split("\n")]
        tree.add_stack(stack("main;run;gamma"), 50.0, 50)
        tree.flush()
        show(table, tree, "main;run;gamma", stamp=(1, 1))
        await pilot.pause()
        assert [line.split()[-1] for line in stage.text.split("\n")] == before, "rows keep their places"
        show(table, tree, "main;run;gamma", stamp=(2, 0))
        await pilot.pause()
        after = [line.split()[-1] for line in stage.text.split("\n")]
        assert after.index("▌gamma") < after.index("▌alpha"), "weighed anew they are ranked again"


async def test_what_a_search_does_not_find_steps_back() -> None:
    table = TreeTable()
    tree = profile(DEEP)
    async with staged(table, size=(80, 12)) as (_, pilot):
        table.show(tree, view=ViewState(), stamp=(1, 0), search=Search("gamma", tree))
        await pilot.pause()
        pens = {row[-1].text.strip(): row[-1].style for row in table._rows if row and row[-1].text.strip().isalpha()}
        assert pens["gamma"] != pens["alpha"] == pens["beta"]


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
async def test_very_deep_rows_keep_their_names(width: int) -> None:
    table = TreeTable()
    names = ";".join(f"level{i}" for i in range(300))
    async with staged(table, size=(width, 6)) as (stage, pilot):
        show(table, profile(f"{names} 1"), names)
        await pilot.pause()
        assert "level299" in stage.text
        assert "⋯" in stage.text
        assert all(strip.cell_length == width for strip in table._row_strips)


async def test_memory_is_shown_in_bytes_and_allocations() -> None:
    table = TreeTable()
    async with staged(table, size=(120, 6)) as (stage, pilot):
        show(table, profile("main;load 2048", Unit.BYTES))
        await pilot.pause()
        assert "allocations" in stage.text
        assert "2.00 KiB" in stage.text
