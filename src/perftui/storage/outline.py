"""The outline of a finished session: its stacks with what each weighs in all, not when and in which thread it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from operator import le
from pathlib import Path

from perftui.model.frame import Frame
from perftui.model.session import SessionMeta, SessionState
from perftui.storage.connection import connect_reading, reading
from perftui.storage.meta_table import meta_of, read_facts
from perftui.storage.schema import FIRST_VERSION_READ_AS_IT_IS, version_of
from perftui.storage.tables import MOST_NODES, read_frames

_FRAME_BITS = 24
"""More than there are frames in any session: a node comes as one number, in half the time of two."""
_FRAME_MASK = (1 << _FRAME_BITS) - 1


@dataclass(frozen=True, slots=True)
class Outline:
    """What a first picture is drawn from."""

    meta: SessionMeta
    frames: tuple[Frame, ...]
    parents: Sequence[int]
    """Parent of node 1 and on of its stacks; node 0 is the root."""
    node_frames: Sequence[int]
    """Frame of node 1 and on."""
    weights: tuple[tuple[int, float], ...]
    """(node, weight) of all threads together."""


def read_outline(path: Path) -> Outline | None:
    """Return the outline of a session, in a fraction of the time that opening it takes; None where it has none.

    A recording that was cut off has none, and one of an older file format; opening tells whatever is wrong with a file.

    Raises:
        SessionError: It is not a session, or damaged.
        NoDataError: There is no such file.
    """
    connection = connect_reading(path)
    try:
        with reading(path):
            if version_of(connection) < FIRST_VERSION_READ_AS_IT_IS:
                return None
            meta = meta_of(read_facts(connection))
            if meta.state is not SessionState.COMPLETE:
                return None
            frames = read_frames(connection)
            parents, node_frames = _read_nodes(connection, len(frames))
            # A damaged file can make SQLite count without an end, so it is told where to end.
            rows = connection.execute(
                f"SELECT node, SUM(weight) FROM (SELECT node, weight FROM cpu_total LIMIT {MOST_NODES}) GROUP BY node"
            ).fetchmany(len(parents) + 2)
    finally:
        connection.close()
    for node, weight in rows:
        if not (type(node) is int and 0 <= node <= len(parents) and type(weight) is float and 0 <= weight < inf):
            return None
    return Outline(meta, frames, parents, node_frames, tuple(rows)) if rows else None


def _read_nodes(connection: sqlite3.Connection, frames: int) -> tuple[list[int], list[int]]:
    """Return parents and frames of the nodes; raises `ValueError` where one is lacking or points nowhere."""
    rows = connection.execute(f"SELECT (parent << {_FRAME_BITS}) | frame FROM node ORDER BY id LIMIT {MOST_NODES}")
    joined = [number for (number,) in rows]
    ends = connection.execute("SELECT (SELECT MIN(id) FROM node), (SELECT MAX(id) FROM node)").fetchone()
    parents = [number >> _FRAME_BITS for number in joined]
    node_frames = [number & _FRAME_MASK for number in joined]
    if joined and (
        ends != (1, len(joined))
        or min(joined) < 0
        or max(node_frames) >= frames
        or not all(map(le, parents, range(len(parents))))
    ):
        raise ValueError("its call tree points nowhere")
    return parents, node_frames
