"""`perftui sessions`: list, rename, tag, pin and delete what was saved."""

from __future__ import annotations

import click

from perftui.cli import console
from perftui.cli.options import json_option, sessions_dir_of, sessions_option
from perftui.storage.catalogue import Catalogue, SessionEntry
from perftui.units import format_seconds


@click.group()
@sessions_option
@click.pass_context
def sessions(ctx: click.Context, sessions_dir: str | None) -> None:
    """List, rename, tag or delete saved sessions."""
    ctx.obj = Catalogue(sessions_dir_of(ctx, sessions_dir))


@sessions.command("list")
@json_option
@sessions_option
@click.option("--search", default="", help="Only sessions whose name, command or tags hold this text.")
@click.pass_context
def list_sessions(ctx: click.Context, as_json: bool, sessions_dir: str | None, search: str) -> int:
    """List the saved sessions, the newest first."""
    catalogue = _catalogue(ctx, sessions_dir)
    entries = [entry for entry in catalogue.list() if search.lower() in entry.search_text]
    if as_json:
        console.document({"schema": "perftui.sessions/1", "sessions": [_document(entry) for entry in entries]})
        return 0
    if not entries:
        console.say("no sessions yet" if not search else f"no session holds {search!r}")
        console.next_command("perftui run demo")
        return 0
    console.data(
        console.table(
            ("id", "name", "state", "created", "duration", "tags", "command"), [_row(entry) for entry in entries]
        )
    )
    console.next_command("perftui open @latest")
    return 0


@sessions.command()
@click.argument("ref")
@click.argument("name")
@sessions_option
@click.pass_context
def rename(ctx: click.Context, ref: str, name: str, sessions_dir: str | None) -> int:
    """Give session REF another NAME."""
    _catalogue(ctx, sessions_dir).rename(ref, name)
    console.say(f"renamed to {name}")
    return 0


@sessions.command()
@click.argument("ref")
@click.argument("tags", nargs=-1)
@sessions_option
@click.pass_context
def tag(ctx: click.Context, ref: str, tags: tuple[str, ...], sessions_dir: str | None) -> int:
    """Set the TAGS of session REF; none clears them."""
    _catalogue(ctx, sessions_dir).tag(ref, tags)
    console.say(f"tagged: {', '.join(dict.fromkeys(tags))}" if tags else "tags cleared")
    return 0


@sessions.command()
@click.argument("refs", nargs=-1, required=True)
@sessions_option
@click.pass_context
def delete(ctx: click.Context, refs: tuple[str, ...], sessions_dir: str | None) -> int:
    """Move sessions to the trash folder."""
    catalogue = _catalogue(ctx, sessions_dir)
    for ref in refs:
        console.say(f"moved to {catalogue.delete(ref)}")
    return 0


def _catalogue(ctx: click.Context, sessions_dir: str | None) -> Catalogue:
    assert isinstance(ctx.obj, Catalogue)
    return Catalogue(sessions_dir_of(ctx, sessions_dir)) if sessions_dir else ctx.obj


def _row(entry: SessionEntry) -> tuple[str, ...]:
    meta = entry.meta
    if meta is None:
        return (entry.path.stem, "", "unreadable", "", "", "", entry.trouble)
    return (
        meta.id,
        meta.name,
        meta.state.value,
        meta.created[:19].replace("T", " "),
        format_seconds(meta.duration_s),
        ",".join(meta.tags),
        " ".join(meta.command)[:60],
    )


def _document(entry: SessionEntry) -> dict[str, object]:
    meta = entry.meta
    if meta is None:
        return {"path": str(entry.path), "state": "unreadable", "trouble": entry.trouble}
    return {
        "id": meta.id,
        "name": meta.name,
        "path": str(entry.path),
        "kind": meta.kind.value,
        "state": meta.state.value,
        "created": meta.created,
        "command": list(meta.command),
        "duration_s": round(meta.duration_s, 6),
        "exit_code": meta.exit_code,
        "tags": list(meta.tags),
        "pinned": meta.pinned,
    }
