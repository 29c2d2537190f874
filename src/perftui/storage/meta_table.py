"""The meta table: what is known of a session, one JSON value a key, parsed as strictly as anything from outside."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

from perftui.model.session import RunSide, SessionKind, SessionMeta, SessionState
from perftui.model.workload import RecordMode
from perftui.units import Unit

OPERATIONS = "operations"
"""The fact of how many operations there are, for lists that do not read them."""
_LONGEST = 1 << 20
"""Characters of one value: a command line of the system's greatest length fits."""
_MOST_KEYS = 1_000

_E = TypeVar("_E", bound=Enum)
_Parser = Callable[[Any], Any]


def write_meta(connection: sqlite3.Connection, meta: SessionMeta) -> None:
    """Write every field of `meta`, inside the caller's transaction."""
    rows = [(name, _json(getattr(meta, name))) for name in _FIELDS]
    connection.executemany("INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)", rows)


def write_fact(connection: sqlite3.Connection, key: str, value: int | list[str]) -> None:
    """Write a fact about the file that is not part of the session's meta data."""
    connection.execute("INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)", (key, _json(value)))


def read_facts(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return all values by key; raises `ValueError` where one is not what was written."""
    # What a person chose to see is read apart: whatever is in it, the session opens.
    query = "SELECT key, value FROM meta WHERE key NOT GLOB 'view.*' LIMIT ?"
    rows = connection.execute(query, (_MOST_KEYS,)).fetchall()
    for key, value in rows:
        if type(key) is not str or type(value) is not str or len(value) > _LONGEST:
            raise ValueError(f"the value of {key!r} in its meta data is not readable")
    # One text is parsed several times faster than many: a list of a thousand sessions is read at once.
    values = json.loads(f"[{','.join([value for _, value in rows])}]")
    if len(values) != len(rows):
        raise ValueError("its meta data is not readable")
    return dict(zip([key for key, _ in rows], values, strict=True))


def meta_of(facts: Mapping[str, Any]) -> SessionMeta:
    """Return the meta data among the facts; raises `ValueError` where a field is missing or of another type."""
    try:
        # A list of a thousand sessions is read at once: what is wrong is looked for only where something is.
        values = {name: parse(facts[name]) for name, parse in _FIELDS.items() if name in facts}
    except (ValueError, TypeError):
        raise ValueError(_what_is_wrong(facts)) from None
    for name in _REQUIRED:
        if name not in values:
            raise ValueError(f"its meta data has no {name}")
    return SessionMeta(**values)


def _what_is_wrong(facts: Mapping[str, Any]) -> str:
    for name, parse in _FIELDS.items():
        if name not in facts:
            if name in _REQUIRED:
                return f"its meta data has no {name}"
            continue
        try:
            parse(facts[name])
        except (ValueError, TypeError) as error:
            return f"{name} in its meta data is wrong: {error}"
    return "its meta data is not readable"


def count_of(facts: Mapping[str, Any], key: str) -> int:
    """Return a counted fact, 0 where there is none."""
    return max(0, _whole(facts.get(key, 0)))


def _json(value: object) -> str:
    match value:
        case Enum():
            return json.dumps(value.value)
        case Mapping():
            return json.dumps({str(key): str(item) for key, item in value.items()})
    return json.dumps(value, allow_nan=False)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return tuple(_text(item) for item in value)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError("not a number")
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 1 << 63:
        raise TypeError("not a whole number")
    return value


def _maybe_whole(value: object) -> int | None:
    return None if value is None else _whole(value)


def _maybe_number(value: object) -> float | None:
    return None if value is None else _number(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not true or false")
    return value


def _text_by_text(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise TypeError("not a table")
    return {_text(key): _text(item) for key, item in value.items()}


def _one_of(kinds: type[_E]) -> Callable[[object], _E]:
    known = {kind.value: kind for kind in kinds}
    return lambda value: known[value] if isinstance(value, str) and value in known else kinds(value)


def _value_of(kinds: type[Enum]) -> Callable[[object], str]:
    known = {kind.value for kind in kinds}
    return lambda value: value if isinstance(value, str) and value in known else str(kinds(value).value)


_FIELDS: dict[str, _Parser] = {
    "id": _text,
    "name": _text,
    "kind": _one_of(SessionKind),
    "state": _one_of(SessionState),
    "created": _text,
    "command": _texts,
    "cwd": _text,
    "pid": _maybe_whole,
    "exit_code": _maybe_whole,
    "ended_by_us": _flag,
    "duration_s": _number,
    "began_s": _number,
    "cpu_s": _maybe_number,
    "tags": _texts,
    "note": _text,
    "pinned": _flag,
    "baseline": _text,
    "workload": _text,
    "requested_hz": _number,
    "sampling_mode": _text,
    "mode": _value_of(RecordMode),
    "two_pass": _flag,
    "keeps_captures": _flag,
    "keeps_sources": _flag,
    "budget": _text,
    "unit": _value_of(Unit),
    "trouble": _text,
    "group": _text,
    "repeat_index": _whole,
    "side": _one_of(RunSide),
    "environment": _text_by_text,
}
_REQUIRED = ("id", "name", "kind", "state", "created")
# A field that is added to the model has to be added here, or it would not be saved.
assert set(_FIELDS) == set(SessionMeta.__dataclass_fields__)
