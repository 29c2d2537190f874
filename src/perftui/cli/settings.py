"""`perftui settings`: every setting, where its value comes from, and changing it in the user's file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from textwrap import wrap

import click

from perftui.cli import console
from perftui.cli.options import json_option
from perftui.settings.editing import reset_setting, save_setting
from perftui.settings.options import (
    OPTIONS,
    RENAMES,
    RENAMES_HELP,
    Option,
    option_of,
    origin_of,
    renames_origin,
    renames_shown,
)
from perftui.settings.preferences import read_settings
from perftui.settings.spec import Settings
from perftui.text import printable

_GAP = 2


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def settings(ctx: click.Context, as_json: bool) -> int:
    """List the settings that hold here, with the place that each value comes from.

    From strong to weak: environment, project (perftui.toml or pyproject.toml), the user's settings.toml, default.
    """
    if ctx.invoked_subcommand is not None:
        return 0
    held = read_settings()
    if as_json:
        entries = [_document(option, held) for option in OPTIONS]
        console.document(
            {
                "schema": "perftui.settings/1",
                "drawn_hz": held.drawn_hz,
                "settings": entries,
                "renames": dict(held.renames),
            }
        )
        return 0
    rows = [(option.key, option.shown(held), origin_of(option, held), option.help) for option in OPTIONS]
    rows.append((RENAMES, renames_shown(held), renames_origin(held), RENAMES_HELP))
    rows += [("", f"{old} = {new}", "", "") for old, new in held.renames.items()]
    console.data(_listed(rows))
    if held.drawn_hz != held.refresh_hz:
        console.say(f"a live view is drawn at {held.drawn_hz:g} Hz here: {held.why_slower}")
    console.next_command("perftui settings set KEY VALUE")
    return 0


Row = tuple[str, str, str, str]


def _listed(rows: Sequence[Row]) -> str:
    """Return settings as a table, or where a terminal is too narrow for one, with what they are below them."""
    from rich.cells import cell_len

    table = console.table(("setting", "value", "from", "what it is"), rows)
    if not sys.stdout.isatty() or max(map(cell_len, table.splitlines())) <= console.columns():
        return table
    width = console.columns()
    key_cells = max(len(key) for key, *_ in rows) + _GAP
    lines: list[str] = []
    for key, value, origin, about in rows:
        beside = f"{printable(value)}  ({printable(origin)})" if origin else printable(value)
        lines += wrapped(f"{key:<{key_cells}}{beside}", width, indent=key_cells)
        lines += wrapped(f"    {about}", width, indent=4) if about else []
    return "\n".join(lines)


def wrapped(text: str, width: int, *, indent: int) -> list[str]:
    """Return a text as lines that break between words; only what is longer than a line is broken within."""
    return wrap(text, width, subsequent_indent=" " * indent, break_on_hyphens=False, drop_whitespace=True) or [""]


@settings.command("set")
@click.argument("key")
@click.argument("value")
def set_one(key: str, value: str) -> int:
    """Write a setting into the user's settings.toml; comments and order of the file stay."""
    option = option_of(key)
    path = save_setting(option, value)
    if option.open_choice and value not in option.choices:
        # Which themes Textual has is known only where screens are drawn.
        console.say(
            f"{value} is none of perftui's palettes; without a theme of Textual's of that name no screen starts"
        )
        console.say(f"perftui's are {', '.join(option.choices)}")
    _tell(option, f"{option.key} is written to {path}", str(path))
    return 0


@settings.command()
@click.argument("key")
def reset(key: str) -> int:
    """Take a setting out of the user's settings.toml, so that its default holds again."""
    option = option_of(key)
    path = reset_setting(option)
    _tell(option, f"{option.key} is not in {path} any more", "")
    return 0


def _tell(option: Option, what: str, wanted_origin: str) -> None:
    held = read_settings()
    console.say(what)
    origin = held.origins.get(option.key, "")
    if origin and origin != wanted_origin:
        console.say(f"here {origin} says otherwise: {option.key} is {option.shown(held)}", colour="yellow")


def _document(option: Option, held: Settings) -> dict[str, object]:
    value = option.value(held)
    return {
        "key": option.key,
        "value": value if value is None or isinstance(value, bool | int | float) else str(value),
        "origin": origin_of(option, held),
        "limits": option.limits,
        "help": option.help,
    }
