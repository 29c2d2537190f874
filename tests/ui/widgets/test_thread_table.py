"""The table of threads: processes with their threads below, at any width, by keys and by mouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import pytest

from perftui.analysis.aggregate import ThreadShare
from perftui.analysis.processes import ProcessRecords
from perftui.analysis.split import Branch, Split
from perftui.analysis.thread_rows import ThreadRow, ThreadSort, thread_rows
from perftui.model.process import Process, ProcessReading, ProcessReadings
from perftui.model.sample import Thread
from perftui.ui.widgets.thread_columns import Column, columns_of, ended_text, spark
from perftui.ui.widgets.thread_sentence import thread_sentence
from perftui.ui.widgets.thread_table import Ranking, ThreadTable
from perftui.units import Unit
from tests.ui.widgets.stage import Stage


def share(
    name: str, *, pid: int = 1, tid: int = 1, weight: float = 1.0, looks: int = 0, active: int = 0
) -> ThreadShare:
    made = ThreadShare(Thread(pid, tid, name))
    made.weight, made.count = weight, int(100 * weight)
    for number in range(looks):
        made.look(active=number < active, holds_gil=False)
    return made


def records() -> ProcessRecords:
    found = ProcessRecords()
    main = Process(1, -2.0, None, "python3", ("python3", "-m", "shop"))
    child = Process(2, 1.0, 1, "python3", ("python3", "jobs/mail.py", "--to", "a b"))
    readings = (
        ProcessReading(main.key, 98.0, 5.0, 2e8, 3.0),
        ProcessReading(child.key, 12.0, 0.5, 3e7, 1.0),
    )
    found.apply(ProcessReadings(1.0, (main, child), readings))
    found.apply(ProcessReadings(4.0, (replace(child, ended_s=4.0, exit_code=-9),), readings[:1]))
    return found


THREADS = [
    share("quiet", pid=1, tid=1, weight=0.5, looks=40, active=40),
    share("pool-0_1", pid=1, tid=3, weight=1.0, looks=3),
    share("MainThread", pid=2, tid=2, weight=3.0),
]


def ranking(shares: Sequence[ThreadShare], known: ProcessRecords | None = None, **more: object) -> Ranking:
    def rank(sort: ThreadSort, opened: Mapping[int, bool]) -> list[ThreadRow]:
        known_records = known or ProcessRecords()
        return thread_rows(
            shares,
            sort=sort,
            opened=opened,
            records=known_records.newest(),
            commands=known_records.commands,
            **more,  # type: ignore[arg-type]
        )

    return rank


def lines(app: Stage[ThreadTable]) -> list[str]:
    return app.text.split("\n")


def names(app: Stage[ThreadTable], count: int) -> list[str]:
    """The first word of each row after its marks."""
    return [next(word for word in line.split() if word not in "●○▾▸") for line in lines(app)[1 : 1 + count]]


@pytest.mark.parametrize("width", [20, 44, 60, 79, 112, 160, 238])
async def test_no_heading_and_no_figure_is_cut_at_any_width(width: int) -> None:
    table = ThreadTable()
    app = Stage(table)
    async with app.run_test(size=(width, 10)) as pilot:
        table.show(ranking(THREADS, records()), 4.5, now_s=5.0)
        await pilot.pause()
        heading, *rows = lines(app)
        columns = columns_of(width - 1, of_memory=False, merged=False)
        for placed in columns:
            assert placed.title in heading
        if any(placed.column is Column.SHARE for placed in columns):
            assert "66.7 %" in rows[0]
        if any(placed.column is Column.STATE for placed in columns):
            assert "SIGKILL" in rows[0]
            assert "7.00 s" in rows[1]
        if any(placed.column is Column.RSS for placed in columns):
            assert "191 MiB" in rows[1]
        assert "…" not in "".join(rows[:4]) or width < 44


async def test_processes_open_and_close_and_the_cursor_goes_along() -> None:
    table = ThreadTable()
    app = Stage(table)
    async with app.run_test(size=(120, 10)) as pilot:
        table.show(ranking(THREADS, records()), 4.5)
        table.focus()
        await pilot.pause()
        assert names(app, 4) == ["mail", "shop", "pool-0_1", "quiet"]
        await pilot.press("down", "down")
        assert table.chosen == Branch(Split.THREAD, 1, 3)
        await pilot.press("left")
        assert table.chosen == Branch(Split.PROCESS, 1)
        await pilot.press("left")
        assert table.line_count() == 2
        await pilot.press("up", "right")
        assert names(app, 3) == ["mail", "MainThread", "shop"]
        await pilot.press("s")
        assert "process, thread ▴" in lines(app)[0]
        assert table.chosen == Branch(Split.PROCESS, 2), "the cursor stays on its row"
        await pilot.press("s")
        assert names(app, 1) == ["shop"]
        share_at = lines(app)[0].index("share")
        await pilot.click(ThreadTable, offset=(share_at, 0))
        assert names(app, 1) == ["mail"]
        await pilot.click(ThreadTable, offset=(2, 1))
        assert table.line_count() == 2
        await pilot.click(ThreadTable, offset=(3, 0))
        assert "process, thread ▴" in lines(app)[0]


async def test_what_is_left_out_or_gone_is_told_without_colours_and_notes_stand_where_there_is_room() -> None:
    table = ThreadTable()
    app = Stage(table)
    async with app.run_test(size=(160, 10)) as pilot:
        rank = ranking(THREADS, records(), left_out={(1, 3)})
        table.show(rank, 4.5, recent=True, note="3 small processes not read")
        await pilot.pause()
        text = lines(app)
        assert "○" in text[3]
        assert "left out" in text[3]
        assert "SIGKILL" in text[1]
        assert text[1].count("MiB") == 0, "what it used when it was there is not what it uses"


async def test_threads_of_one_name_are_one_row() -> None:
    table = ThreadTable()
    app = Stage(table)
    pool = [share(f"pool-{pid}_{tid}", pid=pid, tid=tid, weight=0.5) for pid in (1, 2) for tid in (5, 6)]
    async with app.run_test(size=(100, 8)) as pilot:
        table.show(partial(_by_name, [*pool, *THREADS]), 6.5)
        await pilot.pause()
        text = lines(app)
        assert "thread name" in text[0]
        assert [line.split()[1:3] for line in text[1:4]] == [["MainThread", "46.2"], ["pool-*", "×5"], ["quiet", "7.7"]]


def _by_name(shares: Sequence[ThreadShare], sort: ThreadSort, opened: Mapping[int, bool]) -> list[ThreadRow]:
    return thread_rows(shares, split=Split.NAME, sort=sort, opened=opened)


async def test_a_ratio_of_few_looks_is_not_shown_and_one_of_many_without_digits() -> None:
    table = ThreadTable()
    app = Stage(table)
    async with app.run_test(size=(180, 10)) as pilot:
        few, many = share("few", looks=3, active=1), share("many", tid=2, looks=30, active=10, weight=0.5)
        table.show(ranking([few, many]), 1.5)
        await pilot.pause()
        text = lines(app)
        assert "–" in text[2]
        assert " 33 %" in text[3]
        assert " 67 %" in text[3]


async def test_threads_without_a_name_are_called_by_what_is_known() -> None:
    table = ThreadTable()
    app = Stage(table)
    async with app.run_test(size=(60, 10)) as pilot:
        shares = [share("", pid=7, tid=7), share("", pid=7, tid=9, weight=0.5), share("[b]x\x1b", pid=7, tid=8)]
        table.show(ranking(shares), 2.5)
        await pilot.pause()
        text = "\n".join(lines(app))
        assert "MainThread" in text
        assert "thread 9" in text
        assert "[b]x" in text
        assert "\x1b" not in text


async def test_in_bytes_the_columns_are_those_of_memory() -> None:
    table = ThreadTable()
    app = Stage(table)
    async with app.run_test(size=(120, 10)) as pilot:
        table.show(ranking(THREADS, records()), 4.5, unit=Unit.BYTES)
        await pilot.pause()
        heading = lines(app)[0]
        assert "allocations" in heading
        assert "seen running" not in heading


def test_how_a_process_ended_is_told_in_a_word() -> None:
    assert [ended_text(code) for code in (None, 0, 3, -9, -64, -99)] == [
        "ended", "exit 0", "exit 3", "SIGKILL", "SIGRTMAX", "signal 99"
    ]  # fmt: skip


def test_a_line_of_blocks_tells_shares_and_leaves_blank_what_nobody_looked_at() -> None:
    assert spark([None, 0.0, 0.49, 1.0]) == " ▁▄█"


def test_the_sentence_says_who_it_is_since_when_and_what_it_used() -> None:
    known = records()
    rows = thread_rows(THREADS, records=known.newest(), commands=known.commands)
    said = [thread_sentence(row, known.commands) for row in rows]
    assert "process 2, child of 1  ·  python3 jobs/mail.py --to 'a b'  ·  started at 1.00 s" in said[0]
    assert "SIGKILL by 4.00 s" in said[0]
    assert "ran before" in said[1]
    assert "thread 3 of process 1 shop  ·  100 samples  ·  3 looks: running, GIL and idle need 5" in said[2]
