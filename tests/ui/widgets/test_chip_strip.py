from __future__ import annotations

from perftui.analysis.scope import Hidden, OwnOnly, WithoutThread
from perftui.ui.widgets.chip_strip import ChipStrip, ChipText
from tests.ui.widgets.stage import staged

OWN, LATE = ChipText("my code only", OwnOnly()), ChipText("not worker-3", WithoutThread(1, 3))
COVERED = ("63.0 % of 12.3 s · shares are of these 7.75 s", "63.0 % of 12.3 s", "63.0 %")


async def test_chips_stand_in_order_and_say_what_they_leave() -> None:
    strip = ChipStrip()
    async with staged(strip, size=(100, 1)) as (app, pilot):
        strip.show([OWN, LATE], COVERED)
        await pilot.pause()
        assert app.text.startswith("  my code only ✕   not worker-3 ✕ ")
        assert app.text.endswith("63.0 % of 12.3 s · shares are of these 7.75 s")


async def test_a_click_takes_away_the_chip_below_the_mouse_and_nothing_else() -> None:
    strip = ChipStrip()
    async with staged(strip, size=(100, 1)) as (app, pilot):
        strip.show([OWN, LATE, ChipText("inverted", None)], COVERED)
        for x in (0, 3, 20, 42, 90):
            await pilot.hover(ChipStrip, offset=(x, 0))
            await pilot.click(ChipStrip, offset=(x, 0))
        await pilot.pause()
        assert [message.part for message in app.of(ChipStrip.Gone)] == [OWN.part, LATE.part, None]


async def test_without_room_the_newest_chips_are_seen_and_what_they_leave() -> None:
    strip = ChipStrip()
    chips = [ChipText(f"without function_{i} (app.py)", Hidden("app.py", f"function_{i}")) for i in range(9)]
    async with staged(strip, size=(80, 1)) as (app, pilot):
        strip.show(chips, COVERED)
        await pilot.pause()
        assert app.text.startswith(" +8 ")
        assert "function_8" in app.text
        assert app.text.endswith("63.0 % of 12.3 s")
        await pilot.click(ChipStrip, offset=(10, 0))
        await pilot.pause()
        assert [message.part for message in app.of(ChipStrip.Gone)] == [chips[8].part]


async def test_no_width_and_no_name_breaks_it() -> None:
    strip = ChipStrip()
    async with staged(strip, size=(100, 1)) as (app, pilot):
        strip.show([ChipText("without [b]\x1b[2J日本" + "x" * 300, OwnOnly()), LATE], COVERED)
        for width in (1, 5, 17, 40, 64, 100, 200):
            await pilot.resize_terminal(width, 1)
            await pilot.pause()
            assert "\x1b" not in app.text
            assert all(strip.cell_length == width for strip in app.screen._compositor.render_strips())
