"""Changes one setting in the user's file: comments, order and what is not known stay as they are."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from perftui.errors import ConfigError, Place, UsageError
from perftui.settings.directories import user_directory
from perftui.settings.load import check_settings, values_of
from perftui.settings.options import Option
from perftui.settings.preferences import SETTINGS_FILE
from perftui.toml.places import KeyPath, Places, Statement
from perftui.toml.table import read_text

Values = Mapping[str, object]


def save_setting(option: Option, text: str, *, environ: Mapping[str, str] | None = None) -> Path:
    """Write what a person typed for a setting into the user's file and return the file.

    Raises `UsageError` for a value that cannot be, and `ConfigError` for a file that is not right: that is not touched.
    """
    return _change(option, option.literal(text), environ)


def reset_setting(option: Option, *, environ: Mapping[str, str] | None = None) -> Path:
    """Take a setting out of the user's file, so that another place or the default holds, and return the file."""
    return _change(option, None, environ)


def with_setting(text: str, option: Option, literal: str | None, path: Path) -> str:
    """Return a settings file's text with one setting changed, or without it; raises `ConfigError`."""
    before = values_of(text, path)
    line_end = "\r\n" if 0 < text.count("\r\n") == text.count("\n") else "\n"
    plain = text.replace("\r\n", "\n")
    for name in option.spellings:
        written = (*option.path[:-1], name)
        statement = Places(plain).statements.get(written)
        if statement is not None:
            plain = _replaced(plain, statement, written, option, literal)
            break
    else:
        if literal is not None:
            plain = _added(plain, option, literal)
    # Whatever was changed is read again: nothing but this one value may differ.
    if _without(_read_again(plain, path), option) != _without(before, option):
        raise _not_by_us(option, path)
    if (literal is not None) != _holds(_read_again(plain, path), option):
        raise _not_by_us(option, path)
    return plain.replace("\n", line_end)


def _change(option: Option, literal: str | None, environ: Mapping[str, str] | None) -> Path:
    path = user_directory(environ) / SETTINGS_FILE
    text = read_text(path) if path.exists() else ""
    if text:
        check_settings(text, path)
    changed = with_setting(text, option, literal, path)
    check_settings(changed, path)
    if changed != text:
        _write(path.resolve(), changed)
    return path


def _replaced(text: str, statement: Statement, written: KeyPath, option: Option, literal: str | None) -> str:
    value_end = statement.value + len(text[statement.value : statement.end].rstrip())
    if literal is None:
        return _without_line(text, statement.start, value_end)
    key = text[statement.start : statement.value]
    at = key.rfind(written[-1])
    # Another spelling has another unit.
    key = key[:at] + option.path[-1] + key[at + len(written[-1]) :] if at >= 0 else key
    return text[: statement.start] + key + literal + text[value_end:]


def _without_line(text: str, start: int, end: int) -> str:
    """Take a statement away; a comment behind it stays, as a line of its own."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end + 1
    rest = text[end:line_end].strip()
    return text[:line_start] + (f"{rest}\n" if rest else "") + text[line_end:]


def _added(text: str, option: Option, literal: str) -> str:
    places = Places(text)
    *table, name = option.path
    line = f"{name} = {literal}\n"
    if not table:
        return _at_top(text, places, line)
    header = places.headers.get(tuple(table))
    if header is not None:
        return _after_line(text, header, line)
    dotted = [at for path, at in places.statements.items() if path[:-1] == tuple(table)]
    if dotted:
        # The table is written as dotted keys, which stand outside of every other table.
        start = text.rfind("\n", 0, dotted[0].start) + 1
        return f"{text[:start]}{'.'.join(table)}.{line}{text[start:]}"
    gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    return f"{text}{gap}[{'.'.join(table)}]\n{line}"


def _at_top(text: str, places: Places, line: str) -> str:
    """Add a line to what stands before the first table."""
    first_header = min(places.headers.values(), default=len(text) + 1)
    above = [at.end for at in places.statements.values() if at.end < first_header]
    if above:
        return _after_line(text, max(above), line)
    if not places.headers:
        return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{line}"
    return f"{line}\n{text}"


def _after_line(text: str, at: int, line: str) -> str:
    end = text.find("\n", at)
    return f"{text}\n{line}" if end < 0 else text[: end + 1] + line + text[end + 1 :]


def _read_again(text: str, path: Path) -> Values:
    try:
        return values_of(text, path)
    except ConfigError:
        return {}


def _without(values: Values, option: Option) -> Values:
    """Return the values without one setting, and without tables that it leaves empty."""
    *table, _ = option.path
    left = dict(values)
    inner = left.get(table[0]) if table else left
    if not isinstance(inner, Mapping):
        return left
    kept = {key: value for key, value in inner.items() if key not in option.spellings}
    if not table:
        return kept
    left.pop(table[0])
    return {**left, table[0]: kept} if kept else left


def _holds(values: Values, option: Option) -> bool:
    *table, name = option.path
    inner = values.get(table[0]) if table else values
    return isinstance(inner, Mapping) and name in inner


def _not_by_us(option: Option, path: Path) -> ConfigError:
    return ConfigError(
        f"{option.key} stands where it cannot be changed without touching something else",
        Place(path),
        hint="change it in an editor: an inline table such as { ... } is left alone",
    )


def _write(path: Path, text: str) -> None:
    """Replace a file as a whole; its permissions stay."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".settings-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="check its permissions") from None
