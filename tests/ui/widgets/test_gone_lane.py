from __future__ import annotations

from perftui.analysis.gone_paths import GonePath
from perftui.ui.widgets.gone_lane import GoneFacts, GoneLane
from tests.ui.widgets.stage import Stage

NAMES = {3: "parse", 7: "render\x1b[2J", 9: "tiny"}
FACTS = GoneFacts(
    paths=(GonePath(3, 6.0), GonePath(7, 3.0), GonePath(9, 0.01)),
    summary=("GONE: 9.01 s of the baseline in 3 paths", "GONE: 9.01 s"),
    name_of=NAMES.__getitem__,
    is_clear=lambda node: node == 3,
    describe=lambda node: f"about {NAMES[node]}",
    selected=7,
)


async def test_what_is_gone_keeps_its_width_and_says_whether_that_is_clear() -> None:
    lane = GoneLane()
    app = Stage(lane)
    async with app.run_test(size=(60, 2)) as pilot:
        lane.show(FACTS)
        await pilot.pause()
        title, boxes = app.text.split("\n")
        assert title == "GONE: 9.01 s of the baseline in 3 paths"
        assert boxes.startswith("▏▼ parse")
        assert "▏render" in boxes
        assert boxes.endswith("+")
        assert "\x1b" not in boxes
        await pilot.resize_terminal(20, 2)
        await pilot.pause()
        assert app.text.split("\n")[0] == "GONE: 9.01 s"


async def test_it_is_walked_with_keys_and_the_mouse() -> None:
    lane = GoneLane()
    app = Stage(lane)
    async with app.run_test(size=(60, 2)) as pilot:
        lane.show(FACTS)
        lane.focus()
        await pilot.press("left", "right")
        await pilot.click(GoneLane, offset=(5, 1))
        await pilot.click(GoneLane, offset=(5, 0))
        await pilot.hover(GoneLane, offset=(50, 1))
        await pilot.pause()
        assert [message.node for message in app.of(GoneLane.Selected)] == [3, 7, 3]
        assert app.of(GoneLane.Hovered)[-1].text == f"about {NAMES[7]}"
