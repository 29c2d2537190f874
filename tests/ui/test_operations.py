"""The operations of a session on the dashboard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from measured import suite
from scenes import DEMO, compared_operations, demo_replay, live, operations

from perftui.errors import NoDataError
from perftui.formats.operations.base import ToolReport
from perftui.model.operation import Operation
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.recording.comparison import compare_paths
from perftui.recording.operation_import import ingest
from perftui.recording.playback import Playback, open_playback
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase, Update
from perftui.ui.screens.comparing import ComparingScreen
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.screens.operations_alone import operations_alone
from perftui.ui.widgets.body import Panes
from perftui.ui.widgets.change_table import ChangeTable
from perftui.ui.widgets.operation_table import OperationTable
from tests.ui.settling import until
from tests.ui.stage import shown, text_of


def with_operations(operations: tuple[Operation, ...]) -> Playback:
    """The demo with operations beside its samples."""
    playback = open_playback(DEMO)
    playback.model.operations = operations
    return replace(playback, update=replace(playback.update, operations=operations))


def stored(folder: Path, name: str, operations: tuple[Operation, ...]) -> Path:
    """A session of operations alone, as a tool's result becomes one."""
    return ingest(ToolReport(operations), folder, name=name, origin=f"{name}.json", elsewhere=True).path


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
        strip = line_with(" O Op", text_of(pilot))
        await pilot.click("PaneStrip", offset=(strip.index(" O Op") + 4, 0))
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


async def test_a_baseline_and_a_budget_stand_beside_the_operations() -> None:
    async with shown(operations(), (160, 50)) as pilot:
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


async def test_long_names_that_begin_alike_are_told_apart_and_told_in_full(tmp_path: Path) -> None:
    name = "test_serialize_large_document_with_nested_objects"
    measured = tuple(
        Operation("wire format of messages", name, f"{fmt}-{size}", runs=((0.001 * size,) * 6,))
        for fmt in ("json", "pickle")
        for size in (10, 100)
    )
    before, after = (stored(tmp_path, side, measured) for side in ("before", "after"))
    screen = operations_alone([before], [after])
    assert screen is not None
    async with shown(screen, (80, 24)) as pilot:
        rows = [line for line in text_of(pilot).splitlines() if line.lstrip().startswith("test_")]
        assert [row.split("…")[1].split()[0] for row in rows] == [f"[{each.parameter}]" for each in measured]
        assert "after against before" in text_of(pilot)
        assert "difference" not in text_of(pilot)
        await pilot.press("enter")
        folded = "".join(line.split("▐")[0].strip() for line in text_of(pilot).splitlines()[:2])
        assert measured[0].key in folded


async def test_what_is_far_off_leaves_the_others_their_room_and_is_told() -> None:
    values = tuple(0.002 + 1e-6 * (at % 50) for at in range(400))
    far = Operation("g", "spiky", runs=((*values, 8.0),))
    async with shown(DashboardScreen.saved(with_operations((far,))), (160, 50)) as pilot:
        await pilot.press("O", "enter")
        assert "▸" in line_with("    spiky", text_of(pilot))
        assert "current: 1 value (0.2 %) lies beyond, as far as 8.00 s" in text_of(pilot)


async def test_two_sessions_are_compared_by_their_operations_too() -> None:
    async with shown(compared_operations(), (160, 50)) as pilot:
        assert "O Operations" in text_of(pilot)
        # Keys that are typed ahead: the cursor is where the keys have led it.
        await pilot.press("O", "down", "s", "enter")
        assert "memory.recall" in text_of(pilot)
        assert "against shop" in text_of(pilot)
        assert "▲ slower" in line_with("    recall ", text_of(pilot))
        await pilot.press("escape", "escape", "1")
        assert isinstance(pilot.app.focused, ChangeTable)


async def test_two_sessions_with_nothing_but_operations_are_compared_by_these(tmp_path: Path) -> None:
    paths = [stored(tmp_path, name, measured) for name, measured in (("b", suite(seed=3)), ("c", suite(slower=1.12)))]
    sides = (paths[:1], paths[1:])
    with pytest.raises(NoDataError, match="both sessions hold operations alone"):
        compare_paths(*sides)
    async with shown(ComparingScreen(lambda: compare_paths(*sides), sides=sides), (160, 50)) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, DashboardScreen))
        await pilot.pause()
        assert "▲ slower" in line_with("    recall ", text_of(pilot))
        await pilot.press("enter")
        assert "against b" in text_of(pilot)


async def test_operations_come_when_a_run_has_ended_and_are_told_of() -> None:
    replay = demo_replay()
    screen = live(replay)
    async with shown(screen, (120, 35)) as pilot:
        await pilot.press("O")
        assert "operations are read when the run has ended" in text_of(pilot)
        replay.feed.publish(Update(replay.meta, Phase.ENDING, 9.0, operations=suite()))
        screen.tick()
        await pilot.pause()
        assert "13 operations were measured: O shows them" in text_of(pilot)
        assert "╋" in line_with("remember", text_of(pilot))
