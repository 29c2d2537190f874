from __future__ import annotations

from perftui.analysis.neighbours import Neighbours, neighbours
from perftui.ui.widgets.sandwich import Sandwich
from perftui.units import Unit
from tests.builders import profile
from tests.ui.widgets.stage import staged

SHOP = """main@app.py:1;serve@app.py:9;loads@/usr/lib/python3.12/json/__init__.py:3;scan@app.py:4 40
main@app.py:1;load@app.py:2;loads@/usr/lib/python3.12/json/__init__.py:3 30
loads@/usr/lib/python3.12/json/__init__.py:3 10
main@app.py:1 20"""


def between(name: str = "loads", text: str = SHOP) -> Neighbours:
    tree = profile(text)
    return neighbours(tree, next(i for i, frame in enumerate(tree.functions) if frame.function == name))


async def test_a_function_stands_between_its_callers_and_its_callees_with_what_each_costs() -> None:
    pane = Sandwich()
    async with staged(pane, size=(140, 7)) as (app, pilot):
        pane.show(between())
        await pilot.pause()
        title, heading, first, second, third = app.text.split("\n")[:5]
        assert "loads (json/__init__.py)  ·  total 80.0 s (80.0 %)  ·  self 40.0 s" in title
        assert "▲ callers" in heading
        assert "▼ callees" in heading
        assert first.split()[:4] == ["40.0", "s", "50.0", "%"]
        assert "serve" in first
        assert "scan" in first or "itself" in first
        assert "load" in second
        assert "37.5 %" in second
        assert "no caller: stacks begin here" in third


async def test_enter_and_a_second_click_walk_to_what_is_under_the_cursor() -> None:
    pane = Sandwich()
    async with staged(pane, size=(100, 8)) as (app, pilot):
        pane.show(between())
        pane.focus()
        await pilot.press("enter", "down", "enter", "down", "enter")
        await pilot.press("right", "up", "up", "pageup", "pagedown", "down", "enter", "up", "enter")
        await pilot.pause()
        walked = [message.function[1] for message in app.of(Sandwich.Walked)]
        assert walked == ["serve", "load", "scan"], "no caller and itself are nothing to walk to"
        await pilot.click(Sandwich, offset=(20, 3))
        await pilot.click(Sandwich, offset=(20, 3))
        await pilot.pause()
        assert [message.function[1] for message in app.of(Sandwich.Walked)][3:] == ["load"]


async def test_the_cursor_stays_on_its_function_while_figures_change() -> None:
    pane = Sandwich()
    async with staged(pane, size=(100, 8)) as (app, pilot):
        pane.show(between())
        pane.focus()
        await pilot.press("down")
        pane.show(between(text=SHOP + "\nmain@app.py:1;load@app.py:2;loads@/usr/lib/python3.12/json/__init__.py:3 90"))
        await pilot.press("enter")
        await pilot.pause()
        assert [message.function[1] for message in app.of(Sandwich.Walked)] == ["load"]
        pane.show(between("main"))
        await pilot.press("right", "enter")
        await pilot.pause()
        assert app.of(Sandwich.Walked)[-1].function[1] in ("serve", "load")


async def test_without_a_function_it_says_what_to_do_and_no_size_breaks_it() -> None:
    pane = Sandwich()
    async with staged(pane, size=(80, 6)) as (app, pilot):
        pane.show(None, empty="select a function")
        await pilot.press("enter", "left", "right", "down")
        await pilot.pause()
        assert "select a function" in app.text
        pane.show(between(text="a\x1b[2J[b]日本" + "x" * 200 + "@app.py:1;loads@app.py:2 3"), unit=Unit.BYTES)
        for width, height in ((1, 1), (7, 2), (30, 5), (61, 9), (240, 12)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            assert "\x1b" not in app.text
            assert all(strip.cell_length == width for strip in app.screen._compositor.render_strips())
