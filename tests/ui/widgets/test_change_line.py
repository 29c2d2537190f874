from __future__ import annotations

import pytest

from perftui.model.change import ChangeVerdict
from perftui.ui.widgets.change_line import ChangeLine
from tests.ui.widgets.stage import Stage

FACTS = ["▲ slower +137 % (95 %: +98 … +185 %)", "1.31 s → 3.11 s", "p < 0.001 q 0.034", "131 and 1,311 samples"]


async def test_phrases_go_on_in_the_next_row_and_are_never_cut_in_two() -> None:
    line = ChangeLine()
    app = Stage(line)
    async with app.run_test(size=(80, 2)) as pilot:
        line.show("resolve\x1b[2J  app.py", FACTS, ChangeVerdict.SLOWER)
        await pilot.pause()
        first, second = app.text.split("\n")
        assert first.endswith("▲ slower +137 % (95 %: +98 … +185 %)")
        assert second == " 1.31 s → 3.11 s  ·  p < 0.001 q 0.034  ·  131 and 1,311 samples"
        assert "\x1b" not in first
        await pilot.resize_terminal(44, 2)
        await pilot.pause()
        assert app.text.split("\n")[1] == " ▲ slower +137 % (95 %: +98 … +185 %)"
        line.show("select a function", (), None)
        await pilot.pause()
        assert app.text.strip() == "select a function"


@pytest.mark.parametrize("width", [1, 2, 9, 30, 80, 240])
async def test_it_has_no_width_that_it_does_not_fit(width: int) -> None:
    line = ChangeLine()
    async with Stage(line).run_test(size=(width, 2)) as pilot:
        line.show("漢" * 50, FACTS, ChangeVerdict.FASTER)
        await pilot.pause()
        assert all(line.render_line(y).cell_length == width for y in range(2))
