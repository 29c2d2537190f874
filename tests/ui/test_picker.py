"""The attach picker: calm, whole at every width, and never a process that may not be observed."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenes import picker
from textual.widgets import Input

from perftui.errors import ObserveError
from perftui.model.workload import RecordMode
from perftui.recording.plan import RecordingPlan
from perftui.recording.starter import Starter
from perftui.ui.screens.dialogs import AskYes
from perftui.ui.screens.picker import PickerScreen
from perftui.ui.widgets.cells import width_of
from perftui.ui.widgets.process_table import ProcessTable, shortened
from tests.ui.stage import shown, text_of


class Refusing(Starter):
    """Notes what is asked for, and starts nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[RecordingPlan] = []

    def start(self, plan: RecordingPlan | None = None) -> None:
        assert plan is not None
        self.asked.append(plan)
        raise ObserveError("not here", hint="somewhere else")


async def test_enter_attaches_what_may_be_observed_and_the_reason_is_told_for_the_rest(tmp_path: Path) -> None:
    starter = Refusing()
    screen = picker(tmp_path, starter)
    async with shown(screen, (160, 40)) as pilot:
        await pilot.pause()
        text = text_of(pilot)
        for word in ("shop.server --port 8000", "shop/.venv", "3.12", "belongs to grace", "4 of 6 may be observed"):
            assert word in text
        table = screen.query_one(ProcessTable)
        await pilot.press("end")
        assert table.chosen is not None
        assert table.chosen.refusal
        assert "sudo env" in text_of(pilot), "what would help stands in the details"
        await pilot.press("enter")
        await pilot.pause()
        assert starter.asked == []
        await pilot.press("home", "enter")
        await pilot.pause()
        (plan,) = starter.asked
        assert (plan.attach_pid, plan.mode, plan.sessions) == (table.chosen.pid, RecordMode.CPU, tmp_path)
        assert "not here" in text_of(pilot)
        assert pilot.app.screen is screen


async def test_the_cursor_stays_on_its_process_while_others_come_and_go(tmp_path: Path) -> None:
    screen = picker(tmp_path, Refusing())
    async with shown(screen) as pilot:
        await pilot.pause()
        await pilot.press("down", "down")
        table = screen.query_one(ProcessTable)
        chosen = table.chosen
        assert chosen is not None
        assert screen._processes is not None
        gone = next(each for each in screen._processes if each.pid != chosen.pid and not each.parent)
        screen._take([each for each in screen._processes if each.pid != gone.pid and each.parent != gone.pid])
        assert table.chosen == chosen or gone.pid == chosen.parent
        await pilot.click(ProcessTable, offset=(4, 2))
        assert table.chosen is not None


async def test_words_filter_the_tree_and_escape_shows_all_again(tmp_path: Path) -> None:
    screen = picker(tmp_path, Refusing())
    async with shown(screen, (80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("slash", *"worker")
        await pilot.pause()
        assert screen.query_one(ProcessTable).line_count() == 2, "and the parent of what is meant"
        await pilot.press(*"zzz")
        assert "no process holds" in text_of(pilot)
        await pilot.press("escape")
        assert screen.query_one(ProcessTable).line_count() == 6
        assert not screen.query_one("#picker-filter", Input).display


async def test_memory_is_attached_only_after_a_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perftui.ui.screens.picker.why_not", lambda _pid: None)
    monkeypatch.setattr("perftui.ui.screens.picker.risks", lambda _pid: ["It stops for a moment."])
    monkeypatch.setattr("perftui.ui.screens.picker.named", lambda pid: f"process {pid}")
    starter = Refusing()
    async with shown(picker(tmp_path, starter)) as pilot:
        await pilot.pause()
        await pilot.press("m")
        await pilot.pause()
        assert isinstance(pilot.app.screen, AskYes)
        assert "It stops for a moment." in text_of(pilot)
        await pilot.press("n")
        assert starter.asked == []
        await pilot.press("m")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert [plan.mode for plan in starter.asked] == [RecordMode.MEMORY]


@pytest.mark.parametrize("size", [(40, 8), (80, 24), (120, 35), (240, 70)])
async def test_every_line_fits_and_nothing_is_cut_in_the_midst_of_a_figure(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    screen = picker(tmp_path, Refusing())
    async with shown(screen, size) as pilot:
        await pilot.pause()
        lines = text_of(pilot).splitlines()
        assert all(width_of(line) <= size[0] for line in lines)
        assert isinstance(pilot.app.screen, PickerScreen)


def test_a_command_is_cut_in_the_middle() -> None:
    text = shortened("gunicorn " + "x" * 60 + " app:main", 30)
    assert width_of(text) == 30
    assert text.startswith("gunicorn")
    assert text.rstrip().endswith("app:main")
    assert "…" in text
    assert shortened("short", 10) == "short     "
