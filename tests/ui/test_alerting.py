"""Notices, bell and desktop for what happens while nobody looks; the screen of data quality; badges."""

from __future__ import annotations

import pytest
from scenes import demo_replay, live, saved

from perftui.settings.spec import AlertOptions, Settings
from perftui.ui.app import PerftuiApp
from perftui.ui.desktop_notice import desktop_notice
from tests.ui.settling import until
from tests.ui.stage import shown, text_of


def notices(app: PerftuiApp) -> list[tuple[str, str]]:
    return [(notice.severity, notice.message) for notice in app._notifications]


async def test_a_broken_budget_and_the_end_are_told_once_and_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    # On a slow machine a notice must not be gone before it is looked at.
    monkeypatch.setattr("perftui.ui.screens.alerting._SHOWN_S", 3_600.0)
    replay = demo_replay(22.0)
    screen = live(replay)
    rung: list[bool] = []
    written: list[str] = []
    app = PerftuiApp(screen, settings=Settings(alerts=AlertOptions(bell=True, desktop=True)))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        monkeypatch.setattr(app, "bell", lambda: rung.append(True))
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", written.append)
        await until(pilot, lambda: len(notices(app)) == 2)
        first = notices(app)
        assert [severity for severity, _ in first] == ["warning", "error"]
        assert first[1][1].startswith("budget FAIL: ")
        screen.tick()
        await pilot.pause()
        assert notices(app) == first
        replay.finish()
        screen.tick()
        end = ("information", "the workload ended with exit code 0 after 30.3 s")
        await until(pilot, lambda: end in notices(app))
        assert len(rung) == len([each for each in written if each.startswith("\x1b]9;")]) >= 1
        assert any("exit code 0" in text for text in written)
        await pilot.press("5")
        await pilot.pause()
        assert "the workload ended with exit code 0" in " ".join(event.text for event in screen._model.events)
        happened = screen._time_facts().happened
        assert sum(event.text.startswith("the workload ended") for event in happened) == 1, "on the axis, too"


@pytest.mark.parametrize("size", [(160, 50), (80, 24)])
async def test_a_notice_stands_over_the_line_of_status_and_over_nothing_that_is_read(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perftui.ui.app._TOGETHER_S", -1.0)
    screen = saved()
    async with shown(screen, size) as pilot:
        await until(pilot, lambda: "all  ·  total" in text_of(pilot))
        before = text_of(pilot).split("\n")
        screen.notify("an older one", markup=False)
        await until(pilot, lambda: "an older one" in text_of(pilot))
        screen.notify("the newest", markup=False)
        await until(pilot, lambda: "the newest" in text_of(pilot) and "an older one" not in text_of(pilot))
        after = text_of(pilot).split("\n")
        assert [y for y, (was, now) in enumerate(zip(before, after, strict=True)) if was != now] == [size[1] - 2]


async def test_notices_can_be_switched_off() -> None:
    app = PerftuiApp(live(demo_replay(22.0)), settings=Settings(alerts=AlertOptions(notices=False)))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.pause()
        assert notices(app) == []


@pytest.mark.parametrize("size", [(160, 50), (80, 24)])
async def test_the_screen_of_data_quality_says_what_may_be_concluded(size: tuple[int, int]) -> None:
    async with shown(live(demo_replay(22.0)), size) as pilot:
        await pilot.press("D")
        await pilot.pause()
        text = text_of(pilot)
        assert "data quality" in text
        assert "Shares from 2.7 % up hold within a quarter of" in text
        assert "coverage" in text
        await pilot.press("escape")
        assert "data quality" not in text_of(pilot)


async def test_a_share_of_few_samples_has_a_badge_with_its_reason() -> None:
    screen = live(demo_replay(22.0))
    async with shown(screen, (160, 50)) as pilot:
        # What is told of the budget stands over the line of status.
        await until(pilot, lambda: len(pilot.app._notifications) >= 2)
        pilot.app.clear_notifications()
        await pilot.press("down")
        await until(pilot, lambda: "all  ·  total" not in text_of(pilot))
        assert "FEW SAMPLES" not in text_of(pilot)
        tree = screen._weighed_tree
        node = min((n for n in range(1, len(tree)) if tree.total_count[n] >= 3), key=lambda n: tree.total_count[n])
        screen._select_node(node)
        await until(pilot, lambda: " FEW SAMPLES " in text_of(pilot) and "anywhere between" in text_of(pilot))


def test_a_notice_of_the_desktop_cannot_be_ended_by_its_text() -> None:
    hostile = "a\x1b\\\x07;b\n" + "x" * 500
    for terminal, start in (("xterm-256color", "\x1b]9;perftui: "), ("rxvt-unicode", "\x1b]777;notify;perftui;")):
        sequence = desktop_notice(hostile, terminal=terminal)
        assert sequence.startswith(start)
        inside = sequence.removeprefix(start).removesuffix("\x1b\\")
        assert inside.isprintable()
        assert ";" not in inside
        assert len(inside) <= 200
