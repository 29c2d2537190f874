from __future__ import annotations

from typing import Any

from perftui.model.session import Event, EventKind
from perftui.ui.widgets.event_log import EventLog
from perftui.ui.widgets.pane_strip import PaneStrip
from perftui.ui.widgets.status_line import StatusLine
from tests.ui.widgets.stage import Stage


def lines(app: Stage[Any]) -> list[str]:
    return app.text.split("\n")


async def test_events_stand_newest_first_and_an_empty_log_says_so() -> None:
    log = EventLog()
    app = Stage(log)
    async with app.run_test(size=(60, 6)) as pilot:
        assert "nothing yet" in "\n".join(lines(app))
        log.show([Event(1.0, EventKind.MARK, "first"), Event(12.5, EventKind.BREACH, "RSS: fail\x1b[2J")])
        await pilot.pause()
        text = lines(app)
        assert "12.5 s" in text[1]
        assert "budget" in text[1]
        assert "first" in text[2]
        assert "\x1b" not in "".join(text)
        log.show([Event(1.0, EventKind.MARK, "first"), Event(12.5, EventKind.MARK, "last")], between=(5.0, 20.0))
        await pilot.pause()
        text = lines(app)
        assert "what happened from 5.00 s to 20.0 s  ·  1 outside" in text[0]
        assert "last" in text[1]
        assert "first" not in "".join(text)
        log.show([Event(12.5, EventKind.ALERT, "snapshot: stacks of 1 thread\nThread 7")])
        await pilot.pause()
        assert lines(app)[1].split() == ["12.5", "s", "alert", "snapshot:", "stacks", "of", "1", "thread"]
        levels = [
            Event(at, EventKind.ALERT, word, f"alerts.rss={word}") for at, word in ((3.0, "critical"), (2.0, "ok"))
        ]
        log.show(levels)
        await pilot.pause()
        words = [next(segment for segment in log.draw_line(line, 60) if "alert" in segment.text) for line in (0, 1)]
        pens = [log.pen(f"event-log--{component}") for component in ("critical", "calm")]
        assert [segment.style for segment in words] == pens
        log.show([Event(1.0, EventKind.MARK, "first")], between=(5.0, 20.0))
        await pilot.pause()
        assert "nothing in this range" in "".join(lines(app))


async def test_a_click_on_the_strip_chooses_the_pane_under_it() -> None:
    strip = PaneStrip([("one", "One"), ("two", "Two")])
    app = Stage(strip)
    async with app.run_test(size=(40, 3)) as pilot:
        strip.show("two", "a note")
        await pilot.pause()
        assert lines(app)[0].endswith("a note")
        await pilot.click(PaneStrip, offset=(2, 0))
        await pilot.click(PaneStrip, offset=(9, 0))
        await pilot.click(PaneStrip, offset=(30, 0))
        await pilot.pause()
        assert [message.pane for message in app.of(PaneStrip.Chosen)] == ["one", "two"]


async def test_beside_a_badge_a_text_that_is_cut_says_so() -> None:
    line = StatusLine()
    app = Stage(line)
    async with app.run_test(size=(40, 3)) as pilot:
        for text, said in (("self 15.7 s, ±1.9 % and more", "self 15.7 s, ±1.9 % and…"), ("±" * 24, "±" * 24)):
            line.show(text, badge="LOOKS FAILED", reason="why")
            await pilot.pause()
            assert lines(app)[0] == f"  LOOKS FAILED  {said}"


async def test_a_passing_text_hides_the_lasting_one_until_it_is_gone() -> None:
    line = StatusLine()
    app = Stage(line)
    async with app.run_test(size=(40, 3)) as pilot:
        line.show("selected")
        line.pass_by("under the mouse")
        await pilot.pause()
        assert "under the mouse" in lines(app)[0]
        line.pass_by("")
        await pilot.pause()
        assert "selected" in lines(app)[0]
