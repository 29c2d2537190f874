"""The scopes that are kept with a session: the last one of each lens, and those that a person gave a name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from perftui.analysis.scope import Fading, Last, Scope
from perftui.analysis.scope_json import from_table, to_table
from perftui.model.heap import HeapView
from perftui.text import printable

MOST_CHARS = 1 << 16
"""What is longer was not made by a person."""
MOST_NAMED = 50
LONGEST_NAME = 60
_CPU = "cpu"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class SavedScopes:
    """What a person looked at, as it is kept with a session."""

    by_lens: Mapping[HeapView | None, Scope] = field(default_factory=dict)
    """The scope of each view of the heap, of CPU by None; a lens that shows everything is not here."""
    named: Mapping[str, Scope] = field(default_factory=dict)
    refused: str = ""
    """Why what was kept is not looked at, in one sentence."""

    @classmethod
    def of(cls, by_lens: Mapping[HeapView | None, Scope], named: Mapping[str, Scope]) -> SavedScopes:
        """Return what is worth keeping: a window that slides with a recording means nothing once that is over."""
        kept = {lens: _still(lens, scope) for lens, scope in by_lens.items()}
        return cls({lens: scope for lens, scope in kept.items() if scope.parts}, dict(named))


def to_text(scopes: SavedScopes) -> str:
    """Return scopes as JSON text; empty where there is nothing to keep, and where that is more than is kept."""
    if not scopes.by_lens and not scopes.named:
        return ""
    lenses = {_CPU if lens is None else lens.value: to_table(scope) for lens, scope in scopes.by_lens.items()}
    named = {name: to_table(scope) for name, scope in scopes.named.items()}
    text = json.dumps({"version": _VERSION, "lenses": lenses, "named": named}, separators=(",", ":"))
    return text if len(text) <= MOST_CHARS else ""


def from_text(text: str) -> SavedScopes:
    """Return the scopes that a session keeps; whatever is wrong with the text, it is refused with a sentence."""
    if not text:
        return SavedScopes()
    try:
        return _parsed(text)
    except (ValueError, TypeError, RecursionError) as error:
        return SavedScopes(refused=f"the scope kept with this session cannot be read ({printable(str(error))[:120]})")


def check_name(name: str, known: Mapping[str, Scope]) -> str:
    """Return why a scope cannot be called so; empty where it can."""
    if not name or len(name) > LONGEST_NAME or printable(name) != name:
        return f"a name of a scope has 1 to {LONGEST_NAME} characters that can be shown"
    if name not in known and len(known) >= MOST_NAMED:
        return f"a session keeps {MOST_NAMED} named scopes: take one away first"
    return ""


def _parsed(text: str) -> SavedScopes:
    if len(text) > MOST_CHARS:
        raise ValueError("it is too long")
    found = json.loads(text)
    if not isinstance(found, dict) or found.keys() != {"version", "lenses", "named"} or found["version"] != _VERSION:
        raise ValueError("it is of an unknown kind")
    lenses, named = found["lenses"], found["named"]
    if not isinstance(lenses, dict) or not isinstance(named, dict) or len(named) > MOST_NAMED:
        raise ValueError("it has no table of lenses and names")
    for name in named:
        if check_name(name, {}):
            raise ValueError("a name is impossible")
    by_lens = {_lens(name): from_table(table) for name, table in lenses.items()}
    return SavedScopes.of(by_lens, {name: from_table(table) for name, table in named.items()})


def _lens(name: str) -> HeapView | None:
    return None if name == _CPU else HeapView(name)


def _still(lens: HeapView | None, scope: Scope) -> Scope:
    return scope if lens is None and not isinstance(scope.time, Last | Fading) else scope.timeless()
