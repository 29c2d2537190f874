"""`perftui settings`: every setting, where its value comes from, and changing it in the user's file."""

from __future__ import annotations

import click

from perftui.cli import console
from perftui.cli.options import json_option
from perftui.settings.editing import reset_setting, save_setting
from perftui.settings.options import OPTIONS, Option, option_of, origin_of
from perftui.settings.preferences import read_settings
from perftui.settings.spec import Settings


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
    console.data(console.table(("setting", "value", "from", "what it is"), rows))
    if held.renames:
        console.say(f"comparisons go by {len(held.renames):,} of your renames, the last of {_origin_of_renames(held)}")
    if held.drawn_hz != held.refresh_hz:
        console.say(f"a live view is drawn at {held.drawn_hz:g} Hz here: {held.why_slower}")
    console.next_command("perftui settings set KEY VALUE")
    return 0


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


def _origin_of_renames(held: Settings) -> str:
    return held.origins.get("compare.renames", "default")


def _document(option: Option, held: Settings) -> dict[str, object]:
    value = option.value(held)
    return {
        "key": option.key,
        "value": value if value is None or isinstance(value, bool | int | float) else str(value),
        "origin": origin_of(option, held),
        "limits": option.limits,
        "help": option.help,
    }
