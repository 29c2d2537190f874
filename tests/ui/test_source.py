"""The source of what is selected: beside the flames, in an editor, and on the clipboard."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from scenes import demo_replay, live, saved, with_source
from textual.app import SuspendNotSupported
from textual.events import Key
from textual.pilot import Pilot

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.model.source_file import SourceFile
from perftui.recording.source_text import SourceText, read_source
from perftui.storage.source_table import pack_source
from perftui.ui.app import PerftuiApp
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.widgets.hotspot_table import HotspotTable
from perftui.ui.widgets.sandwich_half import SandwichHalf
from perftui.ui.widgets.source_pane import SourcePane
from perftui.ui.widgets.source_view import SourceView
from tests.ui.heap_stage import memory_live
from tests.ui.settling import until
from tests.ui.stage import shown, text_of


async def settled(pilot: Pilot[int]) -> None:
    """Let what is being read arrive."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def select_hottest(pilot: Pilot[int], screen: DashboardScreen) -> FunctionKey:
    """Select the hottest function of the demo's own, by the table."""
    rows = screen._ranked()
    index = next(i for i, row in enumerate(rows) if "/demo/" in row.frame.file)
    screen.query_one(HotspotTable)._go(index)
    await pilot.pause()
    assert screen._view.function is not None
    return screen._view.function


async def test_the_source_of_the_selected_function_shows_its_hottest_line() -> None:
    screen = with_source(saved())
    async with shown(screen, (160, 50)) as pilot:
        file, name = await select_hottest(pilot, screen)
        await pilot.press("7")
        await settled(pilot)
        pane = screen.query_one(SourcePane)
        assert pane.has_focus
        counts = screen._model.aggregate.line_counts
        function = screen._model.aggregate.tree.function_ids[file, name]
        most = max(count for (each, _), count in counts.items() if each == function)
        assert counts[function, pane.hottest] == most
        assert f"▶ {pane.hottest:4}" in text_of(pilot)
        assert name in text_of(pilot)


async def test_lines_add_up_to_the_functions_of_the_file() -> None:
    screen = with_source(saved())
    async with shown(screen, (160, 50)) as pilot:
        file, _ = await select_hottest(pilot, screen)
        await pilot.press("7")
        await settled(pilot)
        tree = screen._model.aggregate.tree
        functions = [tree.function_self_weight[i] for i, frame in enumerate(tree.functions) if frame.file == file]
        lines = [each.self_weight for each in screen._source_facts().heat.values()]
        assert sum(lines) == pytest.approx(sum(functions))
        assert sum(lines) > 0


async def test_the_source_follows_the_selection_and_stands_still_while_figures_grow() -> None:
    replay = demo_replay(4.0)
    screen = with_source(live(replay))
    async with shown(screen, (160, 50)) as pilot:
        await select_hottest(pilot, screen)
        await pilot.press("7")
        await settled(pilot)
        pane = screen.query_one(SourcePane)
        await pilot.press("down")
        before = pane.first_line, pane.cursor, dict(screen._source_facts().heat)
        replay.advance(8.0)
        screen.tick()
        await pilot.pause()
        heat = screen._source_facts().heat
        assert (pane.first_line, pane.cursor) == before[:2]
        assert sum(each.self_weight for each in heat.values()) > sum(each.self_weight for each in before[2].values())
        first = text_of(pilot)
        screen.query_one(HotspotTable).action_move(1)
        await pilot.pause()
        await settled(pilot)
        assert text_of(pilot) != first
        assert screen._view.function is not None
        assert screen._view.function[1] in text_of(pilot)


async def test_a_scope_and_another_lens_have_their_own_figures() -> None:
    screen = with_source(saved())
    async with shown(screen, (160, 50)) as pilot:
        await select_hottest(pilot, screen)
        await pilot.press("7")
        await settled(pilot)
        before = dict(screen._source_facts().heat)
        await pilot.press("y")
        await settled(pilot)
        after = screen._source_facts().heat
        assert sum(each.self_weight for each in after.values()) > sum(each.self_weight for each in before.values())
    memory = memory_live()
    async with shown(memory, (200, 50)) as pilot:
        rows = memory._ranked()
        memory._select_function((rows[0].frame.file, rows[0].frame.function))
        await pilot.press("7")
        await settled(pilot)
        assert "no such file" in text_of(pilot)
        assert re.search(r"hottest lines: \d+ \(.* MiB\)", text_of(pilot))


async def test_what_has_no_source_says_so_in_one_sentence() -> None:
    screen = saved()
    screen.read_file = lambda file, **_: read_source(f"/no/such/place{file}")
    async with shown(screen, (160, 50)) as pilot:
        await pilot.press("7")
        await settled(pilot)
        assert "Select a function" in text_of(pilot)
        for function, sentence in {
            ("<frozen runpy>", "_run_code"): "frozen into the interpreter",
            ("", "native"): "it is native",
            ("/home/dev/shop/demo/__main__.py", "main"): "no such file on this machine",
        }.items():
            screen._look(selected=(function,))
            await settled(pilot)
            assert sentence in text_of(pilot)
        await pilot.press("t")
        screen._look(selected=screen._named_tree.path(1))
        await settled(pilot)
        assert "This is no function" in text_of(pilot)


async def test_a_file_that_changed_is_shown_as_it_is_with_a_badge(tmp_path: Path) -> None:
    screen = saved()

    def read(file: str, *, cwd: str = "", known: SourceText | None = None) -> SourceText:
        return read_source(str(tmp_path / Path(file).name), known=known)

    screen.read_file = read
    async with shown(screen, (200, 50)) as pilot:
        file, _ = await select_hottest(pilot, screen)
        (tmp_path / Path(file).name).write_text("one = 1\n")
        await pilot.press("7")
        await settled(pilot)
        assert "one = 1" in text_of(pilot)
        assert "is beyond its end" in text_of(pilot)
        (tmp_path / Path(file).name).write_text("x = 1\n" * 2_000)
        await pilot.press("7")
        await settled(pilot)
        assert "may have changed since" in text_of(pilot)


async def test_a_file_that_is_edited_while_it_runs_is_read_again(tmp_path: Path) -> None:
    replay = demo_replay(4.0)
    screen = live(replay)

    def read(file: str, *, cwd: str = "", known: SourceText | None = None) -> SourceText:
        return read_source(str(tmp_path / Path(file).name), known=known)

    screen.read_file = read
    async with shown(screen, (200, 50)) as pilot:
        file, _ = await select_hottest(pilot, screen)
        (tmp_path / Path(file).name).write_text("x = 1\n" * 300)
        await pilot.press("7")
        await settled(pilot)
        assert "x = 1" in text_of(pilot)
        (tmp_path / Path(file).name).write_text("y = 22\n" * 300)
        replay.advance(8.0)
        screen.tick()
        await settled(pilot)
        assert "y = 22" in text_of(pilot)


async def test_the_pane_says_whether_the_file_is_what_ran_and_shows_what_is_kept(tmp_path: Path) -> None:
    screen = saved()

    def read(file: str, *, cwd: str = "", known: SourceText | None = None) -> SourceText:
        return read_source(str(tmp_path / Path(file).name), known=known)

    async def again(pilot: Pilot[int]) -> str:
        await pilot.press("7")
        await settled(pilot)
        return text_of(pilot)

    screen.read_file = read
    async with shown(screen, (200, 50)) as pilot:
        file, _ = await select_hottest(pilot, screen)
        data = b"ran = 1\n" * 300
        source, ran = tmp_path / Path(file).name, SourceFile(file, hashlib.sha256(data).hexdigest(), len(data), True)
        source.write_bytes(data)
        screen._model.sources[file] = ran
        drawn = await again(pilot)
        assert "ran = 1" in drawn
        assert " as it ran " in drawn
        source.write_text("edited = 1\n" * 300)
        drawn = await again(pilot)
        assert "edited = 1" in drawn
        assert "changed since it ran: lines may be off" in drawn
        assert screen._source_facts().heat
        source.unlink()
        assert "no such file" in await again(pilot)
        screen._model.sources[file] = replace(ran, packed=pack_source(data))
        drawn = await again(pilot)
        assert "ran = 1" in drawn
        assert "as it ran, kept: the file is gone" in drawn
        screen._model.sources[file] = replace(ran, packed=b"nothing", sha256="0" * 64)
        assert "What the session keeps of this file is damaged." in await again(pilot)


async def test_the_mouse_alone_finds_the_hottest_line() -> None:
    screen = with_source(saved())
    async with shown(screen, (160, 50)) as pilot:
        await pilot.click(HotspotTable, offset=(30, 1))
        strip = next(line for line in text_of(pilot).split("\n") if "7 Source" in line)
        await pilot.click("PaneStrip", offset=(strip.index("7 Source") + 2, 0))
        await settled(pilot)
        assert screen.query_one(SourceView).display
        assert screen._view.function is not None
        assert screen._view.function[1] in text_of(pilot)


ROLL_UP = ("/home/dev/shop/demo/catalogue.py", "CategoryTree.roll_up")


async def test_callers_and_callees_stand_beside_the_source_and_keys_and_mouse_go_there() -> None:
    screen = with_source(saved())
    async with shown(screen, (160, 50)) as pilot:
        screen._select_function(ROLL_UP)
        await pilot.press("7")
        await until(pilot, lambda: "import_lists" in text_of(pilot) and "88.0 %" in text_of(pilot))
        await pilot.press("tab", "enter")
        await until(
            pilot, lambda: screen._view.function is not None and screen._view.function[1] == "Shop.import_lists"
        )
        assert isinstance(screen.focused, SandwichHalf), "the next caller is one key away"
        callees = list(screen.query(SandwichHalf))[1]
        rows = callees._sides[1]
        index = next(i for i, row in enumerate(rows) if row.key == ROLL_UP)
        callees._go(1, len(rows) - 1 if index == 0 else 0)
        for _ in range(2):
            await pilot.click(callees, offset=(20, 1 + index))
        await until(pilot, lambda: screen._view.function == ROLL_UP)


async def test_callers_and_callees_stand_below_the_source_where_it_is_narrow_and_not_where_it_is_low() -> None:
    screen = with_source(saved())
    async with shown(screen, (80, 24)) as pilot:
        screen._select_function(ROLL_UP)
        await pilot.press("7")
        view = screen.query_one(SourceView)
        await until(pilot, lambda: "turnover" in text_of(pilot))
        assert not view.shows_neighbours
        assert "callers" not in text_of(pilot).split("8 Tree")[1]
        await pilot.press("z")
        await until(pilot, lambda: "import_lists" in text_of(pilot))
        assert view.arrangement == "-below"


# In an editor.


@contextmanager
def lent_terminal() -> Iterator[None]:
    yield


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program called vim that writes down what it was given, and adds a line to the file."""
    program, seen = tmp_path / "bin" / "vim", tmp_path / "seen.json"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\nimport json, sys\njson.dump(sys.argv[1:], open({str(seen)!r}, 'w'))\n"
        "open(sys.argv[2], 'a').write('added = True\\n')\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(program))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr(PerftuiApp, "suspend", lambda _: lent_terminal())
    return seen


async def test_e_opens_the_editor_at_the_hottest_line_or_at_the_cursor(tmp_path: Path, editor: Path) -> None:
    screen = saved()

    def read(file: str, *, cwd: str = "", known: SourceText | None = None) -> SourceText:
        return read_source(str(tmp_path / Path(file).name), known=known)

    screen.read_file = read
    async with shown(screen, (160, 50)) as pilot:
        file, _ = await select_hottest(pilot, screen)
        source = tmp_path / Path(file).name
        source.write_text("x = 1\n" * 300)
        await pilot.press("e")
        await pilot.pause()
        line, opened = json.loads(editor.read_text())
        assert opened == str(source)
        await pilot.press("7")
        await settled(pilot)
        pane = screen.query_one(SourcePane)
        assert line == f"+{pane.hottest}"
        await pilot.press("up", "up", "e")
        await settled(pilot)
        assert json.loads(editor.read_text())[0] == f"+{pane.hottest - 2}"
        assert pane.line_count() == 302, "what was written in the editor is shown"


async def test_an_editor_that_fails_is_one_sentence(
    tmp_path: Path, editor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    broken.write_text("no program")
    broken.chmod(0o755)
    false = tmp_path / "false"
    false.write_text("#!/bin/sh\nexit 3\n")
    false.chmod(0o755)
    screen = with_source(saved())
    async with shown(screen, (160, 50)) as pilot:
        for command, sentence in ((str(broken), "could not be started"), ("no-such", "no such editor")):
            await select_hottest(pilot, screen)
            monkeypatch.setenv("EDITOR", command)
            await pilot.press("e")
            await pilot.pause()
            assert sentence in text_of(pilot)
        monkeypatch.setenv("EDITOR", str(false))
        await pilot.press("e")
        await pilot.pause()
        assert "status 3" in text_of(pilot)


async def test_a_terminal_that_cannot_be_lent_is_one_sentence(editor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def refuse(app: PerftuiApp) -> Iterator[None]:
        raise SuspendNotSupported
        yield

    monkeypatch.setattr(PerftuiApp, "suspend", refuse)
    screen = with_source(saved())
    async with shown(screen, (160, 50)) as pilot:
        await pilot.press("e")
        await pilot.pause()
        assert "select a frame first" in text_of(pilot)
        await select_hottest(pilot, screen)
        await pilot.press("e")
        await pilot.pause()
        assert "cannot have this terminal" in text_of(pilot)
        assert not editor.exists()


# On the clipboard.


async def test_y_copies_the_place_then_the_stack_then_the_name() -> None:
    screen = saved()
    async with shown(screen, (160, 50)) as pilot:
        await pilot.press("Y")
        assert pilot.app.clipboard == ""
        file, name = await select_hottest(pilot, screen)
        await pilot.press("Y")
        assert re.fullmatch(re.escape(file) + r":\d+", pilot.app.clipboard)
        await pilot.press("Y")
        stack = pilot.app.clipboard.split("\n")
        assert stack[-1] == f"{name} ({file})"
        assert len(stack) == len(screen._view.selected)
        await pilot.press("Y")
        assert pilot.app.clipboard == name
        await pilot.press("Y")
        assert pilot.app.clipboard.startswith(file)


async def test_what_is_pasted_is_only_text() -> None:
    screen = saved()
    async with shown(screen, (160, 50)) as pilot:
        screen._view = replace(screen._view, selected=(("/srv/\x1b[31m\n.py", "f\x1b]0;\x07\nrm -rf"),))
        for _ in range(3):
            await pilot.press("Y")
            assert "\x1b" not in pilot.app.clipboard
            assert "\n" not in pilot.app.clipboard


async def test_keys_that_are_typed_without_a_pause_find_what_the_ones_before_them_selected() -> None:
    screen = with_source(saved())
    asked: list[FunctionKey | None] = []
    screen._open_editor = lambda: asked.append(screen._view.function)  # type: ignore[method-assign]
    async with shown(screen) as pilot:
        for key in ("1", "home", "7", "e"):
            pilot.app.post_message(Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert asked == [function_key(screen._ranked()[0].frame)]
