"""The table of hotspots."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from textual.geometry import Offset

from perftui.analysis.data_quality import few_samples
from perftui.analysis.hotspots import Rest, SortBy, hotspots
from perftui.analysis.search import Search
from perftui.analysis.share_change import ShareChange
from perftui.ui.widgets.hotspot_columns import Field, RowNotes, columns_for
from perftui.ui.widgets.hotspot_table import HotspotTable
from tests.builders import profile
from tests.ui.widgets.stage import Repaints, staged

LINES = "main;a@/srv/x/svc/a.py:7 50\nmain;b 30\nmain;c 15\nmain 5"


async def test_rows_tell_shares_weights_and_names() -> None:
    async with staged(HotspotTable(), size=(80, 6)) as (stage, pilot):
        stage.widget.show(hotspots(profile(LINES)))
        await pilot.pause()
        assert stage.text.split("\n") == [
            "   self % ▼            self  total %  function",
            "     50.0    ━━━━━   50.0 s    50.0  ▌a",
            "     30.0    ━━━──   30.0 s    30.0  ▌b",
            "     15.0    ━╸───   15.0 s    15.0  ▌c",
            "      5.0    ╸────   5.00 s   100.0  ▌main",
        ]


async def test_shares_of_too_few_samples_are_marked_and_what_speaks_against_all_stands_in_the_heading() -> None:
    async with staged(HotspotTable(), size=(80, 6)) as (stage, pilot):
        rows = hotspots(profile(LINES))
        few = few_samples(rows, 100)
        stage.widget.show(rows, notes=RowNotes(few=few, badge="LOW COVERAGE", warn=0.4))
        await pilot.pause()
        heading, *lines = stage.text.split("\n")
        assert "function · LOW COVERAGE" in heading
        assert [line.split()[0] for line in lines] == ["50.0!", "30.0?", "15.0?", "5.0?"]


async def test_a_wide_table_has_totals_samples_and_places() -> None:
    async with staged(HotspotTable(), size=(160, 4)) as (stage, pilot):
        stage.widget.show(hotspots(profile(LINES)), cwd="/srv/x")
        await pilot.pause()
        heading, first = stage.text.split("\n")[:2]
        assert heading.split() == ["self", "%", "▼", "self", "total", "%", "total", "samples", "function", "place"]
        assert first.split()[-8:-1] == ["s", "50.0", "50.0", "s", "50", "▌a", "svc/a.py:7"]


def test_columns_never_need_more_than_there_is() -> None:
    for width, memory, beside, difference in product(range(1, 300), *[(False, True)] * 3):
        columns = columns_for(width, memory=memory, beside=beside, difference=difference)
        assert columns[-1].field in (Field.FUNCTION, Field.PLACE)
        if width >= 30:
            assert sum(column.width for column in columns) <= width
        if width >= 42 and not memory:
            fields = {column.field for column in columns}
            assert (Field.BESIDE in fields) is (beside and not difference)
            assert (Field.DELTA in fields) is difference


async def test_the_cursor_stays_on_its_function_when_rows_move() -> None:
    async with staged(HotspotTable(), size=(80, 6)) as (stage, pilot):
        table = stage.widget
        table.show(hotspots(profile(LINES)))
        table.focus()
        await pilot.press("down", "down")
        assert table.cursor == 1
        table.show(hotspots(profile("main;a 10\nmain;c 60\nmain;b 5\nmain 25")))
        assert table.cursor == 3
        assert [message.function for message in stage.of(HotspotTable.Selected)] == [
            ("/srv/x/svc/a.py", "a"),
            ("app.py", "b"),
        ]


async def test_the_screen_moves_the_cursor_only_where_it_chose_another_function() -> None:
    async with staged(HotspotTable(), size=(80, 6)) as (stage, pilot):
        table, rows = stage.widget, hotspots(profile(LINES))
        table.show(rows, selected=("app.py", "c"))
        assert table.cursor == 2
        table.focus()
        await pilot.press("up")
        table.show(rows, selected=("app.py", "c"))
        assert table.cursor == 1
        table.show(rows, selected=("app.py", "main"))
        assert table.cursor == 3


async def test_pages_and_ends_are_a_key_away() -> None:
    rows = hotspots(profile("\n".join(f"f{i:03} {200 - i}" for i in range(100))))
    async with staged(HotspotTable(), size=(60, 11)) as (stage, pilot):
        table = stage.widget
        table.show(rows)
        table.focus()
        await pilot.press("end")
        assert table.cursor == 99
        await pilot.pause()
        assert "f099" in stage.text.split("\n")[-1]
        await pilot.press("pageup")
        assert table.cursor == 90
        await pilot.press("home", "pagedown")
        assert table.cursor == 9
        await pilot.press("enter")
        assert len(stage.of(HotspotTable.Chosen)) == 1


async def test_a_click_on_a_heading_asks_for_its_order() -> None:
    async with staged(HotspotTable(), size=(80, 6)) as (stage, pilot):
        stage.widget.show(hotspots(profile(LINES), sort=SortBy.TOTAL), sort=SortBy.TOTAL)
        await pilot.click(HotspotTable, offset=Offset(35, 0))
        await pilot.click(HotspotTable, offset=Offset(45, 0))
        await pilot.click(HotspotTable, offset=Offset(2, 0))
        assert [message.sort for message in stage.of(HotspotTable.Sorted)] == [SortBy.TOTAL, SortBy.NAME, SortBy.SELF]
        assert "total % ▼" in stage.text


async def test_a_click_selects_and_a_second_one_chooses() -> None:
    async with staged(HotspotTable(), size=(80, 6)) as (stage, pilot):
        stage.widget.show(hotspots(profile(LINES)))
        await pilot.click(HotspotTable, offset=Offset(20, 2))
        await pilot.click(HotspotTable, offset=Offset(20, 2))
        await pilot.click(HotspotTable, offset=Offset(20, 5))
        assert [message.function[1] for message in stage.of(HotspotTable.Selected)] == ["b"]
        assert [message.function[1] for message in stage.of(HotspotTable.Chosen)] == ["b"]


async def test_only_rows_that_changed_are_painted() -> None:
    async with staged(HotspotTable(), size=(80, 6)) as (stage, pilot):
        stage.widget.show(hotspots(profile(LINES)))
        await pilot.pause()
        repaints = Repaints(stage.widget)
        stage.widget.show(hotspots(profile(LINES)))
        assert repaints.rows == []
        stage.widget.show(hotspots(profile(LINES.replace("main;c 15", "main;d 15"))))
        assert repaints.rows == [3]


async def test_what_does_not_match_a_search_steps_back() -> None:
    tree = profile(LINES)
    async with staged(HotspotTable(), size=(80, 6)) as (stage, pilot):
        stage.widget.show(hotspots(tree), search=Search("^b ", tree))
        await pilot.pause()
        colours = [_name_colour(stage.widget, y) for y in (1, 2, 3)]
        assert colours[0] == colours[2] != colours[1]


async def test_another_share_great_shares_moves_and_what_is_not_listed_stand_beside_and_below() -> None:
    rows = hotspots(profile(LINES))
    notes = RowNotes(
        beside="now",
        shares={row.function_id: 0.1 for row in rows},
        moved={("/srv/x/svc/a.py", "a"): 12, ("app.py", "b"): -1},
        rest=Rest(123, 0.042),
        least="1 %",
        warn=0.3,
        critical=0.5,
    )
    async with staged(HotspotTable(), size=(80, 8)) as (stage, pilot):
        stage.widget.show(rows, notes=notes)
        await pilot.pause()
        assert stage.text.split("\n") == [
            "   self % ▼  now %            self  total %  function ≥ 1 %",
            "▲12  50.0!!  10.0   ━━━━━   50.0 s    50.0  ▌a",
            "▼1   30.0!   10.0   ━━━──   30.0 s    30.0  ▌b",
            "     15.0    10.0   ━╸───   15.0 s    15.0  ▌c",
            "      5.0    10.0   ╸────   5.00 s   100.0  ▌main",
            "    +123 functions below 1 %, 4.2 % self together",
        ]
        stage.widget.focus()
        await pilot.press("end", "down")
        assert stage.widget.cursor == 3, "no function stands in the line of what is not listed"
        stage.widget.show(rows, selected=("app.py", "b"), notes=replace(notes, held=True))
        await pilot.pause()
        assert "↓1   30.0!" in stage.text


async def test_a_difference_says_more_less_or_noise() -> None:
    rows = hotspots(profile(LINES))[:3]
    found = [
        ShareChange(0.5, 0.1, 9.0, clear=True),
        ShareChange(0.1, 0.3, -5.0, clear=True),
        ShareChange(0.1, 0.09, 0.5, clear=False),
    ]
    changes = {row.function_id: change for row, change in zip(rows, found, strict=True)}
    notes = RowNotes(changes=changes, clear=("2 of 3 beyond chance", "2 of 3 clear"), rest=Rest(1, 0.05))
    async with staged(HotspotTable(), size=(90, 6)) as (stage, pilot):
        stage.widget.show(rows, notes=notes)
        await pilot.pause()
        assert stage.text.split("\n") == [
            "  Δ self ▼                 range %    rest %  function · 2 of 3 beyond chance",
            "     +40.0 more    ━━━━━━    50.0      10.0  ▌a",
            "     -20.0 less    ━━━───    10.0      30.0  ▌b",
            "      +1.0 noise   ╸─────    10.0       9.0  ▌c",
            "    +1 function that differs less, 5.0 % self together",
        ]
        colours = [_name_colour(stage.widget, y) for y in (1, 2, 3)]
        assert colours[0] == colours[1] != colours[2]
        stage.widget.show(rows, sort=SortBy.NAME, notes=notes)
        await pilot.pause()
        assert "Δ self  " in stage.text
        assert "function ▲ · 2 of 3 beyond chance" in stage.text
        await pilot.resize_terminal(60, 6)
        await pilot.pause()
        assert "function ▲" in stage.text


async def test_the_row_with_the_cursor_keeps_its_line_where_the_list_can_be_moved() -> None:
    rows = hotspots(profile("\n".join(f"f{i:03} {200 - i}" for i in range(100))))
    async with staged(HotspotTable(), size=(60, 11)) as (stage, _pilot):
        table = stage.widget
        table.show(rows, selected=("app.py", "f050"))
        table.reveal(50)
        for moved in ([*rows[20:], *rows[:20]], [*rows[3:50], *rows[:3], *rows[50:]], [rows[50], *rows[:50]]):
            at = table.cursor - table.first_line if table.cursor is not None else -1
            table.show(moved, selected=("app.py", "f050"))
            assert table.cursor is not None
            assert table.cursor - table.first_line == min(at, table.cursor)


async def test_an_empty_table_says_why() -> None:
    async with staged(HotspotTable(), size=(60, 6)) as (stage, pilot):
        stage.widget.show([], empty="waiting for the first samples…")
        await pilot.pause()
        assert "waiting for the first samples…" in stage.text


def _name_colour(table: HotspotTable, y: int) -> object:
    segments = [segment for segment in table.render_line(y) if segment.text.strip() in ("a", "b", "c")]
    assert segments[0].style is not None
    return segments[0].style.color
