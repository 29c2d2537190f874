"""Scopes as JSON text, and back: as strict as with anything that comes from a file."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from perftui.analysis.code_origin import Origin
from perftui.analysis.scope import (
    EVERYTHING,
    MOST_PARTS,
    Between,
    Collapsed,
    Fading,
    Focus,
    GilHolders,
    Hidden,
    Last,
    MergedRecursion,
    OnlyProcess,
    OnlyThread,
    OnlyThreadsNamed,
    OwnOnly,
    Part,
    RootedAt,
    Scope,
    WithoutIdle,
    WithoutOrigin,
    WithoutProcess,
    WithoutThread,
    WithoutThreadsNamed,
)

_MOST_TEXT = 4_096
_MOST_JSON = 1 << 20
_LARGEST_ID = 1 << 62

_KINDS: dict[str, type[Part]] = {
    "own_only": OwnOnly,
    "without_origin": WithoutOrigin,
    "focus": Focus,
    "hidden": Hidden,
    "collapsed": Collapsed,
    "merged_recursion": MergedRecursion,
    "rooted_at": RootedAt,
    "without_idle": WithoutIdle,
    "gil_holders": GilHolders,
    "without_thread": WithoutThread,
    "only_thread": OnlyThread,
    "without_process": WithoutProcess,
    "only_process": OnlyProcess,
    "without_threads_named": WithoutThreadsNamed,
    "only_threads_named": OnlyThreadsNamed,
    "between": Between,
    "last": Last,
    "fading": Fading,
}
_NAMES = {part: kind for kind, part in _KINDS.items()}


def to_json(scope: Scope) -> str:
    """Return a scope as JSON text."""
    return json.dumps(to_table(scope), separators=(",", ":"))


def to_table(scope: Scope) -> dict[str, object]:
    """Return a scope as JSON's values."""
    return {"version": 1, "parts": [{"kind": _NAMES[type(part)], **_values(part)} for part in scope.parts]}


def from_json(text: str) -> Scope:
    """Return the scope that JSON text says; raises `ValueError` with a sentence where it says none."""
    if len(text) > _MOST_JSON:
        raise ValueError("a scope is longer than any that is saved")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"a scope is no JSON ({error})") from None
    return from_table(found)


def from_table(found: object) -> Scope:
    """Return the scope that JSON's values say; raises `ValueError` with a sentence where they say none."""
    if not isinstance(found, dict) or found.keys() != {"version", "parts"}:
        raise ValueError("a scope has other fields than a version and its parts")
    version, parts = found["version"], found["parts"]
    if version != 1 or isinstance(version, bool):
        raise ValueError("a scope has an unknown version")
    if not isinstance(parts, list) or len(parts) > MOST_PARTS:
        raise ValueError("a scope has no list of parts, or too many")
    scope = EVERYTHING
    for part in map(_part, parts):
        if scope.added(part) == scope or len(scope.added(part).parts) <= len(scope.parts):
            raise ValueError("a scope says something twice")
        scope = scope.added(part)
    return scope


def _values(part: Part) -> dict[str, str | int | float]:
    values = {field.name: getattr(part, field.name) for field in fields(part)}
    return {name: value.value if isinstance(value, Origin) else value for name, value in values.items()}


def _part(found: object) -> Part:
    if not isinstance(found, dict):
        raise ValueError("a part of a scope is no table")
    kind = found.get("kind")
    made = _KINDS.get(kind) if isinstance(kind, str) else None
    if made is None:
        raise ValueError("a part of a scope is of an unknown kind")
    wanted = {field.name: str(field.type) for field in fields(made)}
    if found.keys() != {"kind", *wanted}:
        raise ValueError(f"a part of a scope ({kind}) has other fields than it should")
    values: dict[str, Any] = {name: _value(found[name], of) for name, of in wanted.items()}
    part = made(**values)
    _check_time(part)
    return part


def _value(value: object, of: str) -> str | float | Origin:
    match value:
        case bool():
            pass
        case str() if of == "Origin":
            return Origin(value)
        case str() if of == "str" and len(value) <= _MOST_TEXT:
            return value
        case int() if of in {"int", "float"} and 0 <= value <= _LARGEST_ID:
            return float(value) if of == "float" else value
        case float() if of == "float" and 0 <= value <= _LARGEST_ID:
            return value
    raise ValueError("a part of a scope has an impossible value")


def _check_time(part: Part) -> None:
    match part:
        case Between(start_s, end_s) if start_s > end_s:
            raise ValueError("a range of a scope ends before it begins")
        case Last(seconds) | Fading(seconds) if seconds <= 0:
            raise ValueError("a part of a scope lasts no time")
        case _:
            return
