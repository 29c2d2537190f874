from __future__ import annotations

import pytest

from perftui.analysis.ranked_changes import ShownChanges, SortChanges
from perftui.model.change import Certainty, ChangeVerdict, MatchKind
from perftui.model.frame import Frame
from perftui.ui.widgets.change_columns import LEAST_NAME, columns_for
from perftui.ui.widgets.change_table import ChangeTable
from perftui.units import Unit
from tests.changes import change
from tests.ui.widgets.stage import Stage

SURE = Certainty(ci=(1.98, 2.85), p=0.0002, q=0.0006)
CHANGES = [
    change(
        "resolve", ChangeVerdict.SLOWER, weights=(1.31, 3.11), shares=(0.2, 0.1), counts=(131, 1311), certainty=SURE
    ),
    change("visit", ChangeVerdict.FASTER, weights=(2.4, 1.4), certainty=Certainty(ci=(0.4, 0.7), p=0.01, q=0.02)),
    change("noise", weights=(5.0, 9.0), certainty=Certainty(ci=(0.8, 1.4), p=0.3, q=0.5)),
    change("open\x1b[2J", ChangeVerdict.INCONCLUSIVE),
    change("fresh", ChangeVerdict.APPEARED, weights=(0.0, 0.9), was=None, match=MatchKind.ONE_SIDE),
    change("moved", ChangeVerdict.WITHIN_NOISE, match=MatchKind.RENAMED, was=Frame("old_name", "old.py")),
]


@pytest.mark.parametrize("sort", SortChanges)
@pytest.mark.parametrize("sampled", [True, False])
def test_columns_leave_the_name_its_room_and_show_what_is_sorted_by(sort: SortChanges, sampled: bool) -> None:
    kept = 0
    for width in range(56, 260):
        columns = columns_for(width, sort, sampled=sampled)
        assert sum(column.cells for column in columns) + (20 if width < 76 else LEAST_NAME) <= width
        assert len(columns) >= kept - 1, "more room never takes several columns away"
        kept = len(columns)
        if sort in (SortChanges.EFFECT, SortChanges.SHARE):
            assert sort in {column.sort for column in columns}
    assert len(columns) == (9 if sampled else 7)


async def test_a_row_says_verdict_effect_interval_and_counts_as_far_as_there_is_room() -> None:
    table = ChangeTable()
    app = Stage(table)
    async with app.run_test(size=(160, 9)) as pilot:
        table.show(CHANGES, unit=Unit.SECONDS, share=False, sort=SortChanges.EFFECT)
        await pilot.pause()
        heading, first = app.text.split("\n")[:2]
        assert "▾ Δ self" in heading
        for told in ("▲ slower", "+1.80 s", "1.31 s", "3.11 s", "+137 %", "+98 … +185 %", "< 0.001", "131 → 1,311"):
            assert told in first
        assert "\x1b" not in app.text
        assert "↦ moved  was old_name" in app.text
        await pilot.resize_terminal(60, 9)
        await pilot.pause()
        first = app.text.split("\n")[1]
        assert first.split()[:3] == ["▲", "slower", "+1.80"]
        assert "resolve" in first
        assert "▲ new" in app.text


async def test_in_shares_everything_comes_from_the_shares() -> None:
    table = ChangeTable()
    app = Stage(table)
    async with app.run_test(size=(120, 9)) as pilot:
        table.show(CHANGES[:1], unit=Unit.SECONDS, share=True, sort=SortChanges.EFFECT)
        await pilot.pause()
        row = app.text.split("\n")[1]
        assert "-10.0 %" in row
        assert "-50 %" in row


async def test_rows_are_chosen_by_keys_and_clicks_and_headings_sort() -> None:
    table = ChangeTable()
    app = Stage(table)
    async with app.run_test(size=(160, 9)) as pilot:
        table.show(CHANGES, unit=Unit.SECONDS, share=False, sort=SortChanges.EFFECT)
        table.focus()
        await pilot.press("down", "down")
        await pilot.click(ChangeTable, offset=(5, 3))
        await pilot.click(ChangeTable, offset=(20, 0))
        await pilot.click(ChangeTable, offset=(150, 0))
        await pilot.pause()
        assert [message.function[1] for message in app.of(ChangeTable.Selected)] == ["resolve", "visit", "fresh"]
        assert [message.sort for message in app.of(ChangeTable.Sorted)] == [SortChanges.EFFECT, SortChanges.NAME]


async def test_clear_changes_are_visited_round_and_round() -> None:
    table = ChangeTable()
    async with Stage(table).run_test(size=(90, 8)):
        table.show(CHANGES, unit=Unit.SECONDS, share=False, sort=SortChanges.NAME)
        visited = []
        for _ in range(4):
            found = table.next_clear(1)
            assert found is not None
            table.select(found)
            visited.append(found[1])
        assert visited == ["fresh", "resolve", "visit", "fresh"]
        back = table.next_clear(-1)
        assert back == ("app.py", "visit")


async def test_a_filter_that_nothing_passes_says_so() -> None:
    table = ChangeTable()
    app = Stage(table)
    async with app.run_test(size=(90, 8)) as pilot:
        table.show(CHANGES[2:3], unit=Unit.SECONDS, share=False, sort=SortChanges.NAME, shown=ShownChanges.FASTER)
        await pilot.pause()
        assert "nothing became better" in app.text
        await pilot.click(ChangeTable, offset=(5, 1))
        await pilot.press("down")
        assert not app.of(ChangeTable.Selected)
