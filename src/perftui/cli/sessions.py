"""`perftui sessions`: list, rename, tag, pin, delete and check what was saved; drop captures to free their space."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from perftui.cli import console
from perftui.cli.options import checked_name, json_option, ref_argument, sessions_dir_of, sessions_option
from perftui.errors import ExitCode, UsageError
from perftui.storage.captures import CaptureSizes, missing_captures
from perftui.storage.catalogue import Catalogue, SessionEntry
from perftui.storage.groups import Runs, listed_runs
from perftui.storage.names import REF_HELP
from perftui.text import printable
from perftui.units import Unit, format_bytes, format_count, parse_value

if TYPE_CHECKING:
    from perftui.storage.dropping import Drop, Unclaimed


@click.group(epilog=REF_HELP)
@sessions_option
@click.pass_context
def sessions(ctx: click.Context, sessions_dir: str | None) -> None:
    """List, rename, tag, pin, delete or check saved sessions."""
    ctx.obj = Catalogue(sessions_dir_of(ctx, sessions_dir))


@sessions.command("list")
@json_option
@sessions_option
@click.option("--search", default="", help="Only sessions whose name, command or tags hold this text.")
@click.option(
    "--runs", "single", is_flag=True, help="Each run in a line of its own, also where several belong together."
)
@click.pass_context
def list_sessions(ctx: click.Context, as_json: bool, sessions_dir: str | None, search: str, single: bool) -> int:
    """List the saved sessions, the newest first; runs that were recorded together are one line, `name ×N`."""
    catalogue = _catalogue(ctx, sessions_dir)
    entries = [entry for entry in catalogue.list() if search.lower() in entry.search_text]
    sizes = CaptureSizes(catalogue.directory)
    captures = [sizes.of(entry.id, entry.captures) for entry in entries]
    if as_json:
        documents = [_document(entry, size) for entry, size in zip(entries, captures, strict=True)]
        console.document({"schema": "perftui.sessions/1", "sessions": documents})
        return 0
    if not entries:
        console.say("no sessions yet" if not search else f"no session holds {search!r}")
        console.next_command("perftui run demo")
        return 0
    rows = [Runs((entry,)) for entry in entries] if single else listed_runs(entries)
    console.data(_table(rows, dict(zip((entry.path for entry in entries), captures, strict=True))))
    console.next_command("perftui open @latest")
    return 0


@sessions.command()
@ref_argument()
@click.argument("name")
@sessions_option
@click.pass_context
def rename(ctx: click.Context, ref: str, name: str, sessions_dir: str | None) -> int:
    """Give session REF another NAME; of runs that were recorded together, all."""
    _catalogue(ctx, sessions_dir).rename(ref, name)
    console.say(f"renamed to {name}")
    return 0


@sessions.command()
@ref_argument()
@click.argument("tags", nargs=-1)
@sessions_option
@click.pass_context
def tag(ctx: click.Context, ref: str, tags: tuple[str, ...], sessions_dir: str | None) -> int:
    """Set the TAGS of session REF; none clears them."""
    _catalogue(ctx, sessions_dir).tag(ref, tags)
    console.say(f"tagged: {', '.join(dict.fromkeys(tags))}" if tags else "tags cleared")
    return 0


@sessions.command()
@ref_argument()
@click.option("--baseline", default="", help="Mark it as the baseline of its workload, called so: main, v1.2, …")
@click.option("--name", default="", callback=checked_name, help="Rename it as well.")
@sessions_option
@click.pass_context
def pin(ctx: click.Context, ref: str, baseline: str, name: str, sessions_dir: str | None) -> int:
    """Pin session REF, so that nothing throws it away by chance.

    Of a workload there is one baseline of each name: `@baseline` and `baseline:NAME` mean it wherever a session is
    named.
    """
    catalogue = _catalogue(ctx, sessions_dir)
    if name:
        catalogue.rename(ref, name)
    former = catalogue.pin(name or ref, baseline=baseline)
    console.say(f"pinned as the baseline {printable(baseline)}" if baseline else "pinned")
    for entry in former:
        console.say(f"{printable(entry.name)} ({printable(entry.id)}) was that before; it stays pinned")
    if baseline:
        console.next_command(f"perftui compare {shlex.quote(f'baseline:{baseline}')} @latest")
    return 0


@sessions.command()
@ref_argument()
@sessions_option
@click.pass_context
def unpin(ctx: click.Context, ref: str, sessions_dir: str | None) -> int:
    """Unpin session REF; it is no baseline any more."""
    _catalogue(ctx, sessions_dir).unpin(ref)
    console.say("unpinned")
    return 0


@sessions.command()
@ref_argument("refs", nargs=-1, required=True)
@click.option("--pinned", is_flag=True, help="Also sessions that are pinned.")
@sessions_option
@click.pass_context
def delete(ctx: click.Context, refs: tuple[str, ...], pinned: bool, sessions_dir: str | None) -> int:
    """Move sessions, with their captures, to the trash folder; pinned ones only where --pinned says so."""
    catalogue = _catalogue(ctx, sessions_dir)
    for ref in refs:
        for moved in catalogue.delete_all(catalogue.all_of(ref), pinned=pinned):
            console.say(f"moved to {moved}")
    return 0


@sessions.command()
@ref_argument("refs", nargs=-1, required=True)
@sessions_option
@click.pass_context
def restore(ctx: click.Context, refs: tuple[str, ...], sessions_dir: str | None) -> int:
    """Bring sessions back from the trash folder; @latest is the newest there."""
    catalogue = _catalogue(ctx, sessions_dir)
    for ref in refs:
        for path in catalogue.trash.all_of(ref):
            console.say(f"restored: {catalogue.restore(str(path))}")
    return 0


@sessions.command("verify")
@ref_argument("refs", nargs=-1, required=True)
@sessions_option
@click.pass_context
def verify_sessions(ctx: click.Context, refs: tuple[str, ...], sessions_dir: str | None) -> int:
    """Check that sessions and their captures are as they were written."""
    # A list of sessions needs nothing of what opens them, and is asked for most.
    from perftui.storage.reader import verify

    catalogue = _catalogue(ctx, sessions_dir)
    sound = True
    for path in (path for ref in refs for path in catalogue.all_of(ref)):
        troubles = verify(path)
        sound = sound and not troubles
        for trouble in troubles or ["sound"]:
            console.data(f"{printable(path.name)}: {printable(trouble)}")
        if not troubles:
            _say_missing(path)
    return 0 if sound else ExitCode.SESSION_UNREADABLE


@sessions.command("drop-captures")
@ref_argument("refs", nargs=-1)
@click.option("--older-than", default="", help="All sessions older than that, such as 7d or 12h; pinned ones stay.")
@click.option("--unclaimed", "loose", is_flag=True, help="Captures that no session speaks of.")
@click.option("--unread", is_flag=True, help="Also captures that were not read yet; what they hold is lost.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be dropped.")
@sessions_option
@click.pass_context
def drop_captures(
    ctx: click.Context,
    refs: tuple[str, ...],
    older_than: str,
    loose: bool,
    unread: bool,
    dry_run: bool,
    sessions_dir: str | None,
) -> int:
    """Drop the memray captures of sessions REFS to free their space; all figures stay in the sessions.

    Sessions in the trash folder count among the older ones.
    """
    if not (refs or older_than or loose):
        raise UsageError("nothing was named to drop", hint="name sessions, or give --older-than 7d or --unclaimed")
    from perftui.storage.dropping import plan_drop, plan_drops_of_old, unclaimed

    catalogue = _catalogue(ctx, sessions_dir)
    plans = [plan_drop(path, unread=unread) for ref in refs for path in catalogue.all_of(ref)]
    if older_than:
        plans += plan_drops_of_old(catalogue.directory, time.time() - _seconds(older_than), unread=unread)
    freed = sum(_carry_out(plan, dry_run=dry_run, named=bool(refs)) for plan in plans)
    if loose:
        freed += sum(_remove(file, dry_run=dry_run) for file in unclaimed(catalogue.directory, now_s=time.time()))
    console.say(f"{format_bytes(freed)} {'would be freed' if dry_run else 'freed'}")
    return 0


@sessions.command("prune")
@click.option("--older-than", default="", help="All sessions older than that: 30d, 12h.")
@click.option("--keep", type=click.IntRange(min=0), help="All but the newest so many of each workload.")
@click.option("--max-bytes", "most", default="", help="The oldest, until all take no more than that: 10GB, 500MiB.")
@click.option("--for-good", is_flag=True, help="Remove them in place of moving them to the trash folder.")
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
@sessions_option
@click.pass_context
def prune_sessions(
    ctx: click.Context,
    older_than: str,
    keep: int | None,
    most: str,
    for_good: bool,
    dry_run: bool,
    sessions_dir: str | None,
) -> int:
    """Move sessions that are old, many or large to the trash folder, with their captures.

    What is pinned, a baseline, not finished or unreadable always stays, and the runs of a group stay or go together.
    """
    from perftui.cli.prune import prune

    directory = _catalogue(ctx, sessions_dir).directory
    return prune(directory, older_than=older_than, keep=keep, most=most, for_good=for_good, dry_run=dry_run)


def _carry_out(plan: Drop, *, dry_run: bool, named: bool) -> int:
    """Drop what was planned for one session, say so, and return how much it was."""
    from perftui.storage.dropping import drop

    called = f"{printable(plan.entry.name)} ({printable(plan.entry.id)})"
    if plan.files:
        if not dry_run:
            drop(plan)
        verb = "would drop" if dry_run else "dropped"
        console.say(f"{verb} {format_bytes(plan.size_bytes)} of {called}")
    if plan.kept:
        console.say(f"kept: {called}: {plan.kept}")
    elif named and not plan.files:
        console.say(f"{called} has no capture")
    return plan.size_bytes


def _remove(file: Unclaimed, *, dry_run: bool) -> int:
    from perftui.storage.dropping import remove

    if not dry_run:
        remove(file.path)
    verb = "would drop" if dry_run else "dropped"
    console.say(f"{verb} {format_bytes(file.size_bytes)}: {printable(str(file.path))}, which no session speaks of")
    return file.size_bytes


def _seconds(text: str) -> float:
    try:
        seconds = parse_value(text, Unit.SECONDS)
    except ValueError as error:
        raise UsageError(f"--older-than: {error}", hint="write it like 7d or 12h") from None
    if text.strip().isdecimal():
        raise UsageError(f"--older-than {text}: of what?", hint="write it like 7d or 12h")
    return seconds


def _say_missing(path: Path) -> None:
    from perftui.storage.reader import open_captures

    for name in missing_captures(path.parent, open_captures(path)):
        console.say(f"  its capture {printable(name)} does not lie beside it; the figures are in the session")


def _catalogue(ctx: click.Context, sessions_dir: str | None) -> Catalogue:
    assert isinstance(ctx.obj, Catalogue)
    return Catalogue(sessions_dir_of(ctx, sessions_dir)) if sessions_dir else ctx.obj


def _table(rows: Sequence[Runs], captures: Mapping[Path, int]) -> str:
    """Return the list as text; pins and captures have a column where there are any."""
    headings = ["id", "name", "state", "created", "duration", "tags", "command"]
    lines = [list(_row(runs)) for runs in rows]
    pins = [_pin(runs.newest) for runs in rows]
    if any(pins):
        for line, text in zip((headings, *lines), ("pinned", *pins), strict=True):
            line.insert(2, text)
    counts = [runs.newest.operations for runs in rows]
    if any(counts):
        at = headings.index("tags")
        headings.insert(at, "operations")
        for line, count in zip(lines, counts, strict=True):
            line.insert(at, format_count(count) if count else "")
    sizes = [sum(captures[entry.path] for entry in runs.entries) for runs in rows]
    if not any(sizes):
        return console.table(headings, lines)
    at = headings.index("tags")
    headings.insert(at, "capture")
    for line, size in zip(lines, sizes, strict=True):
        line.insert(at, format_bytes(size) if size else "")
    return console.table(headings, lines, right=(at,))


def _pin(entry: SessionEntry) -> str:
    if entry.meta is None or not entry.meta.pinned:
        return ""
    return f"baseline {entry.meta.baseline}" if entry.meta.baseline else "pinned"


def _row(runs: Runs) -> tuple[str, ...]:
    meta = runs.newest.meta
    if meta is None:
        return (runs.newest.path.stem, "", "unreadable", "", "", "", runs.newest.trouble)
    return (
        runs.ref if runs.times > 1 else meta.id,
        runs.title,
        runs.state,
        meta.created[:19].replace("T", " "),
        runs.length if meta.knows_times else "–",
        ",".join(meta.tags),
        " ".join(meta.command)[:60],
    )


def _document(entry: SessionEntry, capture_bytes: int) -> dict[str, object]:
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
        "mode": meta.mode,
        "duration_s": round(meta.duration_s, 6),
        "exit_code": meta.exit_code,
        "tags": list(meta.tags),
        "pinned": meta.pinned,
        "baseline": meta.baseline or None,
        "capture_bytes": capture_bytes,
        "operations": entry.operations,
        "group": meta.group or None,
        "repeat_index": meta.repeat_index or None,
        "side": meta.side.value or None,
    }
