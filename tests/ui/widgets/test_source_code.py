"""Python told apart by what its words are, any part of a file by itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.recording.source_text import SourceText
from perftui.ui.widgets.source_code import SourceCode, Word, is_python


def code(*lines: str, python: bool = True) -> SourceCode:
    return SourceCode(SourceText("/srv/shop.py", lines), python=python)


def words(source: SourceCode, number: int) -> dict[str, Word]:
    return {text.strip(): word for text, word in source.pieces(number) if text.strip()}


def test_words_are_told_apart() -> None:
    source = code(
        "@cached", "def price(order: Order) -> float:", "    return len(order) * 1.5  # cents", "    x = 'eur'"
    )
    assert words(source, 1)["@cached"] is Word.DECORATOR
    assert words(source, 2)["def"] is Word.KEYWORD
    assert words(source, 2)["price"] is Word.DEFINITION
    third = words(source, 3)
    assert (third["return"], third["len"], third["1.5"]) == (Word.KEYWORD, Word.BUILTIN, Word.NUMBER)
    assert third["# cents"] is Word.COMMENT
    assert words(source, 4)["eur"] is Word.STRING


def test_a_part_far_down_looks_as_it_does_from_the_beginning() -> None:
    before = ['"""A long', *["for while 'quote" for _ in range(100)], 'text."""', "x = '''", "if", "'''"]
    source = code(*before, *["def f(): pass" for _ in range(100)])
    assert set(words(source, 70).values()) == {Word.STRING}
    assert set(words(source, 105).values()) <= {Word.STRING}
    assert words(source, 180)["def"] is Word.KEYWORD


def test_quotation_marks_in_comments_and_strings_open_nothing() -> None:
    source = code(
        "# it's", "x = 'a\\'b' + \"'''\" + '# no'", "y = r'\\'", *["# '''" for _ in range(70)], "def f(): pass"
    )
    assert words(source, 74)["def"] is Word.KEYWORD


def test_a_string_that_begins_where_another_ends_is_one_with_it() -> None:
    source = code("a = '''", *["x" for _ in range(40)], "''' + '''", *["y" for _ in range(40)], "'''", "def f(): pass")
    assert set(words(source, 70).values()) == {Word.STRING}
    assert words(source, 84)["def"] is Word.KEYWORD


def test_what_nobody_wrote_by_hand_stays_plain() -> None:
    source = code(*["x = 'a'" * 200 for _ in range(64)])
    assert {word for _, word in source.pieces(3)} == {Word.PLAIN}


def test_a_template_is_no_python() -> None:
    assert {word for _, word in code("{% for x in 'y' %}", python=False).pieces(1)} == {Word.PLAIN}
    assert not is_python("/srv/templates/page.html")
    assert is_python("/srv/shop.py")
    assert is_python("/srv/bin.d/manage")


def test_nothing_in_a_line_acts_on_the_terminal() -> None:
    source = code("x = '\x1b[31m\u202e'\t# \x07")
    drawn = "".join(text for text, _ in source.pieces(1))
    assert drawn.isprintable()
    assert "\x1b" not in drawn


@settings(max_examples=200)
@given(lines=st.lists(st.text(alphabet="'\"#\\ab \tf{}\x1b日\u202e", max_size=20), min_size=1, max_size=200))
def test_pieces_are_the_line(lines: list[str]) -> None:
    source = code(*lines)
    assert len(source) == len(lines)
    for number in (1, len(lines) // 2 + 1, len(lines)):
        assert "".join(text for text, _ in source.pieces(number)) == source.lines[number - 1]


@pytest.mark.parametrize("quotes", ['"""', "'''"])
def test_a_string_without_an_end_goes_on_to_the_end(quotes: str) -> None:
    source = code(f"x = {quotes}", *["def f(): pass" for _ in range(500)])
    assert set(words(source, 100).values()) == {Word.STRING}
    assert set(words(source, 500).values()) == {Word.STRING}
