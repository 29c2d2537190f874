"""A table of a TOML document whose values are handed out checked; what nobody asked for is an unknown key."""

from __future__ import annotations

import difflib
import re
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from perftui.errors import ConfigError, Place
from perftui.text import printable
from perftui.toml.places import MOST_NESTED, MOST_PARTS, KeyPath, Places
from perftui.units import UNIT_FACTORS, Unit, parse_value, tidy

Parser = Callable[[str], Mapping[str, Any]]
"""Makes the values of a TOML text; what it raises for a wrong text is a `ValueError`."""

MAX_BYTES = 256 * 1024
"""A file made by people is a hundredth of this; a parser's memory and time grow with it."""
# A petabyte, or thirty million years: beyond it a number is a slip, and arithmetic would lose its units.
_LARGEST = 1e15
_SHOWN_CHARACTERS = 60

_KEY_SUFFIXES: dict[Unit, dict[str, float]] = {
    Unit.SECONDS: {name: UNIT_FACTORS[Unit.SECONDS][name] for name in ("ns", "us", "ms", "s", "min", "h")},
    Unit.BYTES: {name: UNIT_FACTORS[Unit.BYTES][name] for name in ("bytes", "kb", "mb", "gb", "kib", "mib", "gib")},
    Unit.PERCENT: {"pct": 1.0, "percent": 1.0},
    Unit.PER_SECOND: {"per_s": 1.0},
    Unit.BYTES_PER_SECOND: {
        f"{name}_per_s": UNIT_FACTORS[Unit.BYTES][name] for name in ("bytes", "kb", "mb", "gb", "kib", "mib", "gib")
    },
    Unit.BYTES_PER_MINUTE: {
        f"{name}_per_min": UNIT_FACTORS[Unit.BYTES][name] for name in ("bytes", "kb", "mb", "gb", "kib", "mib", "gib")
    },
}
_LINE_OF_MESSAGE = re.compile(r"\s*\(at (?:line \d+, column (\d+)|end of document)\)$")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def read_document(path: Path, parse: Parser) -> Table:
    """Read a TOML file and return its outermost table; raises `ConfigError` for whatever is wrong with it."""
    return parse_document(read_text(path), path, parse)


def read_text(path: Path) -> str:
    """Return the text of a configuration file, refusing what is none before it costs anything."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            kind = "a directory" if path.is_dir() else "not a regular file"
            raise ConfigError(f"this is {kind}", Place(path), hint="name a TOML file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError("there is no such file", Place(path), hint="check the name and the directory") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a file name"
        raise ConfigError(f"cannot be read: {reason}", Place(path), hint="check the name and its permissions") from None
    if len(data) > MAX_BYTES:
        raise ConfigError("is larger than 256 KiB", Place(path), hint="a configuration file is much smaller than that")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError("is not UTF-8 text", Place(path, line), hint="save it with the encoding UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ConfigError("is not UTF-8 text", Place(path, line), hint="save it with the encoding UTF-8") from None
    return text


def parse_document(text: str, path: Path, parse: Parser) -> Table:
    """Return the outermost table of a TOML text; `path` is named in what is raised."""
    text = text.replace("\r\n", "\n")
    places = Places(text)
    if places.excess_line is not None:
        raise ConfigError(
            f"nested more than {MOST_NESTED} levels deep, or a key of more than {MOST_PARTS} parts",
            Place(path, places.excess_line),
            hint="write it flatter",
        )
    try:
        data = parse(text)
    except RecursionError:
        raise ConfigError("nested too deeply", Place(path), hint="write it flatter") from None
    except ValueError as error:
        raise _syntax_error(error, path) from None
    return Table(path, places, (), data)


def _syntax_error(error: ValueError, path: Path) -> ConfigError:
    message = str(error)
    column = _LINE_OF_MESSAGE.search(message)
    line = getattr(error, "lineno", None)
    if "integer string conversion" in message:
        return ConfigError("a number has thousands of digits", Place(path), hint="write it shorter")
    what = shown(_LINE_OF_MESSAGE.sub("", message))
    where = f" at column {column[1]}" if column and column[1] else ""
    return ConfigError(f"not valid TOML: {what}{where}", Place(path, line), hint="see https://toml.io for the syntax")


class Table:
    """One table, with its place; asking for a key makes it known."""

    def __init__(self, file: Path, places: Places, path: KeyPath, data: Mapping[str, Any]) -> None:
        self.file = file
        self.path = path
        self._places = places
        self._data = data
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._data

    @property
    def name(self) -> str:
        """Its name as the file writes it."""
        return dotted(self.path)

    def place(self, key: str = "") -> Place:
        """Return where a key stands."""
        path = (*self.path, key) if key else self.path
        return Place(self.file, self._places.line(path), _short(self.path), _short((key,)) if key else "")

    def error(self, key: str, message: str, *, hint: str = "") -> ConfigError:
        """Return a complaint about a key, to be raised."""
        return ConfigError(message, self.place(key), hint=hint)

    def value(self, key: str) -> Any:
        """Return a value as it was written, or None; the caller checks it."""
        self._asked.add(key)
        return self._data.get(key)

    def text(self, key: str, default: str = "") -> str:
        """Return a string."""
        value = self.value(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.error(key, f"must be a string, not {kind_of(value)}", hint='write it in quotes: "..."')
        if "\0" in value:
            raise self.error(key, "must not hold a NUL character")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self.value(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.error(key, f"must be a list of strings, not {kind_of(value)}", hint='write it as ["one", "two"]')
        for item in value:
            if not isinstance(item, str) or "\0" in item:
                raise self.error(key, f"must hold strings only, not {kind_of(item)}", hint='write it as ["one", "two"]')
        return tuple(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        found = self.maybe_flag(key)
        return default if found is None else found

    def maybe_flag(self, key: str) -> bool | None:
        """Return true, false, or None where the key is not there."""
        value = self.value(key)
        if value is not None and not isinstance(value, bool):
            raise self.error(key, f"must be true or false, not {kind_of(value)}", hint="write it without quotes")
        return value

    def number(self, key: str, *, above_zero: bool = False, at_most: float = _LARGEST) -> float | None:
        """Return a number that is not negative."""
        value = self.value(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, f"must be a number, not {kind_of(value)}", hint="write it without quotes")
        return self._checked(key, value, above_zero=above_zero, at_most=at_most)

    def whole(self, key: str, *, above_zero: bool = False, at_most: int) -> int | None:
        """Return a whole number that is not negative."""
        number = self.number(key, above_zero=above_zero, at_most=at_most)
        if number is not None and number != int(number):
            raise self.error(key, "must be a whole number")
        return None if number is None else int(number)

    def quantity(
        self,
        base: str,
        unit: Unit,
        *,
        above_zero: bool = False,
        at_most: float = _LARGEST,
        plain: bool = True,
        bare: bool = True,
    ) -> float | None:
        """Return a quantity in base units: `base = "5ms"`, `base_ms = 5` or, where `plain`, `base = 5`.

        Where not `bare`, the key without a unit belongs to another quantity. Raises where it is written twice.
        """
        found: list[tuple[str, float]] = []
        for suffix, factor in _KEY_SUFFIXES.get(unit, {}).items():
            key = f"{base}_{suffix}"
            if key in self and isinstance(self._data[key], str):
                if factor != 1.0 and _is_number(self.text(key)):
                    # As text it names its own unit, or none: the key's would be a guess.
                    raise self.error(key, "a number in quotes", hint=f"write {key} without quotes")
                found.append((key, self._parsed(key, base, unit, above_zero=above_zero, at_most=at_most)))
            elif (number := self.number(key, above_zero=above_zero)) is not None:
                found.append((key, self._checked(key, tidy(number * factor), above_zero=False, at_most=at_most)))
        value = self.value(base) if bare else None
        if isinstance(value, str):
            if not plain and _is_number(value):
                raise self.error(base, "a number without a unit", hint=self._unit_hint(base, unit))
            found.append((base, self._parsed(base, base, unit, above_zero=above_zero, at_most=at_most)))
        elif value is not None:
            number = self.number(base, above_zero=above_zero, at_most=at_most)
            if not plain:
                raise self.error(base, "a number without a unit", hint=self._unit_hint(base, unit))
            found.append((base, number or 0.0))
        if len(found) > 1:
            raise self.error(found[1][0], f"says the same as {found[0][0]}", hint="keep one of the two")
        return found[0][1] if found else None

    def key_of(self, base: str, unit: Unit, *, bare: bool = True) -> str:
        """Return the key under which a quantity is written."""
        return next((key for key in spellings(base, unit) if key in self and (bare or key != base)), base)

    def choice(self, key: str, choices: Collection[str], default: str) -> str:
        """Return one of a few words."""
        value = self.text(key, default)
        if value not in choices:
            listed = ", ".join(f'"{choice}"' for choice in choices)
            raise self.error(key, f'"{shown(value)}" is none of {listed}', hint=suggestion(value, choices))
        return value

    def table(self, key: str) -> Table:
        """Return a table in this one; an empty one where it is not there."""
        value = self.value(key)
        if value is None:
            value = {}
        if not isinstance(value, Mapping):
            raise self.error(key, f"must be a table, not {kind_of(value)}", hint=f"write [{_short((*self.path, key))}]")
        return Table(self.file, self._places, (*self.path, key), value)

    def tables(self) -> Iterator[tuple[str, Table]]:
        """Yield every table in this one; anything else in it is an error."""
        for key in self._data:
            yield key, self.table(key)

    def names(self) -> tuple[str, ...]:
        """Return its keys in the order of the file."""
        return tuple(self._data)

    def close(self) -> None:
        """Raise for the first key that nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                inside = f"in [{_short(self.path)}]" if self.path else "at the top of the file"
                hint = suggestion(key, self._asked) or f"known here: {', '.join(sorted(self._asked)[:12])}"
                raise self.error(key, f'unknown key "{shown(key)}" {inside}', hint=hint)

    def _parsed(self, key: str, base: str, unit: Unit, *, above_zero: bool, at_most: float) -> float:
        value = self.text(key)
        try:
            quantity = parse_value(value, unit)
        except ValueError as error:
            hint = "a limit cannot be negative" if value.strip().startswith("-") else self._unit_hint(base, unit)
            raise self.error(key, f'"{shown(value)}" is {error}', hint=hint) from None
        return self._checked(key, quantity, above_zero=above_zero, at_most=at_most)

    def _checked(self, key: str, number: float, *, above_zero: bool, at_most: float) -> float:
        if isinstance(number, float) and not isfinite(number):
            raise self.error(key, "must be a finite number")
        if number < 0:
            raise self.error(key, "must not be negative")
        if above_zero and number == 0:
            raise self.error(key, "must be greater than zero")
        if number > at_most:
            # The digits of a number this large say nothing.
            raise self.error(key, f"must be at most {at_most:g}")
        return float(number)

    def _unit_hint(self, base: str, unit: Unit) -> str:
        known = [key for key in spellings(base, unit) if key != base]
        examples = {
            Unit.BYTES: '"100MB"',
            Unit.SECONDS: '"5ms"',
            Unit.BYTES_PER_SECOND: '"100MB/s"',
            Unit.BYTES_PER_MINUTE: '"1MB/min"',
        }
        example = examples.get(unit, '"10"')
        return f"write {base} = {example}" + (f", or use the key {known[len(known) // 2]}" if known else "")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def spellings(base: str, unit: Unit) -> list[str]:
    """Return the keys that a quantity may be written under, the one without a unit first."""
    return [base, *(f"{base}_{suffix}" for suffix in _KEY_SUFFIXES.get(unit, {}))]


def suggestion(word: str, known: Collection[str]) -> str:
    """Return a hint that names the known word that was probably meant, or nothing."""
    close = difflib.get_close_matches(word[:_SHOWN_CHARACTERS], sorted(known), n=1, cutoff=0.6)
    return f'did you mean "{close[0]}"?' if close else ""


def dotted(path: KeyPath) -> str:
    """Return a key path as a TOML file writes it, harmless to draw."""
    return ".".join(part if _BARE.fullmatch(part) else _quoted(part) for part in path)


def _quoted(part: str) -> str:
    escaped = part.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{printable(escaped)}"'


def _short(path: KeyPath) -> str:
    return dotted(tuple(shown(part) for part in path))


def shown(text: str) -> str:
    """Return text from a file as it may stand in a message: printable, and not endless."""
    safe = printable(text[: _SHOWN_CHARACTERS + 1])
    return safe if len(text) <= _SHOWN_CHARACTERS else f"{safe[:_SHOWN_CHARACTERS]}…"


def kind_of(value: object) -> str:
    """Return what a TOML value is, in words."""
    match value:
        case bool():
            return "true or false"
        case str():
            return f'the string "{shown(value)}"'
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case Mapping():
            return "a table"
        case _:
            return "a date or a time"
