"""On which line of a TOML text a key stands, for messages; and whether the text is shaped to exhaust a parser.

The parser gives values without places. This scanner reads keys only, tolerates a text that is not valid TOML, takes
linear time and never raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

KeyPath = tuple[str, ...]
"""A key with the tables it is in, from the outermost."""

MOST_PARTS = 32
"""Parts of one dotted key; a parser's time grows with their square."""
MOST_NESTED = 32
"""Arrays and inline tables within one another."""

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)+")
_SPACE = re.compile(r"[ \t\r]*")
_REST_OF_LINE = re.compile(r"[^\n]*")
_BARE_KEY = re.compile(r"[^\s=.\"'#\[\]{},]+")
_BARE_VALUE = re.compile(r"[^\s,\[\]{}#\"'][^,\[\]{}#\n\"']*")
_LONG_BASIC = re.compile(r'"""(?:\\.|[^\\])*?"""(?:"{0,2})', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''.*?'''(?:'{0,2})", re.DOTALL)
_BASIC = re.compile(r'"(?:\\.|[^"\\\n])*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_NAMED_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


@dataclass(frozen=True, slots=True)
class Statement:
    """Where a `key = value` stands that is in no inline table: offsets into the text."""

    start: int
    value: int
    end: int
    """Behind the value, and blanks after it."""


class Places:
    """Where the keys of one text stand."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        """The line, counted from 1, on which a table or a key is first named."""
        self.excess_line: int | None = None
        """The first line whose keys or brackets go deeper than a text made by people."""
        self.statements: dict[KeyPath, Statement] = {}
        self.headers: dict[KeyPath, int] = {}
        """The end of the line of a table's heading, as an offset."""
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._scan()

    def line(self, path: KeyPath) -> int | None:
        """Return the line of a key, or of the nearest table around it."""
        for length in range(len(path), 0, -1):
            found = self.lines.get(path[:length])
            if found is not None:
                return found
        return None

    def _scan(self) -> None:
        table: KeyPath = ()
        while self._skip_blank():
            if self._text[self._at] == "[":
                while self._peek() == "[":
                    self._at += 1
                table = self._key(())
                self._skip(_REST_OF_LINE)
                self.headers.setdefault(table, self._at)
                continue
            start = self._at
            path = self._key(table)
            if self._peek() == "=" and path != table:
                self._at += 1
                self._skip(_SPACE)
                value = self._at
                self._value(path)
                self.statements.setdefault(path, Statement(start, value, self._at))
            else:
                self._skip(_REST_OF_LINE)

    def _key(self, table: KeyPath) -> KeyPath:
        parts: list[str] = []
        self._skip(_SPACE)
        while (part := self._key_part()) is not None:
            parts.append(part)
            # A longer one is refused, so where it stands no longer matters.
            if len(parts) <= MOST_PARTS:
                self.lines.setdefault((*table, *parts), self._line_here())
            self._skip(_SPACE)
            if self._peek() != ".":
                break
            self._at += 1
            self._skip(_SPACE)
        if len(parts) > MOST_PARTS:
            self._exceed()
        return (*table, *parts[:MOST_PARTS])

    def _key_part(self) -> str | None:
        match self._peek():
            case '"':
                found = self._skip(_BASIC)
                return None if found is None else _unescaped(found[1:-1])
            case "'":
                found = self._skip(_LITERAL)
                return None if found is None else found[1:-1]
            case _:
                return self._skip(_BARE_KEY)

    def _value(self, path: KeyPath) -> None:
        """Read over one value; keys in its inline tables are under `path`, those of an array's tables too."""
        opened: list[tuple[str, KeyPath]] = []
        while True:
            if self._skip_blank(lines=bool(opened)):
                path = self._step(opened, path)
            if not opened or self._at >= len(self._text):
                return

    def _step(self, opened: list[tuple[str, KeyPath]], path: KeyPath) -> KeyPath:
        sign = self._text[self._at]
        if sign in "[{":
            self._at += 1
            opened.append((sign, path))
            if len(opened) > MOST_NESTED:
                self._exceed()
            return self._inline_key(path) if sign == "{" else path
        if sign in "]}":
            self._at += 1
            return opened.pop()[1] if opened else path
        if sign == ",":
            self._at += 1
            kind, outer = opened[-1] if opened else ("[", path)
            return self._inline_key(outer) if kind == "{" else outer
        if sign in "\"'":
            self._string(sign)
        elif self._skip(_BARE_VALUE) is None:
            self._at += 1
        return path

    def _inline_key(self, table: KeyPath) -> KeyPath:
        self._skip_blank()
        path = self._key(table[:MOST_PARTS])
        if self._peek() == "=":
            self._at += 1
        return path

    def _string(self, quote: str) -> None:
        if self._text.startswith(quote * 3, self._at):
            if self._skip(_LONG_BASIC if quote == '"' else _LONG_LITERAL) is None:
                self._at = len(self._text)
        elif self._skip(_BASIC if quote == '"' else _LITERAL) is None:
            # Not closed, so no TOML; looking on within the line would take the square of its length.
            self._skip(_REST_OF_LINE)

    def _skip_blank(self, *, lines: bool = True) -> bool:
        self._skip(_BLANK if lines else _SPACE)
        return self._at < len(self._text) and self._text[self._at] not in ("" if lines else "\n#")

    def _skip(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        return found[0]

    def _peek(self) -> str:
        return self._text[self._at] if self._at < len(self._text) else ""

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _exceed(self) -> None:
        if self.excess_line is None:
            self.excess_line = self._line_here()


def _unescaped(text: str) -> str:
    def character(escape: re.Match[str]) -> str:
        code = escape[1] or escape[2]
        if code:
            number = int(code, 16)
            return chr(number) if number <= 0x10FFFF else "�"
        return _NAMED_ESCAPES.get(escape[3], escape[3])

    return _ESCAPE.sub(character, text)
