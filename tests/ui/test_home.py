from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from scenes import home
from textual.widgets import DataTable, Input, Static

from perftui.errors import ObserveError
from perftui.model.session import WATCH
from perftui.model.workload import RecordMode
from perftui.recording.plan import RecordingPlan
from perftui.recording.recorder import Recorder
from perftui.sources.base import Progress
from perftui.storage.catalogue import Catalogue
from perftui.ui.screens.compare import CompareScreen
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.screens.dialogs import AskText, AskYes
from perftui.ui.screens.home import HomeScreen
from tests.storage.sessions import saved
from tests.ui.settling import until, workers_held_back
from tests.ui.stage import shown, text_of


async def test_a_session_is_opened_and_left_again(tmp_path: Path) -> None:
    screen = home(tmp_path / "sessions")
    async with shown(screen) as pilot:
        await pilot.pause()
        assert screen.query_one("#sessions", DataTable).row_count == 2
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, DashboardScreen)
        await pilot.press("q")
        await pilot.pause()
        assert pilot.app.screen.id == screen.id
        assert screen.is_current


async def test_rename_tag_and_delete_change_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    screen = home(folder)
    async with shown(screen) as pilot:
        await pilot.pause()
        await pilot.press("r")
        assert isinstance(pilot.app.screen, AskText)
        pilot.app.screen.query_one(Input).value = "shop"
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, AskText), "what is refused is not lost"
        assert "another session is called shop" in str(pilot.app.screen.query_one("#refused", Static).content)
        pilot.app.screen.query_one(Input).value = "[bold]new"
        await pilot.press("enter")
        await pilot.pause()
        assert "[bold]new" in text_of(pilot), "a name is never markup"
        await pilot.press("t")
        pilot.app.screen.query_one(Input).value = "slow, nightly"
        await pilot.press("enter")
        await pilot.pause()
        (entry,) = [e for e in Catalogue(folder).list() if e.name == "[bold]new"]
        assert entry.meta is not None
        assert entry.meta.tags == ("slow", "nightly")
        await pilot.press("d", "d")
        await pilot.pause()
        assert len(Catalogue(folder).list()) == 1
        assert len(list((folder / "trash").iterdir())) == 1, "deleted is not lost"


async def test_the_key_that_closes_deletes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    screen = home(folder)
    for number in (1, 2):
        facts = {"repeat_index": number, "pinned": number == 1, "created": f"2090-01-0{number}T12:00:00+0000"}
        saved(folder, f"2090010{number}-120000-aaaa", name="web", group="g-1", environment={WATCH: "yes"}, **facts)
    async with shown(screen) as pilot:
        await pilot.pause()
        await pilot.press("d")
        assert isinstance(pilot.app.screen, AskYes)
        assert pilot.app.screen._question.startswith("1 of all 2 parts of web is pinned. Move them"), (
            "also an older one"
        )
        await pilot.press("q")
        await pilot.pause()
        assert len(Catalogue(folder).list()) == 4
        assert isinstance(pilot.app.screen, HomeScreen)


async def test_the_palette_of_home_lists_and_runs_its_commands(tmp_path: Path) -> None:
    async with shown(home(tmp_path / "sessions")) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert "Rename the session" in text_of(pilot)
        await pilot.press(*"open", "enter", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, DashboardScreen)


async def test_escape_ends_the_search_and_shows_all_again(tmp_path: Path) -> None:
    screen = home(tmp_path / "sessions")
    async with shown(screen) as pilot:
        await pilot.pause()
        await pilot.press("slash", *"zzz", "escape")
        await pilot.pause()
        sessions = screen.query_one("#sessions", DataTable)
        assert sessions.row_count == 2
        assert sessions.has_focus
        assert not screen.query_one("#home-search").display


async def test_a_profile_under_the_cursor_is_described_in_full(tmp_path: Path) -> None:
    async with shown(home(tmp_path / "sessions")) as pilot:
        await pilot.pause()
        await pilot.press("tab", "down")
        await pilot.pause()
        assert "selected profile" in text_of(pilot)
        assert "perftui.bundled.demo" in text_of(pilot), "its command"


async def test_search_filters_and_two_sessions_are_compared(tmp_path: Path) -> None:
    screen = home(tmp_path / "sessions")
    async with shown(screen) as pilot:
        await pilot.pause()
        await pilot.press("slash", *"zzz")
        await pilot.pause()
        assert "No session holds" in text_of(pilot)
        screen.query_one("#home-search", Input).value = ""
        await pilot.press("enter", "c", "down", "c")
        for _ in range(200):
            if isinstance(pilot.app.screen, CompareScreen):
                break
            await pilot.pause()
        assert isinstance(pilot.app.screen, CompareScreen)


async def test_an_unreadable_session_is_listed_and_told(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    (folder / "20200101-000000-aaaa.perftui").write_bytes(b"not a session")
    screen = home(folder)
    async with shown(screen) as pilot:
        await pilot.pause()
        assert screen.query_one("#sessions", DataTable).row_count == 3
        await pilot.press("end", "enter")
        await pilot.pause()
        assert pilot.app.screen is screen
        assert "`perftui import` reads collapsed stacks" in text_of(pilot), "where it is wrapped depends on the path"


async def test_a_running_process_is_one_key_away_and_a_refusal_is_told(tmp_path: Path) -> None:
    screen = home(tmp_path / "sessions")
    async with shown(screen, (160, 50)) as pilot:
        await pilot.pause()
        assert "shop.server" in text_of(pilot)
        screen.query_one("#processes").focus()
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.screen is screen
        assert "no process 4194400" in text_of(pilot)


async def test_a_profile_is_run_as_the_settings_say_and_with_their_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[RecordingPlan] = []

    def refuse(plan: RecordingPlan) -> Recorder:
        asked.append(plan)
        raise ObserveError("not here")

    monkeypatch.setattr("perftui.recording.recorder.Recorder", refuse)
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "perftui.toml").write_text(
        'mode = "memory"\nbudget_file = "usual.toml"\n[memory]\npymalloc = true\n[sampling]\nrate_hz = 7\n'
    )
    (tmp_path / "usual.toml").write_text("[memory]\nruntime_peak_mb = 5\n")
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/a.toml").write_text('[workload]\ncommand = ["true"]\n')
    screen = HomeScreen(tmp_path / "sessions", running=list)
    async with shown(screen) as pilot:
        await pilot.pause()
        screen.query_one("#profiles").focus()
        await pilot.press("enter")
        await pilot.pause()
    (plan,) = asked
    assert (plan.mode, plan.memory.pymalloc, plan.sampling.rate_hz) == (RecordMode.MEMORY, True, 7)
    assert plan.budget is not None
    assert plan.budget_path == tmp_path / "usual.toml"


async def test_an_empty_home_says_what_to_do(tmp_path: Path) -> None:
    async with shown(HomeScreen(tmp_path, running=list)) as pilot:
        await pilot.pause()
        assert "No sessions yet" in text_of(pilot)
        assert "demo" in text_of(pilot)


async def test_a_session_whose_capture_was_left_unread_is_read_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = home(tmp_path / "sessions")
    go_on = threading.Event()
    read: list[Path] = []

    def complete(path: Path, *, on_progress: Callable[[Progress], None]) -> bool:
        on_progress(Progress("capture", "reading the capture", 0.4))
        assert go_on.wait(20)
        read.append(path)
        return True

    monkeypatch.setattr("perftui.recording.capture_completion.complete_captures", complete)
    monkeypatch.setattr("perftui.ui.screens.home.raw_captures", lambda _folder, _session: (tmp_path / "x.bin",))
    async with shown(screen) as pilot:
        await pilot.pause()
        with workers_held_back():
            await pilot.press("enter")
            await until(pilot, lambda: "reading the capture" in text_of(pilot))
            await pilot.press("down", "up")
        assert pilot.app.screen is screen, "the list is usable meanwhile"
        go_on.set()
        await pilot.pause()
        assert isinstance(pilot.app.screen, DashboardScreen)
        assert len(read) == 1


async def test_leaving_ends_the_reading_of_a_capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = home(tmp_path / "sessions")
    began, ended = threading.Event(), threading.Event()

    def complete(_path: Path, *, on_progress: Callable[[Progress], None]) -> bool:
        began.set()
        try:
            while True:
                on_progress(Progress("capture", "reading the capture", None))
                time.sleep(0.02)
        finally:
            ended.set()

    monkeypatch.setattr("perftui.recording.capture_completion.complete_captures", complete)
    monkeypatch.setattr("perftui.ui.screens.home.raw_captures", lambda _folder, _session: (tmp_path / "x.bin",))
    async with shown(screen) as pilot:
        await pilot.pause()
        with workers_held_back():
            await pilot.press("enter")
            await until(pilot, began.is_set)
            await pilot.press("q")
    assert ended.wait(20)


async def test_trouble_is_told_before_its_remedy_and_processes_by_what_they_run(tmp_path: Path) -> None:
    screen = home(tmp_path / "sessions")
    async with shown(screen) as pilot:
        await pilot.pause()
        rows = screen.query_one("#processes", DataTable)
        assert not str(rows.get_row_at(0)[2]).startswith(("/", "python")), "all of them are Python"
        screen.tell(ObserveError("it is not there", hint="look elsewhere"))
        await pilot.pause()
        lines = text_of(pilot).splitlines()
        said, advised = (next(i for i, line in enumerate(lines) if word in line) for word in ("not there", "elsewhere"))
        assert said < advised


async def test_what_does_not_fit_into_a_list_ends_with_an_ellipsis_also_beside_a_scrollbar(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    screen = home(folder)
    first = next(folder.glob("*.perftui"))
    for number in range(30):
        shutil.copy(first, folder / f"20260101-0000{number:02}-aaaa.perftui")
    async with shown(screen, (80, 24)) as pilot:
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        table = screen.query_one("#sessions", DataTable)
        assert table.row_count > table.size.height
        assert sum(column.width + 2 for column in table.columns.values()) <= table.scrollable_content_region.width
        cut = [line for line in text_of(pilot).splitlines() if "2026-" in line]
        assert len(cut) > 5
        assert all("…" in line for line in cut)


async def test_runs_that_were_recorded_together_are_one_row_that_opens_into_its_runs(tmp_path: Path) -> None:
    for side, day in (("before", 5), ("after", 6)):
        for number in (1, 2):
            created = f"2026-01-0{day}T12:0{number}:00+0000"
            ids = f"2026010{day}-120{number}00-aaaa"
            saved(tmp_path, ids, name=side, created=created, group=f"group-{day}", repeat_index=number)
    screen = HomeScreen(tmp_path, running=list)
    async with shown(screen) as pilot:
        await pilot.pause()
        table = screen.query_one("#sessions", DataTable)
        assert table.row_count == 2
        assert "▸  after ×2" in text_of(pilot)
        assert "group:group-6" in text_of(pilot), "what names them all is told beside"
        await pilot.press("enter")
        await pilot.pause()
        assert [table.get_row_at(row)[1].plain.strip() for row in range(4)] == [
            "after ×2",
            "run 1",
            "run 2",
            "before ×2",
        ]
        await pilot.press("down", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, DashboardScreen), "one run is opened as any session is"
        await pilot.press("q")
        await pilot.pause()
        await pilot.press("up", "enter")
        await pilot.pause()
        assert table.row_count == 2
        await pilot.press("t")
        pilot.app.screen.query_one(Input).value = "slow"
        await pilot.press("enter")
        await pilot.pause()
        assert len([entry for entry in Catalogue(tmp_path).list() if entry.meta and entry.meta.tags == ("slow",)]) == 2
        await pilot.press("down", "c", "up", "c")
        await pilot.pause()
        assert isinstance(pilot.app.screen, CompareScreen)
        sides = pilot.app.screen._comparison.sides
        assert [len(side.runs) for side in sides] == [2, 2]
        await pilot.press("q")
        await pilot.pause()
        await pilot.press("d")
        assert "all 2 runs of after" in text_of(pilot)
        await pilot.press("d")
        await pilot.pause()
        assert {entry.name for entry in Catalogue(tmp_path).list()} == {"before"}
