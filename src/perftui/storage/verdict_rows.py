"""Storing what a budget said of a session, and what its verdicts were held against."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from perftui.model.verdict import HeldAgainst, RuleVerdict
from perftui.storage.rows import MAYBE_NUMBER, Row, ordered_rows
from perftui.storage.stored_text import storable
from perftui.units import Unit

_MOST_ROWS = 1_000_000


def store_verdicts(connection: sqlite3.Connection, verdicts: Sequence[RuleVerdict]) -> None:
    """Replace the verdicts that are stored, inside the caller's transaction."""
    connection.execute("DELETE FROM verdict")
    connection.execute("DELETE FROM held_against")
    connection.executemany(
        "INSERT INTO verdict VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                i, storable(v.rule), storable(v.subject), v.metric, v.unit.value, v.current, v.warn, v.fail,
                v.verdict.value, storable(v.reason), int(v.lower_is_better), v.breached_at_s,
            )
            for i, v in enumerate(verdicts)
        ],
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO held_against VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(i, *_row_of(v.held_against)) for i, v in enumerate(verdicts) if v.held_against is not None],
    )


def with_held_against(connection: sqlite3.Connection, verdicts: Sequence[RuleVerdict]) -> tuple[RuleVerdict, ...]:
    """Return verdicts with what is stored of the other side of each."""
    columns = "id, value, unit, current, ref, change_pct, low_pct, high_pct, p, baseline_runs, current_runs"
    numbers = (MAYBE_NUMBER,) * 4
    kinds = (int, MAYBE_NUMBER, str, MAYBE_NUMBER, str, *numbers, int, int)
    held = {row[0]: _held(row) for row in ordered_rows(connection, "held_against", columns, kinds, _MOST_ROWS)}
    if not all(0 <= number < len(verdicts) for number in held):
        raise ValueError("it holds something against a verdict that it does not hold")
    return tuple(replace(verdict, held_against=held[i]) if i in held else verdict for i, verdict in enumerate(verdicts))


def _row_of(held: HeldAgainst) -> Row:
    low, high = held.interval_pct or (None, None)
    if _finite(low) is None or _finite(high) is None:
        low = high = None
    return (
        _finite(held.value), held.unit.value, _finite(held.current), storable(held.ref), _finite(held.change_pct),
        low, high, _finite(held.p), *held.runs,
    )  # fmt: skip


def _held(row: Row) -> HeldAgainst:
    _, value, unit, current, ref, change_pct, low, high, p, baseline_runs, current_runs = row
    if baseline_runs < 0 or current_runs < 0:
        raise ValueError("a verdict was held against an impossible number of runs")
    interval = None if low is None or high is None else (low, high)
    return HeldAgainst(value, Unit(unit), current, ref, change_pct, interval, p, (baseline_runs, current_runs))


def _finite(value: float | None) -> float | None:
    """Return a number that can be read back: against zero every change is infinite."""
    return None if value is None or not math.isfinite(value) else float(value)
