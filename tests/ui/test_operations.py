"""The operations of a session on the dashboard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scenes import DEMO

from perftui.model.operation import Operation
from perftui.model.run_figures import RunFigures
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.playback import Playback, open_playback
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase, Update
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.widgets.body import Panes
from perftui.ui.widgets.operation_table import OperationTable
from perftui.units import Unit
from tests.operations import suite
from tests.ui.stage import shown, text_of


def with_operations(operations: tuple[Operation, ...]) -> Playback:
    """The demo with operations beside its samples."""
    playback = open_playback(DEMO)
    playback.model.operations = operations
    return replace(playback, update=replace(playback.update, operations=operations))


def line_with(text: str, screen: str) -> str:
    return next((line for line in screen.split("\n") if text in line), "")


async def test_a_session_without_operations_says_how_to_get_some() -> None:
    async with shown(DashboardScreen.saved(open_playback(DEMO)), (120, 40)) as pilot:
        assert "Operations" not in text_of(pilot)
        await pilot.press("O")
        assert "O Operations" in text_of(pilot)
        assert "no operations were measured: `perftui ingest FORMAT FILE`" in text_of(pilot)
        await pilot.press("down", "enter", "left", "V", "s", "1")
        assert "Operations" not in text_of(pilot)


async def test_operations_are_reached_by_key_and_mouse_sorted_filtered_and_closed() -> None:
    async with shown(DashboardScreen.saved(with_operations(suite())), (160, 50)) as pilot:
        strip = line_with("O Operations", text_of(pilot))
        await pilot.click("PaneStrip", offset=(strip.index("O Operations") + 4, 0))
        assert pilot.app.screen.query_one(Panes).current == "operations"
        await pilot.press("z")
        recall = line_with("recall", text_of(pilot))
        assert "5×120" in recall
        assert "╋" in recall
        assert "n/a (n=18)" in line_with("hybrid_search", text_of(pilot))
        assert "98.7 %" in line_with("batch_set[100]", text_of(pilot))
        assert "told" in line_with("concrete_call", text_of(pilot))
        await pilot.press("s", "s")
        assert "▾ mean" in text_of(pilot)
        await pilot.press("slash", *"dag.1000")
        assert "2 of 13 operations" in text_of(pilot)
        await pilot.press("enter")
        assert "recall" not in text_of(pilot)
        await pilot.press("slash", "escape")
        assert "recall" in text_of(pilot)
        table = pilot.app.screen.query_one(OperationTable)
        await pilot.click(OperationTable, offset=(3, table.region.height - 1))
        await pilot.press("home", "left")
        assert "▸ memory" in text_of(pilot)
        assert "recall" not in text_of(pilot)
        await pilot.press("enter", "V")
        assert "recall" in text_of(pilot)
        assert "╋" not in line_with("remember", text_of(pilot))


def held_against(operations: tuple[Operation, ...]) -> RunFigures:
    return RunFigures("baseline:main", runs=5, operations={each.key: each for each in operations})


RULES = (
    RuleVerdict("operations.memory.recall.p95_ms", "recall", "p95_ms", Unit.SECONDS, 0.0641, None, 0.06, Verdict.FAIL),
    RuleVerdict("operations.memory.get.p95_ms", "get", "p95_ms", Unit.SECONDS, 0.00087, None, 0.001, Verdict.PASS),
)


async def test_a_baseline_and_a_budget_stand_beside_the_operations() -> None:
    playback = with_operations(suite(slower=1.12))
    playback.model.verdicts = RULES
    screen = DashboardScreen.saved(replace(playback, update=replace(playback.update, verdicts=RULES)))
    screen._find_baseline = lambda: held_against(suite(seed=3))
    async with shown(screen, (160, 50)) as pilot:
        await pilot.press("O", "z")
        recall = line_with("recall", text_of(pilot))
        assert "▲ +14 %" in recall
        assert "▲ slower" in recall
        assert "✘ FAIL" in recall
        assert "║" in recall
        assert "✔ PASS" in line_with("    get  ", text_of(pilot))
        assert text_of(pilot).count("  baseline  ") == 13
        # Keys that are typed ahead.
        await pilot.press("down", "enter")
        found = text_of(pilot)
        assert "memory.recall" in found
        assert "against baseline:main" in found
        assert "✘ FAIL     p95_ms" in found
        assert "║ fail 60.0 ms (p95_ms)" in found
        await pilot.press("s", "s", "s", "s", "s")
        assert pilot.app.screen.query_one(OperationTable).selected == ("memory.recall", "memory")


async def test_all_of_an_operation_is_seen_on_any_screen_and_left_again() -> None:
    async with shown(DashboardScreen.saved(with_operations(suite())), (80, 24)) as pilot:
        await pilot.press("O", "end", "up", "up", "up", "enter")
        assert "told by the tool, without raw values" in text_of(pilot)
        await pilot.press("left", "left", "left")
        assert "scheduler.build_dag[1000]" in text_of(pilot)
        await pilot.press("end")
        assert "about linear: exponent 1.03" in text_of(pilot) or "share of values" in text_of(pilot)
        await pilot.press("escape")
        assert "build_dag[1000]" in text_of(pilot)
        assert "distribution" in text_of(pilot)
        assert pilot.app.screen.maximized is not None
        await pilot.press("escape")
        assert pilot.app.screen.maximized is None
        await pilot.press("escape")
        assert pilot.app.focused is pilot.app.screen.query_one("#flames")


async def test_a_session_of_operations_alone_opens_with_them_on_the_whole_screen(tmp_path: Path) -> None:
    meta = SessionMeta("20260101-000000-aaaa", "b", SessionKind.IMPORTED, SessionState.COMPLETE, "2026-01-01T00:00:00")
    update, model = Update(meta, Phase.DONE, 0.0, operations=suite()), SessionModel(meta)
    model.apply(update)
    async with shown(DashboardScreen.saved(Playback(model, update, tmp_path / "b.perftui")), (120, 35)) as pilot:
        assert pilot.app.screen.maximized is not None
        assert isinstance(pilot.app.focused, OperationTable)
        assert "recall" in text_of(pilot)


async def test_what_is_far_off_leaves_the_others_their_room_and_is_told() -> None:
    values = tuple(0.002 + 1e-6 * (at % 50) for at in range(400))
    far = Operation("g", "spiky", runs=((*values, 8.0),))
    async with shown(DashboardScreen.saved(with_operations((far,))), (160, 50)) as pilot:
        await pilot.press("O", "enter")
        assert "▸" in line_with("    spiky", text_of(pilot))
        assert "current: 1 value (0.2 %) lies beyond, as far as 8.00 s" in text_of(pilot)
