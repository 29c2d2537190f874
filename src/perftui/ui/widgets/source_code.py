"""Lines of Python told apart by what their words are: only those that are looked at, and each once.

Colours of a line depend on what stands before it only where a string goes on over several lines. Where those lie is
found in one pass; after that, any part of a file can be coloured by itself.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from perftui.recording.source_text import MOST_CHARACTERS, SourceText
from perftui.ui.widgets.cells import clean

_BLOCK_LINES = 64
"""Lines that are coloured at once: about a screen, some milliseconds."""
_MOST_BLOCKS = 128
_MOST_COLOURED = 40_000
"""Characters from which a part of a file stays plain: nobody wrote that by hand, and a key must not wait for it."""
_MOST_STRING_LINES = 400
"""A string that goes on for longer is not looked at from its beginning: its lines stay plain."""
_TAB = 8
_OPENING = re.compile(
    r'''#[^\n]*|(?P<long>"""|\'\'\')|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?'''  # comments, strings
)


class Word(Enum):
    """What a piece of a line is."""

    PLAIN = "plain"
    KEYWORD = "keyword"
    DEFINITION = "definition"
    BUILTIN = "builtin"
    DECORATOR = "decorator"
    STRING = "string"
    NUMBER = "number"
    COMMENT = "comment"


class Piece(NamedTuple):
    """Text of one kind, ready to be drawn."""

    text: str
    word: Word


Pieces = tuple[Piece, ...]

_WORDS: tuple[tuple[tuple[str, ...], Word], ...] = (
    (("Comment",), Word.COMMENT),
    (("Keyword",), Word.KEYWORD),
    (("Operator", "Word"), Word.KEYWORD),
    (("Name", "Function", "Magic"), Word.PLAIN),
    (("Name", "Function"), Word.DEFINITION),
    (("Name", "Class"), Word.DEFINITION),
    (("Name", "Builtin"), Word.BUILTIN),
    (("Name", "Exception"), Word.BUILTIN),
    (("Name", "Decorator"), Word.DECORATOR),
    (("Literal", "Number"), Word.NUMBER),
    (("Literal", "String", "Interpol"), Word.PLAIN),
    (("Literal", "String"), Word.STRING),
)
"""Beginnings of the names that Pygments gives to tokens, the first that fits decides."""


class SourceCode:
    """A source file whose lines can be drawn."""

    def __init__(self, text: SourceText, *, python: bool = True) -> None:
        self.text = text
        self.lines = tuple(clean(line.expandtabs(_TAB))[: MOST_CHARACTERS + 1] for line in text.lines)
        self._python = python
        self._blocks: dict[int, list[Pieces]] = {}
        self._string_starts = _string_starts(self.lines) if python else {}
        """Lines that begin within a string, each with the line where that begins."""

    def __len__(self) -> int:
        return len(self.lines)

    def pieces(self, number: int) -> Pieces:
        """Return the pieces of a line, counted from 1."""
        block, at = divmod(number - 1, _BLOCK_LINES)
        known = self._blocks.get(block)
        if known is None:
            if len(self._blocks) >= _MOST_BLOCKS:
                self._blocks.clear()
            known = self._blocks[block] = self._coloured(block)
        return known[at]

    def _coloured(self, block: int) -> list[Pieces]:
        first = block * _BLOCK_LINES
        lines = self.lines[first : first + _BLOCK_LINES]
        if not self._python:
            return [(Piece(line, Word.PLAIN),) for line in lines]
        start = self._string_starts.get(first, first)
        if first - start > _MOST_STRING_LINES:
            return [(Piece(line, Word.STRING),) for line in lines]
        text = "\n".join(self.lines[start : first + len(lines)])
        if len(text) > _MOST_COLOURED:
            return [(Piece(line, Word.PLAIN),) for line in lines]
        return _pieces_of(text)[first - start :]


def is_python(path: str) -> bool:
    """Say whether a file is Python by its name; templates have frames too."""
    return path.endswith((".py", ".pyw", ".pyi", ".pyx")) or "." not in path.rpartition("/")[2]


def _string_starts(lines: tuple[str, ...]) -> dict[int, int]:
    """Return the lines (from 0) that begin within a string of three quotes, each with the line that it begins in."""
    text = "\n".join(lines)
    found: dict[int, int] = {}
    line = at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        line += text.count("\n", at, opening.start())
        at = opening.end()
        end = at
        if opening["long"]:
            end = _end_of_string(text, opening["long"], at)
        # Where it begins in a line that another one ends in, both are looked at from the first.
        begun = found.get(line, line)
        after = line + 1
        line += text.count("\n", opening.start(), end)
        if opening["long"]:
            found.update(dict.fromkeys(range(after, line + 1), begun))
        at = end
    return found


def _end_of_string(text: str, quotes: str, at: int) -> int:
    while (found := text.find(quotes, at)) >= 0:
        before = found
        while before > at and text[before - 1] == "\\":
            before -= 1
        if (found - before) % 2 == 0:
            return found + len(quotes)
        at = found + 1
    return len(text)


def _pieces_of(text: str) -> list[Pieces]:
    # Loaded when the first source is looked at: half a hundred modules that a first paint must not wait for.
    from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]  # noqa: PLC0415

    lines: list[Pieces] = []
    line: list[Piece] = []
    for _, token, value in PythonLexer().get_tokens_unprocessed(text):
        word = _word_of(token)
        first, *more = value.split("\n")
        if first:
            line.append(Piece(first, word))
        for part in more:
            lines.append(tuple(line))
            line = [Piece(part, word)] if part else []
    lines.append(tuple(line))
    return lines


def _word_of(token: tuple[str, ...]) -> Word:
    return next((word for begins, word in _WORDS if token[: len(begins)] == begins), Word.PLAIN)
