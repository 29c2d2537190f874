"""What a workload printed, as lines that are safe to draw: a small terminal that knows lines and nothing else.

Bytes may be cut anywhere; the lines come out the same. Carriage returns and backspaces write over what stands there,
as progress bars expect; colours, titles, cursor movements and everything else that acts on a terminal disappear.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left, bisect_right
from collections import deque

from perftui.ui.widgets.cells import clean

MAX_LINES = 5_000
MAX_LINE_CHARACTERS = 2_000
"""The rest of a longer line is not kept: nobody reads it, and one line must not fill the memory."""
_MAX_SEQUENCE = 4_096
"""An escape sequence longer than this is not one."""
_TAB = 8

_CSI = rf"\x1b\[[0-?]{{0,{_MAX_SEQUENCE}}}[ -/]{{0,64}}[@-~]"
# Titles, clipboard, hyperlinks, device control: up to BEL or ST, and never over the end of a line.
_STRING = rf"\x1b[\]PX^_][^\x07\x1b\n]{{0,{_MAX_SEQUENCE}}}(?:\x07|\x1b\\)"
_SHORT = r"\x1b[ -/]{0,64}[0-OQ-WYZ\\`-~]"
_TOKEN = re.compile(rf"(?P<text>[^\x00-\x1f\x7f]+)|(?P<csi>{_CSI})|{_STRING}|{_SHORT}|(?P<control>[\x00-\x1f\x7f])")
_CSI_BEGUN = rf"\[[0-?]{{0,{_MAX_SEQUENCE}}}[ -/]{{0,64}}"
_STRING_BEGUN = rf"[\]PX^_][^\x07\x1b\n]{{0,{_MAX_SEQUENCE}}}\x1b?"
_UNFINISHED = re.compile(rf"\x1b(?:{_CSI_BEGUN}|{_STRING_BEGUN}|[ -/]{{0,64}})\Z")


class OutputText:
    """Lines of output, the last of them perhaps unfinished."""

    def __init__(self, *, max_lines: int = MAX_LINES) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._lines: deque[str] = deque(maxlen=max_lines)
        self._ended_s: deque[float] = deque(maxlen=max_lines)
        """When each line ended."""
        self._began_s: deque[float] = deque(maxlen=max_lines)
        self._current_began_s: float | None = None
        """When something was first written into the line that has not ended; None while it is empty."""
        self._at_s = 0.0
        self._total = 0
        self._waiting = ""
        self._current = ""
        self._column = 0

    def __len__(self) -> int:
        return len(self._lines) + bool(self._current)

    @property
    def dropped(self) -> int:
        """Number of lines at the beginning that are not kept any more."""
        return self._total - len(self._lines)

    @property
    def lines(self) -> list[str]:
        """All lines that are kept, ready to be drawn."""
        return [self.line(index) for index in range(len(self))]

    def line(self, index: int) -> str:
        """Return one of the lines that are kept, ready to be drawn."""
        return self._lines[index] if index < len(self._lines) else clean(self._current)

    def between(self, start_s: float, end_s: float) -> range:
        """Return the lines that are kept and were written between two moments, in part at least.

        What is written comes in order of time, so they stand in a row.
        """
        began_s, ended_s = list(self._began_s), list(self._ended_s)
        if self._current:
            began_s.append(self._at_s if self._current_began_s is None else self._current_began_s)
            ended_s.append(self._at_s)
        return range(bisect_left(ended_s, start_s), max(bisect_left(ended_s, start_s), bisect_right(began_s, end_s)))

    def feed(self, data: bytes, at_s: float = 0.0) -> None:
        """Take the next bytes, which came at a moment of the recording."""
        # Clocks that go back must not tear the order.
        self._at_s = max(self._at_s, at_s)
        self._take(self._waiting + self._decoder.decode(data))

    def finish(self) -> None:
        """Take what is still waiting for its end."""
        rest = self._waiting + self._decoder.decode(b"", final=True)
        self._waiting = ""
        # An escape sequence that never ended shows its beginning as it is.
        self._take(rest, final=True)

    def _take(self, text: str, *, final: bool = False) -> None:
        at, end = 0, len(text)
        self._waiting = ""
        while at < end:
            if text[at] == "\x1b" and not final and (unfinished := _UNFINISHED.match(text, at)):
                self._waiting = unfinished.group()
                return
            token = _TOKEN.match(text, at)
            assert token is not None
            at = token.end()
            if token.lastgroup == "text":
                self._write(token.group())
            elif token.lastgroup == "control":
                self._obey(token.group())
            elif token.lastgroup == "csi":
                self._erase(token.group())

    def _write(self, text: str) -> None:
        room = MAX_LINE_CHARACTERS - self._column
        text = text[: max(0, room)]
        if self._current_began_s is None:
            self._current_began_s = self._at_s
        before = self._current
        if self._column > len(before):
            before = before.ljust(self._column)
        self._current = before[: self._column] + text + before[self._column + len(text) :]
        self._column += len(text)

    def _obey(self, control: str) -> None:
        match control:
            case "\n" | "\x0b" | "\x0c":
                self._end_line()
            case "\r":
                self._column = 0
            case "\b":
                self._column = max(0, self._column - 1)
            case "\t":
                self._write(" " * (_TAB - self._column % _TAB))
            case "\x00" | "\x07" | "\x0e" | "\x0f" | "\x7f":
                pass
            case _:
                self._write(control)

    def _erase(self, sequence: str) -> None:
        if sequence == "\x1b[2K":
            self._current = ""
        elif sequence in ("\x1b[K", "\x1b[0K"):
            self._current = self._current[: self._column]
        elif sequence == "\x1b[1K":
            self._current = " " * self._column + self._current[self._column :]
        elif sequence in ("\x1b[G", "\x1b[1G"):
            self._column = 0

    def _end_line(self) -> None:
        self._lines.append(clean(self._current))
        self._began_s.append(self._at_s if self._current_began_s is None else self._current_began_s)
        self._ended_s.append(self._at_s)
        self._current_began_s = None
        self._total += 1
        self._current = ""
        self._column = 0
