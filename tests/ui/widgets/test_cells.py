"""Text keeps to its cells, whatever it is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from perftui.ui.widgets.cells import bar, clean, fit, fit_end, fit_middle, width_of

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("日本語é\u0301\u200d\ufe0f👨‍👩‍👧🇩🇪שלוםمرحبا\x1b[31m\r\n\t\x00\u202e\u2066[/]\\ "),
    ),
    max_size=40,
)


@given(HOSTILE, st.integers(0, 60), st.booleans())
def test_a_fitted_text_has_exactly_its_cells(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(clean(text), width, right=right)) == width
    assert cell_len(fit_end(clean(text), width)) == width
    assert cell_len(fit_middle(clean(text), width)) == width
    assert cell_len(fit_middle(clean(text), width, tail=clean(text)[-12:])) == width


@given(HOSTILE)
def test_a_clean_text_has_nothing_that_acts_and_is_as_wide_as_its_characters(text: str) -> None:
    cleaned = clean(text)
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) < 0x202F for c in cleaned)
    assert width_of(cleaned) == sum(cell_len(character) for character in cleaned)


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("work", 6, "work  "),
        ("working", 5, "work…"),
        ("日本語", 4, "日 …"),
        ("日本語", 5, "日本…"),
        ("abc", 1, "…"),
        ("a", 0, ""),
    ],
)
def test_what_does_not_fit_is_cut(text: str, width: int, shown: str) -> None:
    assert fit(text, width) == shown


def test_of_a_file_name_the_end_stays() -> None:
    assert fit_end("app/services/pricing.py:88", 14) == "…pricing.py:88"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (20, "test_seria…[json-10]"),
        (9, "test…-10]"),
        (60, "test_serialize_document[json-10]".ljust(60)),
    ],
)
def test_of_a_name_with_a_parameter_the_parameter_stays(width: int, shown: str) -> None:
    assert fit_middle("test_serialize_document[json-10]", width, tail="[json-10]") == shown


@given(st.floats(-1, 2), st.integers(0, 40))
def test_a_bar_fills_its_room(share: float, width: int) -> None:
    filled, empty = bar(share, width)
    assert len(filled) + len(empty) == width
    assert bool(filled) == (share > 0 and width > 0)
    assert share < 1 or not empty
