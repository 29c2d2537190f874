"""The sessions of one directory: listed, found by reference, renamed, tagged, thrown away. The files are the truth."""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from perftui.errors import NoDataError, SessionError, UsageError
from perftui.model.session import SessionMeta
from perftui.storage.baselines import baseline_for, make_room, names_baseline, the_baseline
from perftui.storage.editing import edit_meta, refuse_recorded
from perftui.storage.finish import final_path, recover
from perftui.storage.listing import Seen, SessionEntry, entry_of, read_meta, scan
from perftui.storage.names import check_baseline, check_name
from perftui.storage.schema import PART_SUFFIX, SUFFIX
from perftui.storage.trash import TRASH, bring_back, throw_away
from perftui.text import printable

MOST_TAGS = 50
_LATEST = re.compile(r"@latest(?:~([0-9]{1,6}))?", re.ASCII)
_SHOWN_CANDIDATES = 8
__all__ = ["Catalogue", "SessionEntry", "check_name"]


class Catalogue:
    """What lies in a directory of sessions; files that did not change since the last look are not read again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._seen: Seen = {}

    def list(self) -> list[SessionEntry]:
        """Return all sessions, the newest first; one that cannot be read is there with its trouble."""
        return sorted(scan(self.directory, self._seen), key=lambda entry: entry.age_key, reverse=True)

    def resolve(self, ref: str, *, beside: SessionMeta | None = None) -> Path:
        """Return the file that a reference means.

        That is a path, `@latest`, `@latest~N`, `@baseline`, `baseline:NAME`, a name, an id or its beginning. Of several
        baselines it is the one of the workload that `beside` is of, or the newest session.

        Raises:
            NoDataError: Nothing is called that.
            UsageError: Several are; the message names them.
        """
        if (latest := _LATEST.fullmatch(ref)) is not None:
            return self._latest(int(latest[1] or 0))
        if names_baseline(ref):
            return the_baseline(self.list(), ref, beside=beside).path
        path = _path_of(ref)
        if _leads_somewhere(path) and ("/" in ref or ref.endswith((SUFFIX, PART_SUFFIX))):
            return path
        entries = self.list()
        for found in (
            [entry for entry in entries if entry.id == ref],
            [entry for entry in entries if entry.name == ref],
            [entry for entry in entries if ref and entry.id.startswith(ref)],
        ):
            if found:
                return _the_one(ref, found)
        # Last, for a file may by chance be called like a session.
        if _is_file(path):
            return path
        raise self._unknown(ref, entries)

    def rename(self, ref: str, name: str) -> Path:
        """Give a session another name; raises `UsageError` where that is taken or cannot be a name."""
        path = self.resolve(ref)
        name = free_for(name, path)
        return edit_meta(path, lambda meta: replace(meta, name=name))

    def tag(self, ref: str, tags: Iterable[str]) -> Path:
        """Replace a session's tags."""
        wanted = tuple(dict.fromkeys(tag.strip() for tag in tags))
        if len(wanted) > MOST_TAGS:
            raise UsageError(f"a session has at most {MOST_TAGS} tags")
        for tag in wanted:
            check_name(tag)
        return edit_meta(self.resolve(ref), lambda meta: replace(meta, tags=wanted))

    def pin(self, ref: str, *, baseline: str = "") -> Sequence[SessionEntry]:
        """Pin a session, as the baseline of its workload where a name is given; return those that were that before.

        They stay pinned. A session that is a baseline already stays one where no name is given.
        """
        path = self.resolve(ref)
        if not baseline:
            edit_meta(path, lambda meta: replace(meta, pinned=True))
            return []
        check_baseline(baseline)
        path = edit_meta(path, lambda meta: replace(meta, pinned=True, baseline=baseline))
        return make_room(scan(path.parent), read_meta(path), baseline)

    def unpin(self, ref: str) -> Path:
        """Let a session go again; it is no baseline any more."""
        return edit_meta(self.resolve(ref), lambda meta: replace(meta, pinned=False, baseline=""))

    def baseline_for(self, meta: SessionMeta) -> SessionEntry | None:
        """Return the baseline that a session is held against, or None where its workload has none."""
        return baseline_for(self.list(), meta)

    def delete(self, ref: str, *, pinned: bool = False) -> Path:
        """Move a session, with its captures, to the trash folder beside it, and return where it is now.

        Args:
            ref: As for `resolve`.
            pinned: Move it even where it is pinned.

        Raises:
            UsageError: It is pinned, or still being recorded.
            SessionWriteError: It cannot be moved.
        """
        path = self.resolve(ref)
        if not pinned:
            _refuse_pinned(entry_of(path))
        if path.name.endswith(PART_SUFFIX):
            refuse_recorded(path)
            # What cannot be finished can still be thrown away, together with its log.
            with contextlib.suppress(SessionError):
                path = recover(path) or path
        return throw_away(path)

    def restore(self, ref: str) -> Path:
        """Bring a session back from the trash folder, and return where it is now.

        Args:
            ref: As for `resolve`, among what was thrown away.

        Raises:
            NoDataError: Nothing there is called that.
            UsageError: There is a session of its id again.
            SessionWriteError: It cannot be moved.
        """
        path = bring_back(self.trash.resolve(ref), self.directory)
        with contextlib.suppress(SessionError):
            meta = read_meta(path)
            if meta.baseline and baseline_for(self.list(), meta, name=meta.baseline) is not None:
                # Another one took its place meanwhile.
                edit_meta(path, lambda meta: replace(meta, baseline=""))
        return path

    @property
    def trash(self) -> Catalogue:
        """What was thrown away and can be brought back."""
        return Catalogue(self.directory / TRASH)

    def _latest(self, back: int) -> Path:
        readable = [entry for entry in self.list() if entry.meta is not None]
        if back >= len(readable):
            how_many = f"only {len(readable)}" if readable else "no"
            raise NoDataError(
                f"there are {how_many} sessions in {self.directory}", hint="`perftui record -- COMMAND` makes one"
            )
        return readable[back].path

    def _unknown(self, ref: str, entries: Iterable[SessionEntry]) -> NoDataError:
        words = [word for entry in entries for word in (entry.name, entry.id) if word]
        close = difflib.get_close_matches(ref, words, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(printable(word) for word in close)}?" if close else ""
        return NoDataError(
            f"no session is called {printable(ref)!r} in {self.directory}",
            hint=hint or "`perftui sessions list` shows what there is",
        )


def free_for(name: str, path: Path) -> str:
    """Return a name without blanks around it; raises `UsageError` where it is none, or where another session has it."""
    name = name.strip()
    check_name(name)
    for entry in scan(path.parent):
        if name in (entry.name, entry.id) and not _same(entry.path, path):
            raise UsageError(f"another session is called {name}: {entry.id}", hint="choose another name")
    return name


def _refuse_pinned(entry: SessionEntry) -> None:
    if entry.meta is not None and entry.meta.pinned:
        as_what = f" as the baseline {printable(entry.meta.baseline)}" if entry.meta.baseline else ""
        raise UsageError(
            f"{printable(entry.name)} is pinned{as_what}", hint="unpin it first, or delete it with --pinned"
        )


def _path_of(ref: str) -> Path:
    """Return a reference as a path; the `~` of an unknown user stays as it is."""
    try:
        return Path(ref).expanduser()
    except RuntimeError:
        return Path(ref)


def _leads_somewhere(path: Path) -> bool:
    """Say whether something is there; what may not be looked at is, and opening it says why it cannot be read."""
    try:
        return path.exists()
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _the_one(ref: str, found: list[SessionEntry]) -> Path:
    if len(found) == 1:
        return found[0].path
    shown = ", ".join(f"{entry.id} ({printable(entry.name)})" for entry in found[:_SHOWN_CANDIDATES])
    more = f" and {len(found) - _SHOWN_CANDIDATES} more" if len(found) > _SHOWN_CANDIDATES else ""
    raise UsageError(f"{printable(ref)!r} could mean {shown}{more}", hint="write more of the id")


def _same(one: Path, other: Path) -> bool:
    return one.absolute() == other.absolute() or final_path(one).absolute() == final_path(other).absolute()
