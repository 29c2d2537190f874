from __future__ import annotations

import pytest

from perftui.ui.widgets.runs_strip import RunsStrip
from perftui.units import Unit
from tests.ui.widgets.stage import Stage


async def test_each_run_is_a_dot_on_one_scale() -> None:
    strip = RunsStrip()
    app = Stage(strip)
    async with app.run_test(size=(51, 3)) as pilot:
        strip.show([1.0, 1.0, 1.2], [1.5, 2.0], Unit.SECONDS)
        await pilot.pause()
        before, after, scale = app.text.split("\n")
        assert before[10] == "2", "two runs in one cell"
        assert before.count("•") == 1
        assert after.rstrip().endswith("•")
        assert after.count("│") == 1, "the median of the side"
        assert scale.split() == ["1.00", "s", "2.00", "s"]


@pytest.mark.parametrize("width", [1, 9, 12, 30, 120])
@pytest.mark.parametrize("values", [[], [1.0], [1.0, 1.0], [0.0, 5.0, 9.0]])
async def test_it_has_no_width_and_no_runs_that_it_does_not_fit(width: int, values: list[float]) -> None:
    strip = RunsStrip()
    async with Stage(strip).run_test(size=(width, 3)) as pilot:
        strip.show(values, values, Unit.SECONDS)
        await pilot.pause()
        assert all(strip.render_line(y).cell_length == width for y in range(3))
