"""The icicle: what it shows, and how it is operated."""

from __future__ import annotations

from textual.geometry import Offset

from perftui.analysis.aggregate import tree_of
from perftui.analysis.call_tree import CallTree
from perftui.analysis.count_tree import CountTree
from perftui.analysis.flame_layout import Order
from perftui.analysis.search import Search
from perftui.model.frame import Frame
from perftui.model.heap import NO_PYTHON, SMALLER
from perftui.ui.view_state import Path, ViewState
from perftui.ui.widgets.flame_graph import FlameGraph
from perftui.ui.widgets.flame_labels import short_name
from perftui.units import Unit
from tests.builders import profile, stack
from tests.ui.widgets.stage import Repaints, Stage, staged

SHOP = """main;batch;load 20
main;batch;price 30
main;render;visit 40
main;render 5
idle 5"""


def path(text: str) -> Path:
    return tuple(("app.py", name) for name in text.split(";") if name)


def view(selected: str = "", zoom: str = "", order: Order = Order.FIRST_SEEN) -> ViewState:
    return ViewState(selected=path(selected), zoom=path(zoom), order=order)


def selected(stage: Stage[FlameGraph]) -> str:
    tree = stage.widget._flames
    assert tree is not None
    return ";".join(name for _, name in tree.path(stage.widget.selected))


async def test_boxes_are_as_wide_as_their_share() -> None:
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(profile(SHOP), view=view())
        await pilot.pause()
        assert stage.text.split("\n")[:4] == [
            "▏all  1m 40s  ·  100 samples",
            "▏main (app.py)                                      95 % ▏",
            "▏batch (app.py)          50 % ▏render (app.py)      45 %",
            "▏load  20 % ▏price (app.py)   ▏visit (app.py)    40 %",
        ]


async def test_what_is_narrower_than_a_cell_is_counted() -> None:
    tree = profile("a 9000\n" + "\n".join(f"thin{i} 1" for i in range(300)))
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(tree, view=view())
        await pilot.pause()
        assert stage.text.split("\n")[1] == "▏a (app.py)                                          97 % ▏+"
        stage.widget.show(profile("a 90\n" + "\n".join(f"thin{i} 1" for i in range(10))), view=view())
        await pilot.pause()
        assert stage.text.split("\n")[1].endswith("▏+10")


async def test_an_empty_tree_says_why() -> None:
    async with staged(FlameGraph(empty="waiting for the first samples…"), size=(40, 5)) as (stage, pilot):
        stage.widget.show(CallTree(), view=view())
        await pilot.pause()
        assert stage.text.strip() == "waiting for the first samples…"
        stage.widget.show_empty("no Python interpreter in this command: no samples")
        await pilot.pause()
        assert " ".join(stage.text.split()) == "no Python interpreter in this command: no samples", "wrapped, not cut"


async def test_arrows_walk_the_tree_and_every_step_is_posted() -> None:
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(profile(SHOP), view=view())
        stage.widget.focus()
        await pilot.press("down", "down")
        assert selected(stage) == "main;batch"
        await pilot.press("right")
        assert selected(stage) == "main;render"
        await pilot.press("down", "left")
        assert selected(stage) == "main;batch;price"
        await pilot.press("up", "up")
        assert selected(stage) == "main"
        await pilot.pause()
        assert [message.path for message in stage.of(FlameGraph.Selected)][-1] == path("main")
        assert len(stage.of(FlameGraph.Selected)) == 7


async def test_the_widest_child_is_the_next_one_down() -> None:
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(profile(SHOP), view=view("main;batch"))
        stage.widget.focus()
        await pilot.press("down")
        assert selected(stage) == "main;batch;price"


async def test_enter_zooms_escape_comes_back_and_home_shows_all() -> None:
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(profile(SHOP), view=view("main;batch"))
        stage.widget.focus()
        await pilot.press("enter")
        await pilot.pause()
        assert stage.text.split("\n")[:4] == [
            "▏all  1m 40s  ·  100 samples",
            "▏main (app.py)                                         95 %",
            "▏batch (app.py)                                        50 %",
            "▏load (app.py)     20 % ▏price (app.py)                30 %",
        ]
        await pilot.press("escape")
        assert stage.widget.zoom == stage.widget._flames.nearest(path("main"))  # type: ignore[union-attr]
        await pilot.press("home")
        await pilot.pause()
        assert stage.widget.zoom == 0
        assert [message.path for message in stage.of(FlameGraph.Zoomed)] == [path("main;batch"), path("main"), ()]


async def test_escape_is_left_to_the_screen_where_there_is_nothing_to_leave() -> None:
    class WithEscape(Stage[FlameGraph]):
        BINDINGS = [("escape", "note", "note")]  # noqa: RUF012
        noted = False

        def action_note(self) -> None:
            self.noted = True

    stage = WithEscape(FlameGraph())
    async with stage.run_test(size=(60, 10)) as pilot:
        stage.widget.show(profile(SHOP), view=view())
        stage.widget.focus()
        await pilot.press("escape")
        assert stage.noted


async def test_selection_and_zoom_survive_growth_of_the_tree() -> None:
    tree = profile(SHOP)
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(tree, view=view("main;render;visit", "main;render"))
        tree.add_stack([Frame("aaa", "app.py")], 300)
        tree.flush()
        stage.widget.show(tree, view=view("main;render;visit", "main;render"))
        await pilot.pause()
        assert selected(stage) == "main;render;visit"
        assert "visit" in stage.text.split("\n")[3]


async def test_a_selection_that_vanished_climbs_to_its_nearest_living_ancestor() -> None:
    async with staged(FlameGraph()) as (stage, _):
        stage.widget.show(profile(SHOP), view=view("main;batch;price"))
        stage.widget.show(profile("main;batch 5"), view=view("main;batch;price"))
        assert selected(stage) == "main;batch"


async def test_a_refresh_with_the_old_view_does_not_undo_a_key() -> None:
    tree = profile(SHOP)
    async with staged(FlameGraph()) as (stage, pilot):
        before = view("main")
        stage.widget.show(tree, view=before)
        stage.widget.focus()
        await pilot.press("down")
        stage.widget.show(tree, view=before)
        assert selected(stage) == "main;batch"
        stage.widget.show(tree, view=view("main;render"))
        assert selected(stage) == "main;render"


async def test_the_selection_stays_in_sight_when_it_goes_deep() -> None:
    deep = profile(";".join(f"f{i}" for i in range(40)) + " 10")
    async with staged(FlameGraph(), size=(60, 10)) as (stage, pilot):
        stage.widget.show(deep, view=view())
        stage.widget.focus()
        for _ in range(20):
            await pilot.press("down")
        await pilot.pause()
        assert stage.text.split("\n")[9].startswith("▏f19 (app.py)")
        await pilot.press("pageup")
        await pilot.pause()
        assert stage.text.split("\n")[0].startswith("▏f2")
        await pilot.press("pagedown", "pagedown", "pagedown", "pagedown", "pagedown", "pagedown")
        await pilot.pause()
        assert stage.text.split("\n")[9].startswith("▏f39")
        assert stage.text.split("\n")[0].endswith("▲ 31")


async def test_zooming_deep_keeps_only_the_last_ancestors_in_sight() -> None:
    deep = profile(";".join(f"f{i}" for i in range(30)) + " 10")
    async with staged(FlameGraph(), size=(60, 12)) as (stage, pilot):
        stage.widget.show(deep, view=view(zoom=";".join(f"f{i}" for i in range(20))))
        await pilot.pause()
        assert stage.text.split("\n")[3].startswith("▏f19")


async def test_a_click_selects_and_a_click_on_the_selected_zooms() -> None:
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(profile(SHOP), view=view())
        await pilot.click(FlameGraph, offset=Offset(5, 2))
        assert selected(stage) == "main;batch"
        await pilot.click(FlameGraph, offset=Offset(5, 2))
        assert stage.widget.zoom == stage.widget.selected
        await pilot.click(FlameGraph, offset=Offset(5, 1))
        assert selected(stage) == "main"
        assert stage.widget.zoom == stage.widget.selected
        await pilot.click(FlameGraph, offset=Offset(5, 5), button=3)
        assert stage.widget.zoom == 0


async def test_a_double_click_zooms_once() -> None:
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(profile(SHOP), view=view("main;batch"))
        await pilot.click(FlameGraph, offset=Offset(5, 2), times=2)
        await pilot.pause()
        assert len(stage.of(FlameGraph.Zoomed)) == 1
        assert selected(stage) == "main;batch"


async def test_the_mouse_tells_what_it_is_on_and_repaints_two_rows_at_most() -> None:
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(profile(SHOP), view=view())
        await pilot.pause()
        repaints = Repaints(stage.widget)
        await pilot.hover(FlameGraph, offset=Offset(5, 1))
        await pilot.hover(FlameGraph, offset=Offset(5, 2))
        await pilot.hover(FlameGraph, offset=Offset(5, 9))
        assert repaints.whole == 0
        assert sorted(repaints.rows) == [1, 1, 2, 2]
        texts = [message.text for message in stage.of(FlameGraph.Hovered)]
        assert texts[0].startswith("main  app.py")
        assert texts[-1] == ""


async def test_a_remainder_tells_what_is_folded_into_it() -> None:
    tree = profile("a 9000\n" + "\n".join(f"thin{i} 1" for i in range(300)))
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(tree, view=view())
        await pilot.hover(FlameGraph, offset=Offset(59, 1))
        assert stage.of(FlameGraph.Hovered)[-1].text.startswith("+300 functions, each narrower than a cell")


async def test_a_folded_selection_lights_its_remainder() -> None:
    tree = profile("a 9000\n" + "\n".join(f"thin{i} 1" for i in range(300)))
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(tree, view=view("thin7"))
        stage.widget.focus()
        await pilot.press("left")
        assert selected(stage) == "a"
        await pilot.press("up", "down")
        assert selected(stage) == "a"


async def test_an_unchanged_tree_repaints_nothing_and_growth_only_its_rows() -> None:
    tree = profile(SHOP)
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(tree, view=view())
        await pilot.pause()
        repaints = Repaints(stage.widget)
        stage.widget.show(tree, view=view())
        assert repaints.rows == []
        tree.add_stack([Frame("main", "app.py"), Frame("render", "app.py"), Frame("visit", "app.py")], 0.01, 0)
        tree.flush()
        stage.widget.show(tree, view=view())
        assert repaints.rows == []
        tree.add_stack([Frame("main", "app.py"), Frame("batch", "app.py"), Frame("price", "app.py")], 1)
        tree.flush()
        stage.widget.show(tree, view=view())
        assert 0 in repaints.rows
        assert repaints.whole == 0


async def test_a_search_dims_what_does_not_match() -> None:
    tree = profile(SHOP)
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(tree, view=view())
        await pilot.pause()
        before = _background(stage, 5, 2), _background(stage, 40, 3)
        stage.widget.show(tree, view=view(), search=Search("visit", tree))
        await pilot.pause()
        after = _background(stage, 5, 2), _background(stage, 40, 3)
        assert before[0] != after[0]
        assert before[1] == after[1]


async def test_all_boxes_of_the_selected_function_are_highlighted() -> None:
    tree = profile("a;x 50\nb;x 50")
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(tree, view=view("b"))
        await pilot.pause()
        before = _background(stage, 5, 2)
        stage.widget.show(tree, view=view("b;x"))
        await pilot.pause()
        assert _background(stage, 5, 2) != before


async def test_own_code_is_warm_packages_are_not_and_the_library_is_grey() -> None:
    lines = """own@/home/me/app.py 30
    pkg@/v/lib/python3.12/site-packages/jinja2/runtime.py 30
    std@/usr/lib/python3.12/re.py 30"""
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(profile(lines), view=view())
        await pilot.pause()
        own, package, library = (_background(stage, x, 1) for x in (5, 25, 45))
        assert own[0] > own[2] + 60
        assert package[2] >= package[0]
        assert max(library) - min(library) < 24


async def test_one_function_has_one_colour_on_every_path_and_in_every_tree() -> None:
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(profile("a;x 50\nb;x 50"), view=view())
        await pilot.pause()
        first, second = _background(stage, 5, 2), _background(stage, 40, 2)
        stage.widget.show(profile("other 10\nx 90"), view=view())
        await pilot.pause()
        assert first == second == _background(stage, 40, 1)


async def test_a_description_has_place_weights_samples_and_precision() -> None:
    tree = profile("main@/srv/shop/app.py:3;work@/srv/shop/svc/work.py:8 25\nmain@/srv/shop/app.py:3 75")
    async with staged(FlameGraph()) as (stage, _):
        stage.widget.show(tree, view=ViewState(cwd="/srv/shop"))
        node = len(tree) - 1
        assert stage.widget.describe(node) == (
            "work  svc/work.py:8  ·  total 25.0 s (25.0 %)  ·  self 25.0 s (25.0 %)  ·  25 samples, ±8.4 %"
        )


async def test_memory_is_described_by_bytes_and_allocations() -> None:
    tree = profile("main;work 3072\nmain 1024", Unit.BYTES)
    async with staged(FlameGraph()) as (stage, _):
        stage.widget.show(tree, view=view())
        assert stage.widget.describe(2) == (
            "work  app.py  ·  3.00 KiB in 3,072 allocations, 75.0 %  ·  self 3.00 KiB in 3,072 allocations, 75.0 %"
        )
        stage.widget.show(CountTree(tree), view=view())
        assert "3.00 KiB in 3,072 allocations, 75.0 % of the allocations" in stage.widget.describe(2)


async def test_a_box_of_memory_tells_bytes_and_allocations_where_it_has_room() -> None:
    tree = profile("main;work 3072\nmain 1024", Unit.BYTES)
    async with staged(FlameGraph(), size=(100, 4)) as (stage, pilot):
        stage.widget.show(tree, view=view())
        await pilot.pause()
        rows = stage.text.split("\n")
        assert rows[0].startswith("▏all  4.00 KiB in 4,096 allocations")
        assert rows[2].endswith("3.00 KiB in 3,072 allocations, 75.0 %")
        for cells, label in ((60, "▏work (app.py)             3.00 KiB in 3,072"), (34, "▏work   3.00 KiB in 3,072")):
            await pilot.resize_terminal(cells, 4)
            await pilot.pause()
            assert stage.text.split("\n")[2] == label, "what it holds comes before its file"


async def test_the_pseudo_frames_of_memory_are_muted_and_match_no_search() -> None:
    rows = [(stack("main"), 50.0, 5), ((Frame(NO_PYTHON),), 30.0, 3), ((Frame(SMALLER),), 20.0, 2)]
    tree = tree_of(rows, Unit.BYTES)
    async with staged(FlameGraph(), size=(100, 4)) as (stage, pilot):
        search = Search("python|stacks|main", tree)
        stage.widget.show(tree, view=view(), search=search)
        await pilot.pause()
        assert [search.matches(node) for node in (1, 2, 3)] == [True, False, False]
        assert search.coverage == 0.5
        stage.widget.show(tree, view=view())
        await pilot.pause()
        own, nobody, smaller = (_background(stage, x, 1) for x in (5, 60, 95))
        assert nobody == smaller != own


async def test_order_by_weight_puts_the_widest_first() -> None:
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(profile("a 20\nb 80"), view=view(order=Order.WEIGHT))
        await pilot.pause()
        assert stage.text.split("\n")[1].startswith("▏b")


async def test_a_new_size_is_laid_out_anew() -> None:
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(profile(SHOP), view=view())
        await pilot.resize_terminal(100, 20)
        await pilot.pause()
        assert stage.text.split("\n")[1].startswith("▏main (app.py)" + " " * 72)


async def test_a_theme_changes_the_colours_at_once() -> None:
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(profile(SHOP), view=view())
        await pilot.pause()
        dark = _background(stage, 59, 8)
        stage.theme = "perftui-light"
        await pilot.pause()
        light = _background(stage, 59, 8)
        assert sum(light) > sum(dark) + 300


def test_a_long_name_is_cut_from_the_left() -> None:
    name = "CategoryTree.roll_up.<locals>.<genexpr>"
    cuts = {width: short_name(name, width).strip() for width in (30, 20, 12, 6, 2)}
    assert cuts == {30: "CategoryTree.roll_up.<genexpr>", 20: "roll_up.<genexpr>", 12: "<genexpr>", 6: "<gene…", 2: ""}


def _background(stage: Stage[FlameGraph], x: int, y: int) -> tuple[int, int, int]:
    at = 0
    for segment in stage.screen._compositor.render_strips()[y]:
        at += segment.cell_length
        if x < at:
            assert segment.style is not None
            assert segment.style.bgcolor is not None
            return tuple(segment.style.bgcolor.get_truecolor())  # type: ignore[return-value]
    raise AssertionError(f"nothing at {x}, {y}")


async def test_what_is_below_the_mouse_goes_with_the_picture() -> None:
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(profile(SHOP), view=view())
        await pilot.pause()
        await pilot.hover(FlameGraph, offset=Offset(5, 1))
        stage.widget.show(profile(SHOP), view=view(zoom="main;render"))
        assert stage.of(FlameGraph.Hovered)[-1].text == "", "another box stands there now"
        await pilot.hover(FlameGraph, offset=Offset(6, 1))
        stage.widget.show_empty("nothing is left")
        stage.widget.on_leave()
        assert [bool(message.text) for message in stage.of(FlameGraph.Hovered)] == [True, False, True, False]
