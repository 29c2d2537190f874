from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.saved_scopes import LONGEST_NAME, MOST_CHARS, SavedScopes, check_name, from_text, to_text
from perftui.analysis.scope import EVERYTHING, Between, Hidden, Last, OwnOnly, Scope
from perftui.model.heap import HeapView
from tests.analysis.test_scope import scopes

by_lens = st.dictionaries(st.none() | st.sampled_from(HeapView), scopes, max_size=4)
named = st.dictionaries(st.sampled_from(["mine", "only json", "ohne Bücher"]), scopes, max_size=3)


@given(by_lens, named)
def test_what_is_kept_is_found_again(lenses: dict[HeapView | None, Scope], names: dict[str, Scope]) -> None:
    kept = SavedScopes.of(lenses, names)
    assert from_text(to_text(kept)) == kept


def test_windows_that_slide_and_ranges_of_memory_are_not_kept() -> None:
    own = EVERYTHING.added(OwnOnly())
    kept = SavedScopes.of({None: own.added(Last(5.0)), HeapView.HELD: own.added(Between(0.0, 1.0))}, {})
    assert kept.by_lens == {None: own, HeapView.HELD: own}
    assert SavedScopes.of({None: EVERYTHING.added(Last(5.0))}, {}) == SavedScopes()
    assert to_text(SavedScopes()) == ""


def document(**changes: object) -> str:
    return json.dumps({"version": 1, "lenses": {}, "named": {}, **changes})


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[" * 50_000,
        "[]",
        "null",
        document(version=2),
        document(more=1),
        document(lenses=[]),
        document(lenses={"elsewhere": {"version": 1, "parts": []}}),
        document(lenses={"cpu": {"version": 1, "parts": [{"kind": "exec", "code": "1"}]}}),
        document(named={"a\x1b[31m": {"version": 1, "parts": []}}),
        document(named={"": {"version": 1, "parts": []}}),
        document(named={str(n): {"version": 1, "parts": []} for n in range(51)}),
        document(note="x" * MOST_CHARS),
    ],
)
def test_a_hostile_scope_is_refused_with_one_sentence(text: str) -> None:
    found = from_text(text)
    assert (dict(found.by_lens), dict(found.named)) == ({}, {})
    assert found.refused.startswith("the scope kept with this session cannot be read (")
    assert len(found.refused) < 200
    assert "\x1b" not in found.refused


def test_more_than_is_ever_read_again_is_not_kept() -> None:
    parts = tuple(Hidden("f" * 4_000, str(n)) for n in range(30))
    assert to_text(SavedScopes({None: Scope(parts)})) == ""


def test_names_are_short_and_can_be_shown() -> None:
    assert check_name("mine", {}) == ""
    assert check_name("", {})
    assert check_name("x" * (LONGEST_NAME + 1), {})
    assert check_name("a\nb", {})
    assert check_name("one more", {str(n): EVERYTHING for n in range(50)}).startswith("a session keeps 50")
