"""What of single processes waits to be stored: new and changed processes, and readings in blocks."""

from __future__ import annotations

import json
import math
import sqlite3
from collections import deque
from collections.abc import Callable

from perftui.model.process import Process, ProcessKey, ProcessReadings
from perftui.storage.process_chunks import PackedLook, Row, pack_looks
from perftui.storage.stored_text import storable

MOST_PROCESSES = 100_000
MOST_READINGS = 4_000_000
"""Of a session: sixty-four processes over seventeen hours."""
LOOKS_A_BLOCK = 128
ROWS_A_BLOCK = 2_048
"""The last block is written again with every commit until it is full; so it is kept small."""
MOST_WAITING = 20_000
"""Looks that wait while the disk refuses; then the oldest go."""
_LONGEST_COMMAND = 8_192
_MOST_WORDS = 200


class ProcessShelf:
    """Rows of the tables of processes that wait for the next commit; nothing here touches the disk but `store`."""

    def __init__(self, next_seq: Callable[[], int]) -> None:
        self._next_seq = next_seq
        self._ids: dict[ProcessKey, int] = {}
        self._told: dict[int, tuple[int, int | None]] = {}
        """Process to the numbers of the look that told of it first, and of the one that found it gone."""
        self._changed: dict[int, Process] = {}
        self._looks: deque[PackedLook] = deque()
        self._block: list[PackedLook] = []
        self._block_id = 0
        self._stored = 0
        self._next: tuple[list[PackedLook], int] = ([], 0)

    @property
    def has_news(self) -> bool:
        """Whether anything waits."""
        return bool(self._changed or self._looks)

    def add(self, readings: ProcessReadings) -> None:
        """Take a look at the processes; what is beyond the bounds of a session is left out."""
        seq = self._next_seq()
        for process in readings.news:
            self._note(process, seq)
        rows: list[Row] = [
            (number, tuple(reading[1:]))
            for reading in readings.readings
            if (number := self._ids.get(reading.process)) is not None
        ]
        if not math.isfinite(readings.at_s) or self._stored + len(rows) > MOST_READINGS:
            return
        self._stored += len(rows)
        self._looks.append(PackedLook(seq, readings.at_s, readings.left_out, tuple(rows)))
        if len(self._looks) > MOST_WAITING:
            self._looks.popleft()

    def store(self, connection: sqlite3.Connection) -> None:
        """Store what waits, inside the caller's transaction; it waits on until `forget_stored`."""
        connection.executemany(
            "INSERT OR REPLACE INTO process VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [self._row(number, process) for number, process in self._changed.items()],
        )
        block, block_id = self._block, self._block_id
        waiting = list(self._looks)
        while waiting:
            if len(block) >= LOOKS_A_BLOCK or sum(len(look.rows) for look in block) >= ROWS_A_BLOCK:
                block, block_id = [], block_id + 1
            block, waiting = [*block, waiting[0]], waiting[1:]
            if not waiting or len(block) >= LOOKS_A_BLOCK or sum(len(look.rows) for look in block) >= ROWS_A_BLOCK:
                connection.execute(
                    "INSERT OR REPLACE INTO process_reading(id, looks, data) VALUES(?, ?, ?)",
                    (block_id, len(block), pack_looks(block)),
                )
        self._next = block, block_id

    def forget_stored(self) -> None:
        """Let go of what is safely stored."""
        self._block, self._block_id = self._next
        self._changed.clear()
        self._looks.clear()

    def _note(self, process: Process, seq: int) -> None:
        number = self._ids.get(process.key)
        if number is None:
            if len(self._ids) >= MOST_PROCESSES or not math.isfinite(process.created_s):
                return
            number = self._ids[process.key] = len(self._ids)
            self._told[number] = seq, None
        if process.ended_s is not None:
            self._told[number] = self._told[number][0], seq
        self._changed[number] = process

    def _row(self, number: int, process: Process) -> tuple[object, ...]:
        told, gone = self._told[number]
        return (
            number, told, gone, process.pid, process.parent, process.created_s, process.ended_s, process.exit_code,
            storable(process.name), _command_text(process),
        )  # fmt: skip


def _command_text(process: Process) -> str:
    """Return a command as JSON; of one that is too long, what it begins with."""
    words = [storable(word) for word in process.command[:_MOST_WORDS]]
    while words and sum(map(len, words)) > _LONGEST_COMMAND:
        words[-1] = words[-1][: len(words[-1]) // 2]
        if not words[-1]:
            words.pop()
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))
