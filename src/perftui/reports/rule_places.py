"""On which line of its file a rule of a budget is stated."""

from __future__ import annotations

import re
from pathlib import Path

from perftui.errors import ConfigError
from perftui.toml.places import KeyPath, Places
from perftui.toml.table import read_text

_PART = re.compile(r'"((?:[^"\\]|\\.)*)"|([^."]+)')
_ESCAPED = re.compile(r"\\(.)")


class RulePlaces:
    """The lines of one file; of a budget without a file nothing is known."""

    def __init__(self, path: Path | None) -> None:
        self._places: Places | None = None
        if path is not None:
            try:
                self._places = Places(read_text(path).replace("\r\n", "\n"))
            except ConfigError:
                # It went, or was broken, since it was read: lines are a help and no more.
                self._places = None

    def line(self, rule: str) -> int | None:
        """Return the line, counted from 1, of a rule as its verdict names it, or of the nearest table around it."""
        return None if self._places is None else self._places.line(key_path(rule))


def key_path(rule: str) -> KeyPath:
    """Return the key of a rule with the tables it is in; the inverse of `toml.table.dotted`."""
    return tuple(_ESCAPED.sub(r"\1", quoted) if quoted else bare for quoted, bare in _PART.findall(rule))
