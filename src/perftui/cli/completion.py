"""Sessions whose capture was not read when their recording ended: it is read before they are looked at."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from perftui.cli import console
from perftui.errors import ObserveError, SessionWriteError, UsageError
from perftui.model.session import SessionMeta
from perftui.storage.captures import raw_captures
from perftui.storage.catalogue import Catalogue
from perftui.storage.listing import read_meta
from perftui.storage.references import names_facts, remark_on
from perftui.text import printable

_UNFINISHED = ".part"


def resolve_complete(catalogue: Catalogue, ref: str, *, beside: SessionMeta | None = None) -> Path:
    """Return the session that a reference means, with everything in it that its capture holds; of several the newest.

    Raises `UsageError` for both sides of a group.
    """
    refuse_baseline_file(ref)
    *others, path = catalogue.runs_of(ref, beside=beside)
    say_remark(ref, path)
    if others:
        what = "parts" if read_meta(path).part else "runs"
        newest = path.name.partition(".")[0]
        console.say(f"{printable(ref)} means {len(others) + 1} {what}: this is the newest, {newest}")
    return complete(path)


def resolve_runs(
    catalogue: Catalogue, ref: str, *, single: bool, beside: SessionMeta | None = None
) -> tuple[Path, ...]:
    """Return all runs that a reference means, or only the newest, with everything in them that their captures hold."""
    refuse_baseline_file(ref)
    paths = catalogue.runs_of(ref, single=single, beside=beside)
    say_remark(ref, paths[-1])
    return tuple(map(complete, paths))


def say_remark(ref: str, path: Path) -> None:
    """Say what is to be known of the session that a reference means."""
    if names_facts(ref) and (remark := remark_on(ref, read_meta(path))):
        console.say(f"note: {remark}")


def say_remarks(catalogue: Catalogue, refs: Iterable[str], *, beside: SessionMeta | None = None) -> None:
    """Say what is to be known of the sessions that references mean."""
    for ref in filter(names_facts, refs):
        say_remark(ref, catalogue.runs_of(ref, beside=beside)[-1])


def refuse_baseline_file(ref: str) -> None:
    """Raise `UsageError` for a committed baseline where a whole session is wanted."""
    if not ref.endswith(".json"):
        return
    from perftui.recording.named_figures import baseline_file

    path = baseline_file(ref)
    if path is not None and path.is_file():
        name = shlex.quote(str(path))
        raise UsageError(
            f"{printable(str(path))} is a committed baseline: it holds figures, and no stacks to look at",
            hint=f"`perftui baseline show {name}` prints it, `perftui check --baseline {name}` goes by it",
        )


def complete(path: Path) -> Path:
    """Return a session when its capture has been read; where that cannot be done now, it is shown without."""
    # What a session left is called by its id, as it is itself; the others are not even opened for this.
    if not raw_captures(path.parent, path.name.partition(".")[0]):
        return path
    from perftui.cli.progress import progress_bar
    from perftui.recording.capture_completion import complete_captures

    try:
        complete_captures(path, on_progress=lambda progress: console.progress(progress_bar(progress)))
    except (ObserveError, SessionWriteError) as error:
        console.clear_progress()
        console.say(f"the capture of the session is not read: {error.message}")
    finally:
        console.clear_progress()
    # A recording that was cut off gets its proper name when it is recovered.
    recovered = path.with_suffix("")
    return recovered if path.suffix == _UNFINISHED and not path.exists() and recovered.exists() else path
