"""Which sessions are one series: complete, of one workload and one machine, and not the other code of a pair."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from perftui.analysis.command_name import command_name
from perftui.errors import NoDataError
from perftui.model.session import BENCHMARK_TOOL, RunSide, SessionMeta, SessionState
from perftui.storage.groups import Runs, listed_runs
from perftui.storage.listing import SessionEntry
from perftui.text import printable

_HOST = "host"


@dataclass(frozen=True, slots=True)
class Series:
    """The sessions of one workload on one machine."""

    workload: str
    host: str
    runs: tuple[Runs, ...]
    """What a list shows as one, but each part of a watch by itself; the oldest first."""
    remarks: tuple[str, ...] = ()
    """What was left out, one sentence each."""

    @property
    def entries(self) -> list[SessionEntry]:
        """All sessions of it."""
        return [entry for runs in self.runs for entry in runs.entries]


def workload_name(meta: SessionMeta) -> str:
    """Return what a person calls the workload of a session."""
    return (
        meta.workload
        or command_name(meta.command)
        or meta.environment.get(BENCHMARK_TOOL, "")
        or Path(meta.cwd).name
        or meta.name
    )


def all_series(entries: Iterable[SessionEntry], *, since_s: float | None = None) -> list[Series]:
    """Return the series of a directory, the one with the newest session first.

    Args:
        entries: Its sessions.
        since_s: Only sessions from that moment on, in seconds since 1970.
    """
    found: dict[tuple[object, str], list[SessionEntry]] = {}
    usable = [entry for entry in entries if _is_usable(entry) and (since_s is None or entry.age_key[0] >= since_s)]
    for entry in sorted(usable, key=lambda entry: entry.age_key, reverse=True):
        if entry.meta is not None:
            key = (entry.meta.workload_key, entry.meta.environment.get(_HOST, ""))
            found.setdefault(key, []).append(entry)
    return [_series(host, members) for (_, host), members in found.items()]


def the_series(
    entries: Sequence[SessionEntry], workload: str = "", *, since_s: float | None = None, last: int | None = None
) -> Series:
    """Return the series of a workload, or of the newest session; of several machines the one with the newest.

    Args:
        entries: All sessions of a directory.
        workload: What a person calls it; empty for that of the newest session.
        since_s: As for `all_series`.
        last: Only so many of its newest points.

    Raises:
        NoDataError: There are no sessions of it.
    """
    every = all_series(entries, since_s=since_s)
    if not every:
        raise NoDataError(
            "there are no complete sessions" + ("" if since_s is None else " of that time"),
            hint="`perftui record -- COMMAND` makes one",
        )
    named = [series for series in every if not workload or series.workload == workload]
    if not named:
        raise _unknown(workload, every)
    chosen = beside_others(named[0], named if workload else every)
    return chosen if last is None else replace(chosen, runs=chosen.runs[-last:])


def series_of(every: Sequence[Series], meta: SessionMeta) -> Series | None:
    """Return the series that a session belongs to, or would if it were complete; else one of its workload's name."""
    key, host = meta.workload_key, meta.environment.get(_HOST, "")
    for series in every:
        newest = series.runs[-1].newest.meta
        if newest is not None and (newest.workload_key, series.host) == (key, host):
            return series
    return next((series for series in every if series.workload == workload_name(meta)), None)


def beside_others(chosen: Series, every: Iterable[Series]) -> Series:
    """Return a series that says what of its workload it leaves out."""
    return replace(chosen, remarks=tuple(_left_out(chosen, every)))


def _series(host: str, newest_first: Sequence[SessionEntry]) -> Series:
    meta = newest_first[0].meta
    assert meta is not None
    return Series(workload_name(meta), host, tuple(sorted(_points(newest_first), key=lambda runs: runs.newest.age_key)))


def _points(newest_first: Sequence[SessionEntry]) -> Iterable[Runs]:
    """Yield what is one point each: a session, the runs of a group, a part of a watch, for its parts follow another."""
    for runs in listed_runs(newest_first):
        if runs.is_watch:
            yield from (Runs((entry,)) for entry in runs.entries)
        else:
            yield runs


def _is_usable(entry: SessionEntry) -> bool:
    meta = entry.meta
    return meta is not None and meta.state is SessionState.COMPLETE and meta.side is not RunSide.BASE


def _left_out(chosen: Series, others: Iterable[Series]) -> Iterable[str]:
    for other in others:
        if other is chosen or other.workload != chosen.workload:
            continue
        count = len(other.entries)
        sessions = f"{count} session{'' if count == 1 else 's'}"
        where = f"of the machine {printable(other.host) or 'nobody knows which'}"
        if other.host == chosen.host:
            where = "with other arguments, or of another folder"
        yield f"{sessions} {where} {'is' if count == 1 else 'are'} left out"


def _unknown(workload: str, every: Sequence[Series]) -> NoDataError:
    names = list(dict.fromkeys(series.workload for series in every))
    close = difflib.get_close_matches(workload, names, n=3, cutoff=0.5)
    what = f"did you mean {' or '.join(map(printable, close))}?" if close else ", ".join(map(printable, names[:8]))
    return NoDataError(
        f"no sessions are of the workload {printable(workload)!r}", hint=what if close else f"there are {what}"
    )
