"""Names of functions and output that would act on a terminal, all the way from the interpreter to the screen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from perftui.model.workload import Workload
from perftui.recording.exchange import export_profile, import_profile
from perftui.recording.plan import RecordingPlan
from perftui.recording.playback import open_playback
from perftui.recording.recorder import Recorder
from perftui.ui.screens.dashboard import DashboardScreen
from tests.ui.stage import shown, text_of

pytestmark = pytest.mark.integration

WORKLOAD = Path(__file__).parent.parent / "workloads" / "hostile_names.py"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = RecordingPlan(
        sessions=tmp_path_factory.mktemp("sessions"), workload=Workload((sys.executable, str(WORKLOAD), "0.3"))
    )
    recorder = Recorder(plan)
    recorder.start()
    assert recorder.wait(60)
    recorder.result()
    assert recorder.path is not None
    return recorder.path


def test_every_name_arrives_as_it_is(session: Path) -> None:
    names = {frame.function for frame in open_playback(session).model.aggregate.tree.functions}
    assert {"[bold red]markup[/]", "漢字の関数名", "مرحبا", "semi;colon 3", "new\nline\rreturn"} <= names
    assert "\x1b[2J\x1b[31mescape\x07" in names


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_names_are_drawn_and_nothing_acts(session: Path, size: tuple[int, int]) -> None:
    async with shown(DashboardScreen.saved(open_playback(session)), size) as pilot:
        for key in ("1", "2", "t", "t", "down", "down", "enter", "slash", "m", "a", "r", "enter", "n"):
            await pilot.press(key)
            await pilot.pause()
            text = text_of(pilot)
            assert not {"\x1b", "\x07", "\r", "\u202e", "\u2066"} & set(text)
            assert all(cell_len(line) == size[0] for line in text.split("\n"))
        await pilot.press("escape", "1")
        await pilot.pause(0.2)
        screen = text_of(pilot)
        if size[0] > 100:
            assert "[bold red]markup[/]" in screen
            assert "漢字の関数名" in screen


@pytest.mark.parametrize("name", ["collapsed", "speedscope"])
def test_names_survive_export_and_import(session: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / f"hostile.{name}"
    target.write_text("".join(export_profile(session, name)), encoding="utf-8")
    path, _, _ = import_profile(target, tmp_path / "sessions")
    before, after = (open_playback(one).model.aggregate.tree for one in (session, path))
    totals = [
        {(f.file, f.function): tree.function_total_count[i] for i, f in enumerate(tree.functions)}
        for tree in (before, after)
    ]
    assert totals[0] == totals[1]
