from __future__ import annotations

import pytest

from perftui.analysis.paired_times import PairedTimes, SideName, SideTimes
from perftui.ui.widgets.paired_strip import PairedStrip
from tests.analysis.test_paired_times import run
from tests.ui.widgets.stage import Stage

BASELINE, CURRENT = SideName.BASELINE, SideName.CURRENT
PAIR = PairedTimes(SideTimes([run(1.0, 0.5)]), SideTimes([run(0.5, 0.5, 1.0, 1.0, rss=2.0**20)]))
NONE = dict.fromkeys(SideName)


async def test_both_sides_stand_over_one_axis_with_the_mean_of_each() -> None:
    strip = PairedStrip()
    app = Stage(strip)
    async with app.run_test(size=(121, 3)) as pilot:
        strip.show(PAIR, ranges=NONE, held=CURRENT)
        await pilot.pause()
        before, after, axis = app.text.split("\n")
        assert [line[:10].strip(" ▸") for line in (before, after)] == ["baseline", "current"]
        assert before.endswith("0.75 s/s")
        assert len(before[10:110].rstrip()) == 50, "half as long on the same axis"
        assert len(after[10:110].rstrip()) == 100
        assert "╵2 s" in axis
        strip.show(PAIR, ranges={BASELINE: None, CURRENT: (2.0, 4.0)}, held=CURRENT)
        await pilot.pause()
        assert app.text.split("\n")[1].endswith("1.00 s/s"), "of the range that is looked at"


@pytest.mark.parametrize("width", [1, 5, 17, 40, 99, 100, 240])
@pytest.mark.parametrize("height", [1, 2, 5, 12])
async def test_it_has_no_size_that_it_does_not_fit(width: int, height: int) -> None:
    strip = PairedStrip(all_lanes=True)
    app = Stage(strip)
    async with app.run_test(size=(width, height)) as pilot:
        strip.show(PAIR, ranges={BASELINE: (0.0, 1.0), CURRENT: (0.0, 1.0)}, held=BASELINE)
        await pilot.pause()
        assert all(strip.render_line(y).cell_length == width for y in range(height))


async def test_the_mouse_draws_a_range_on_the_side_below_it_and_on_the_axis_on_both() -> None:
    strip = PairedStrip()
    app = Stage(strip)
    async with app.run_test(size=(121, 3)) as pilot:
        strip.show(PAIR, ranges=NONE, held=CURRENT)
        await pilot.pause()
        for y in range(3):
            await pilot.mouse_down(PairedStrip, offset=(10, y))
            await pilot.hover(PairedStrip, offset=(59, y))
            await pilot.mouse_up(PairedStrip, offset=(59, y))
        await pilot.pause()
        brushes = [(message.sides, message.start_s, message.end_s) for message in app.of(PairedStrip.Brushed)]
        assert list(dict.fromkeys(brushes)) == [
            ((BASELINE,), 0.0, 2.0),
            ((CURRENT,), 0.0, 2.0),
            ((BASELINE, CURRENT), 0.0, 2.0),
        ]
        assert [message.side for message in app.of(PairedStrip.Held)] == [BASELINE, CURRENT]
        await pilot.click(PairedStrip, offset=(30, 0))
        await pilot.pause()
        assert [message.sides for message in app.of(PairedStrip.Cleared)] == [(BASELINE,)]


async def test_lanes_that_do_not_fit_are_reached_with_the_wheel() -> None:
    strip = PairedStrip(all_lanes=True)
    app = Stage(strip)
    async with app.run_test(size=(100, 3)) as pilot:
        strip.show(PAIR, ranges=NONE, held=CURRENT)
        await pilot.pause()
        assert "running" in app.text
        strip.focus()
        await pilot.press("pagedown", "pagedown")
        await pilot.pause()
        assert "RSS" in app.text
        assert "–" in app.text.split("\n")[0], "not measured on this side"
