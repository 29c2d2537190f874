"""The sessions of one directory: listed, found by reference, renamed, tagged, thrown away. The files are the truth."""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from perftui.errors import NoDataError, SessionError, UsageError
from perftui.model.session import RunSide, SessionMeta
from perftui.storage.baselines import (
    baseline_for,
    baseline_runs,
    holders,
    make_room,
    marked_together,
    names_baseline,
    the_baseline,
    the_only_one,
)
from perftui.storage.editing import edit_meta, refuse_recorded
from perftui.storage.finish import final_path, recover
from perftui.storage.groups import (
    complete_runs,
    is_one_unit,
    listed_runs,
    names_group,
    one_side,
    runs_of_group,
)
from perftui.storage.listing import Seen, SessionEntry, entry_of, is_fellow, read_meta, scan, taken_names
from perftui.storage.names import BASELINE_PREFIX, check_baseline, check_name, free_name
from perftui.storage.references import by_facts, names_facts
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
        """Return the file that a reference means; of several runs that it means, the newest.

        That is one of `names.REF_FORMS`. Runs that were recorded together count as one for `@latest`. Of several
        baselines it is the one of the workload that `beside` is of, or the newest session.

        Raises:
            NoDataError: Nothing is called that.
            UsageError: Several are; the message names them.
        """
        return self.all_of(ref, beside=beside)[-1]

    def runs_of(self, ref: str, *, single: bool = False, beside: SessionMeta | None = None) -> tuple[Path, ...]:
        """Return the files of all runs that a reference means, in the order in which they ran.

        Those are the runs of one side of a group, for all references but an id and a path, which mean one session. A
        run that was cut off is left out where another was not.

        Args:
            ref: As for `resolve`.
            single: Return only the newest run.
            beside: As for `resolve`.

        Raises:
            NoDataError: Nothing is called that.
            UsageError: Several are, or both sides of a group.
        """
        found = self._meant(ref, beside)
        if isinstance(found, Path):
            return (found,)
        paths = tuple(entry.path for entry in complete_runs(one_side(found, ref)))
        return paths[-1:] if single else paths

    def all_of(self, ref: str, *, beside: SessionMeta | None = None) -> tuple[Path, ...]:
        """Return the files of everything that a reference means: of a group both sides, and runs that were cut off."""
        found = self._meant(ref, beside)
        return (found,) if isinstance(found, Path) else tuple(entry.path for entry in found)

    def _meant(self, ref: str, beside: SessionMeta | None) -> Path | Sequence[SessionEntry]:
        """Return the sessions that a reference means, in the order in which they ran, or the path that it is."""
        if (latest := _LATEST.fullmatch(ref)) is not None:
            return self._latest(int(latest[1] or 0))
        entries = self.list()
        if names_baseline(ref):
            return baseline_runs(entries, the_baseline(entries, ref, beside=beside))
        if names_group(ref):
            return runs_of_group(entries, ref)
        if names_facts(ref):
            return by_facts(entries, ref, beside=beside)
        path = _path_of(ref)
        if _leads_somewhere(path) and ("/" in ref or ref.endswith((SUFFIX, PART_SUFFIX))):
            return path
        by_id = [entry for entry in entries if entry.id == ref]
        by_name = [] if by_id else _called(ref, entries)
        if is_one_unit(by_name):
            return by_name
        for found in (by_id, by_name, [entry for entry in entries if ref and entry.id.startswith(ref)]):
            if found:
                return [_the_one(ref, found)]
        # Last, for a file may by chance be called like a session.
        if _is_file(path):
            return path
        raise self._unknown(ref, entries)

    def rename(self, ref: str, name: str) -> Path:
        """Give a session, or all runs of a side, another name; return the newest.

        Raises `UsageError` where that is taken or cannot be a name.
        """
        found = self._meant(ref, None)
        paths = [found] if isinstance(found, Path) else [entry.path for entry in one_side(found, ref)]
        name = free_for(name, paths[-1])
        return _edited(paths, lambda meta: replace(meta, name=name))[-1]

    def tag(self, ref: str, tags: Iterable[str]) -> Path:
        """Replace a session's tags."""
        wanted = tuple(dict.fromkeys(tag.strip() for tag in tags))
        if len(wanted) > MOST_TAGS:
            raise UsageError(f"a session has at most {MOST_TAGS} tags")
        for tag in wanted:
            check_name(tag)
        return _edited(self.all_of(ref), lambda meta: replace(meta, tags=wanted))[-1]

    def pin(self, ref: str, *, baseline: str = "") -> Sequence[SessionEntry]:
        """Pin a session, or all runs that are meant; return those that were the baseline of the workload before.

        They stay pinned. A session that is a baseline already stays one where no name is given.
        """
        paths = self.runs_of(ref) if baseline else self.all_of(ref)
        if not baseline:
            _edited(paths, lambda meta: replace(meta, pinned=True))
            return []
        check_baseline(baseline)
        *_, path = _edited(paths, lambda meta: replace(meta, pinned=True, baseline=baseline))
        return make_room(scan(path.parent), read_meta(path), baseline)

    def save_baseline(self, refs: Sequence[str], name: str) -> tuple[tuple[Path, ...], Sequence[SessionEntry]]:
        """Make all runs of references, of one workload, together the baseline `name` of it.

        Returns:
            Their files, and the sessions that were the baseline before; these stay pinned.

        Raises:
            NoDataError: Nothing is called so.
            UsageError: They are of several workloads, or that cannot be a name.
        """
        check_baseline(name)
        paths = tuple(dict.fromkeys(path for ref in refs for path in self.runs_of(ref)))
        metas = [read_meta(path) for path in paths]
        odd = next((meta for meta in metas if meta.workload_key != metas[0].workload_key), None)
        if odd is not None:
            raise UsageError(
                f"{printable(metas[0].name)} and {printable(odd.name)} are of two workloads",
                hint="a baseline is of one command, or one profile; save them one by one",
            )
        marked = _edited(paths, lambda meta: replace(meta, pinned=True, baseline=name))
        return tuple(marked), make_room(scan(marked[-1].parent), metas[-1], name, keep=marked)

    def baselines(self) -> Sequence[tuple[SessionEntry, ...]]:
        """Return the runs of each baseline of each workload, those with the newest run first."""
        return marked_together(self.list())

    def forget_baseline(self, ref: str) -> tuple[Path, ...]:
        """Take the mark off all runs of a baseline; they stay where they are, and pinned.

        Args:
            ref: Its name, or what means one of its sessions.

        Raises:
            NoDataError: There is no such baseline.
            UsageError: Several workloads have one of that name.
        """
        runs = self._baseline_called(ref)
        return tuple(edit_meta(entry.path, lambda meta: replace(meta, baseline="")) for entry in runs)

    def _baseline_called(self, ref: str) -> tuple[SessionEntry, ...]:
        name, known = ref.removeprefix(BASELINE_PREFIX), self.baselines()
        if (called := the_only_one(known, name)) is not None:
            return called
        try:
            path = self.resolve(ref)
        except NoDataError:
            hint = "`perftui baseline list` shows what there is"
            raise NoDataError(f"there is no baseline {printable(name)!r}", hint=hint) from None
        # A path may lead to anything.
        found = [runs for runs in known if _is_file(path) and any(_same(entry.path, path) for entry in runs)]
        if not found:
            raise NoDataError(f"{printable(ref)} is no baseline", hint="`perftui baseline list` shows what is")
        return found[0]

    def unpin(self, ref: str) -> Path:
        """Let a session go again; it is no baseline any more."""
        return _edited(self.all_of(ref), lambda meta: replace(meta, pinned=False, baseline=""))[-1]

    def leave_group(self, path: Path, name: str) -> SessionMeta:
        """Make a run a session by itself, called `name` or what is free beside it; return what is then known of it."""
        name = free_name(name, taken_names(path.parent))

        def alone(meta: SessionMeta) -> SessionMeta:
            return replace(meta, group="", repeat_index=0, side=RunSide.NONE, name=name)

        return read_meta(edit_meta(path, alone))

    def baseline_for(self, meta: SessionMeta) -> SessionEntry | None:
        """Return the baseline that a session is held against, or None where its workload has none."""
        return baseline_for(self.list(), meta)

    def baseline_runs_for(self, meta: SessionMeta) -> tuple[Path, ...]:
        """Return all runs of the baseline that a session is held against; none where its workload has none."""
        entries = self.list()
        found = baseline_for(entries, meta)
        return () if found is None else tuple(entry.path for entry in complete_runs(baseline_runs(entries, found)))

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

    def delete_all(self, paths: Iterable[Path], *, pinned: bool = False) -> Sequence[Path]:
        """Move several sessions to the trash folder, or none where one has to stay; otherwise as `delete`."""
        chosen = list(paths)
        for path in chosen:
            if not pinned:
                _refuse_pinned(entry_of(path))
            refuse_recorded(path)
        return [self.delete(str(path), pinned=pinned) for path in chosen]

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
            if meta.baseline and holders(self.list(), meta, meta.baseline):
                # Another one took its place meanwhile.
                edit_meta(path, lambda meta: replace(meta, baseline=""))
        return path

    @property
    def trash(self) -> Catalogue:
        """What was thrown away and can be brought back."""
        return Catalogue(self.directory / TRASH)

    def _latest(self, back: int) -> Sequence[SessionEntry]:
        rows = listed_runs(entry for entry in self.list() if entry.meta is not None)
        if back >= len(rows):
            how_many = f"only {len(rows)}" if rows else "no"
            raise NoDataError(
                f"there are {how_many} sessions in {self.directory}", hint="`perftui record -- COMMAND` makes one"
            )
        return rows[back].entries

    def _unknown(self, ref: str, entries: Iterable[SessionEntry]) -> NoDataError:
        # Runs of one group share their name.
        words = list(dict.fromkeys(word for entry in entries for word in (entry.name, entry.id) if word))
        close = difflib.get_close_matches(ref, words, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(printable(word) for word in close)}?" if close else ""
        if ref and not hint and _is_directory(Path(ref)):
            hint = "that is a directory: name a file in it, or look for sessions in it with --sessions-dir"
        return NoDataError(
            f"no session is called {printable(ref)!r} in {self.directory}",
            hint=hint or "`perftui sessions list` shows what there is",
        )


def _edited(paths: Iterable[Path], change: Callable[[SessionMeta], SessionMeta]) -> list[Path]:
    """Change the meta data of sessions, of none where one of them is still being recorded; return their files."""
    chosen = list(paths)
    for path in chosen:
        refuse_recorded(path)
    return [edit_meta(path, change) for path in chosen]


def free_for(name: str, path: Path) -> str:
    """Return a name without blanks around it; raises `UsageError` where it is none, or where another session has it."""
    name = name.strip()
    check_name(name)
    entries = scan(path.parent)
    own = next((entry.meta for entry in entries if _same(entry.path, path)), None)
    for entry in entries:
        if own is not None and is_fellow(entry, own):
            continue
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
    except (RuntimeError, ValueError):
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


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _called(name: str, entries: Iterable[SessionEntry]) -> list[SessionEntry]:
    """Return the sessions of a name; fellow runs among them are in the order in which they ran."""
    return [entry for runs in listed_runs(entries) for entry in runs.entries if entry.name == name]


def _the_one(ref: str, found: list[SessionEntry]) -> SessionEntry:
    if len(found) == 1:
        return found[0]
    shown = ", ".join(f"{entry.id} ({printable(entry.name)})" for entry in found[:_SHOWN_CANDIDATES])
    more = f" and {len(found) - _SHOWN_CANDIDATES} more" if len(found) > _SHOWN_CANDIDATES else ""
    raise UsageError(f"{printable(ref)!r} could mean {shown}{more}", hint="write more of the id")


def _same(one: Path, other: Path) -> bool:
    return one.absolute() == other.absolute() or final_path(one).absolute() == final_path(other).absolute()
