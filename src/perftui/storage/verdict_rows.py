"""Storing what a budget said of a session."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from perftui.model.verdict import RuleVerdict
from perftui.storage.stored_text import storable


def store_verdicts(connection: sqlite3.Connection, verdicts: Sequence[RuleVerdict]) -> None:
    """Replace the verdicts that are stored, inside the caller's transaction."""
    connection.execute("DELETE FROM verdict")
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
