"""`perftui sessions prune`: what is old, many or large goes to the trash folder, never without a limit."""

from __future__ import annotations

import time
from pathlib import Path

from perftui.cli import console
from perftui.cli.period import seconds_of_period
from perftui.errors import UsageError
from perftui.storage.retention import Limits, Pruning, Together, plan_pruning, throw_out
from perftui.text import printable
from perftui.units import Unit, format_bytes, parse_value


def prune(directory: Path, *, older_than: str, keep: int | None, most: str, for_good: bool, dry_run: bool) -> int:
    """Carry out what a person asked for, and say what went and what stays.

    Raises:
        UsageError: No limit was given, or one is no period or no size.
        SessionWriteError: A session cannot be moved.
    """
    if not older_than and keep is None and not most:
        raise UsageError("no limit was given", hint="add --older-than 30d, --keep 50 or --max-bytes 10GB")
    before_s = time.time() - seconds_of_period(older_than, "--older-than") if older_than else None
    plan = plan_pruning(directory, Limits(before_s, keep, _bytes(most) if most else None))
    gone = _carry_out(plan, for_good=for_good, dry_run=dry_run)
    for together, why in plan.staying:
        console.say(f"kept: {_called(together)}: {together.protected}, though {why.value}")
    count = sum(len(together.entries) for together in gone)
    sessions = f"{count} session{'' if count == 1 else 's'}"
    size = format_bytes(sum(together.size_bytes for together in gone))
    verb = "removed for good" if for_good else "moved to the trash folder"
    console.say(f"{sessions} ({size}) {'would be ' if dry_run else ''}{verb}")
    if count and dry_run:
        console.say("nothing was touched; without --dry-run they go")
    elif count and not for_good:
        console.next_command("perftui sessions restore ID")
    return 0


def _carry_out(plan: Pruning, *, for_good: bool, dry_run: bool) -> list[Together]:
    gone = []
    for together, why in plan.going:
        if not dry_run and not throw_out(together, for_good=for_good):
            console.say(f"kept: {_called(together)}: it changed meanwhile")
            continue
        gone.append(together)
        verb = "would go" if dry_run else "went"
        console.say(f"{verb}: {_called(together)}, {format_bytes(together.size_bytes)}: {why.value}")
    return gone


def _called(together: Together) -> str:
    newest = together.newest
    times = f" ×{len(together.entries)}" if len(together.entries) > 1 else ""
    name = newest.meta.title if newest.meta is not None else ""
    return f"{printable(name)}{times} ({printable(newest.id)})" if name else printable(newest.id)


def _bytes(text: str) -> int:
    try:
        return int(parse_value(text, Unit.BYTES))
    except ValueError as error:
        raise UsageError(f"--max-bytes: {error}", hint="write it like 10GB or 500MiB") from None
